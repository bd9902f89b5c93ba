"""The stalls of the crews for those who warn passers-by: who was lured, what is next.

Nothing here accuses a passer-by: a list per stall of the people to be told, and where
and when the crew is likely to stand next.
"""

from analyses.reporting.educate_list import EDUCATE_COLUMNS, educate_rows, position
from analyses.reporting.event_lines import utc
from analyses.reporting.next_stall import NextStall, next_stall
from analyses.reporting.report_tables import table_lines
from analyses.reporting.safe_text import visible
from analyses.reporting.stalls import DAY, Session, stalls_of_crews, window_days
from analyses.reporting.texts import ENGLISH, Texts
from analyses.run import Run
from graph.errors import NotFoundError, did_you_mean

OVERDUE = "By its habits it ought to have stood again: it may have stopped, or moved."


def stalls_text(
    run: Run, *, crew: str | None = None, people: bool = False, texts: Texts = ENGLISH
) -> str:
    """Return the stalls of each crew (or of `crew`), and where it may stand next.

    With `people`, those who were lured stand below each stall. Raises NotFoundError
    when the run has no such crew.
    """
    crews = stalls_of_crews(run)
    if crew is not None and crew not in crews:
        raise NotFoundError(
            f"the run has no stalls of a crew {crew!r}{did_you_mean(crew, crews)}: "
            "scanring teams RUN --kind scanning_crew lists the crews"
        )
    lured, (_, end) = _lured(run), window_days(run)
    parts = [
        "\n".join(_crew(team_id, stalls, lured if people else {}, lured, end, texts))
        for team_id, stalls in crews.items()
        if crew in (None, team_id)
    ]
    return "\n\n".join(parts) if parts else texts("no stalls were found")


def _lured(run: Run) -> dict[tuple[str, int], list[str]]:
    """Return the accounts of those who were lured, by crew and stall."""
    names = list(EDUCATE_COLUMNS)
    found: dict[tuple[str, int], set[str]] = {}
    for row in educate_rows(run):
        cells = dict(zip(names, row, strict=True))
        if cells["stall"] is not None:
            key = (str(cells["team_id"]), int(cells["stall"]))
            found.setdefault(key, set()).add(str(cells["account_id"]))
    return {key: sorted(accounts) for key, accounts in found.items()}


def _crew(
    team_id: str,
    stalls: list[Session],
    shown: dict[tuple[str, int], list[str]],
    lured: dict[tuple[str, int], list[str]],
    end: int,
    texts: Texts,
) -> list[str]:
    columns = ("stall", "day", "hours (UTC)", "place", "helps", "people to tell")
    rows = [
        (
            stall.number,
            day(stall.first // DAY),
            f"{clock(stall.first)}–{clock(stall.last)}",
            place(stall, texts),
            stall.helps,
            len(lured.get((team_id, stall.number), [])),
        )
        for stall in stalls
    ]
    head, *lines = table_lines([texts(name) for name in columns], rows)
    result = [visible(team_id), head]
    for stall, line in zip(stalls, lines, strict=True):
        result.append(line)
        there = shown.get((team_id, stall.number), [])
        result += [f"      {visible(account_id)}" for account_id in there]
    told = next_stall(stalls, after=end)
    return [*result, *(_next(told, texts) if told else [])]


def _next(told: NextStall, texts: Texts) -> list[str]:
    lines = [
        f"  {texts('Likely next:')} "
        + texts(
            "between {first} and {last}, most likely about {usual}, "
            "from {begin} to {end} UTC",
            first=day(told.first_day),
            last=day(told.last_day),
            usual=day(told.usual_day),
            begin=clock(told.from_second),
            end=clock(told.to_second),
        )
    ]
    if told.overdue:
        lines.append(f"    {texts(OVERDUE)}")
    lines += [
        f"    {position(latitude, longitude)}  {share:.0%}"
        for latitude, longitude, share in told.spots[:3]
    ]
    return lines


def day(number: int) -> str:
    """Write a number of days since 1970 as a date.

    >>> day(20_000)
    '2024-10-04'
    """
    return utc(number * DAY)[:10]


def clock(seconds: int) -> str:
    """Write the time of day of a number of seconds.

    >>> clock(86_400 + 3_660)
    '01:01'
    """
    return f"{seconds % DAY // 3600:02}:{seconds % 3600 // 60:02}"


def place(stall: Session, texts: Texts) -> str:
    """Write a position, or else the network, or that neither is known."""
    if stall.latitude is not None and stall.longitude is not None:
        return position(stall.latitude, stall.longitude)
    if not stall.network:
        return texts("not known")
    if stall.placed_by == "access point":
        return texts("access point {wifi}", wifi=visible(stall.network))
    return texts("address {ip}", ip=visible(stall.network))
