"""The small charts of the case file as SVG: time lines, stalls, and the overview."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import cos, radians

from markupsafe import Markup

from analyses.reporting.page.tracks import DAY, TRACK_NAMES, Track
from analyses.reporting.stalls import Session
from analyses.reporting.texts import Texts

TRACK_COLOURS = {
    "registrations": "#c44e00",
    "scans": "#6a51a3",
    "helps_given": "#0067a3",
    "helps_received": "#a8487f",
    "complaints": "#8a6d00",
    "sanctions": "#b00020",
}
WIDE, LEFT, ROW = 1000, 190, 44
EARTH_METRES_A_DEGREE = 111_195.0
TOWN_DEGREES = 0.45


def iso(day: int) -> str:
    """Write a day, a number of days since 1970, as a date.

    >>> iso(20_000)
    '2024-10-04'
    """
    return f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}"


def timeline_svg(
    tracks: Sequence[Track], title: str, texts: Texts, span: tuple[int, int]
) -> Markup:
    """Return a row of daily bars for each kind of event; `span`: first and last day."""
    first, last = span
    step = (WIDE - LEFT - 12) / max(1, last - first + 1)
    rows = []
    for number, track in enumerate(tracks):
        top = number * ROW + 6
        _, most = track.busiest
        bars = " ".join(
            f"M{LEFT + (day - first) * step:.1f} {top + 34}"
            f"v{-max(2.0, 32 * count / most):.1f}"
            f"h{max(1.0, step - 0.6):.1f}V{top + 34}z"
            for day, count in track.days
            if first <= day <= last
        )
        rows.append(
            Markup(
                '<text x="{}" y="{}" class="label">{}</text>'
                '<text x="{}" y="{}" class="small">{}</text>'
                '<path d="{}" fill="{}"><title>{}</title></path>'
                '<line x1="{}" x2="{}" y1="{}" y2="{}" class="axis"/>'
            ).format(
                LEFT - 10,
                top + 17,
                texts(TRACK_NAMES.get(track.code, track.code)),
                LEFT - 10,
                top + 32,
                texts(
                    "{n} in all, {most} a day at most", n=f"{track.total:,}", most=most
                ),
                bars,
                TRACK_COLOURS.get(track.code, "#444"),
                track_words(track, texts),
                LEFT,
                WIDE - 12,
                top + 34.5,
                top + 34.5,
            )
        )
    high = len(tracks) * ROW + 30
    ticks = _ticks(first, last, step, high - 24)
    return Markup(
        '<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        "{}{}</svg>"
    ).format(WIDE, high, title, ticks, Markup("").join(rows))


def track_words(track: Track, texts: Texts) -> str:
    """Return a track as a sentence, for those who do not see the bars."""
    day, most = track.busiest
    return texts(
        "{what}: {n} from {first} to {last}, most on {day} ({most})",
        what=texts(TRACK_NAMES.get(track.code, track.code)),
        n=f"{track.total:,}",
        first=iso(track.days[0][0]),
        last=iso(track.days[-1][0]),
        day=iso(day),
        most=most,
    )


def _ticks(first: int, last: int, step: float, low: float) -> Markup:
    marks = []
    every = 7 if last - first <= 70 else 14 if last - first <= 140 else 30
    for day in range(first, last + 1, every):
        x = LEFT + (day - first) * step
        marks.append(
            Markup(
                '<line x1="{0}" x2="{0}" y1="4" y2="{1}" class="grid"/>'
                '<text x="{0}" y="{2}" class="tick">{3}</text>'
            ).format(round(x, 1), low, low + 16, iso(day)[5:])
        )
    return Markup("").join(marks)


def towns(sessions: Sequence[Session]) -> list[list[Session]]:
    """Return the stalls with a position by town, in the order of their first day."""
    groups: list[list[Session]] = []
    for stall in sessions:
        if stall.latitude is None or stall.longitude is None:
            continue
        for group in groups:
            if any(_near(stall, other) for other in group):
                group.append(stall)
                break
        else:
            groups.append([stall])
    return groups


def _near(a: Session, b: Session) -> bool:
    assert a.latitude is not None and a.longitude is not None
    assert b.latitude is not None and b.longitude is not None
    return (
        abs(a.latitude - b.latitude) < TOWN_DEGREES * 1e6
        and abs(a.longitude - b.longitude) < TOWN_DEGREES * 1e6
    )


def stalls_svg(town: Sequence[Session], title: str) -> Markup:
    """Return a sketch of one town: each stall with its number, the way between them.

    North is up; a bar shows the scale.
    """
    middle = sum(s.latitude or 0 for s in town) / len(town) / 1e6
    squeeze = cos(radians(middle))
    xs = [(s.longitude or 0) / 1e6 * squeeze for s in town]
    ys = [-(s.latitude or 0) / 1e6 for s in town]
    spread = max(max(xs) - min(xs), max(ys) - min(ys), 0.004)
    scale = 216 / spread
    x0, y0 = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    points = [
        (round(150 + (x - x0) * scale, 1), round(138 + (y - y0) * scale, 1))
        for x, y in zip(xs, ys, strict=True)
    ]
    metres = _round_length(60 / scale * EARTH_METRES_A_DEGREE)
    bar = metres / EARTH_METRES_A_DEGREE * scale
    way = " ".join(f"{x},{y}" for x, y in points)
    marks = Markup("").join(
        Markup(
            '<circle cx="{0}" cy="{1}" r="9" style="fill-opacity:{2}"/>'
            '<text x="{0}" y="{3}">{4}</text>'
        ).format(x, y, round(0.25 + 0.75 * n / len(town), 2), y + 4, stall.number)
        for n, ((x, y), stall) in enumerate(zip(points, town, strict=True), start=1)
    )
    length = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return Markup(
        '<svg class="stalls" viewBox="0 0 300 300" role="img" aria-label="{}">'
        '<rect x="0" y="0" width="300" height="300" class="sheet"/>'
        '<path d="M282 30v-18m-5 7l5-8 5 8" class="north"/>'
        '<polyline points="{}" class="way"/>{}'
        '<line x1="14" x2="{}" y1="284" y2="284" class="scale"/>'
        '<text x="14" y="277" class="length">{}</text></svg>'
    ).format(title, way, marks, round(14 + bar, 1), length)


def _round_length(metres: float) -> float:
    """Return a length of 1, 2 or 5 times a power of ten that is not below.

    >>> _round_length(130), _round_length(5_100)
    (200, 10000)
    """
    power = 1
    while True:
        for first in (1, 2, 5):
            if first * power >= metres:
                return first * power
        power *= 10


def risk_bars(counts: Mapping[str, Sequence[int]], title: str) -> Markup:
    """Return, per kind of team, ten bars: how many teams by risk, 0 to 1."""
    most = max((max(row) for row in counts.values()), default=1) or 1
    rows = []
    for number, (name, row) in enumerate(counts.items()):
        low = number * 84 + 74
        for place, count in enumerate(row):
            high = round(max(40 * count / most, 2.0) if count else 0.0, 1)
            left = 6 + place * 42
            rows.append(
                Markup(
                    '<rect x="{}" y="{}" width="38" height="{}" class="bar b{}"/>'
                    '<text x="{}" y="{}" class="count">{}</text>'
                ).format(
                    left,
                    low - high,
                    high,
                    place,
                    left + 19,
                    low - high - 4,
                    count or "",
                )
            )
        rows.append(
            Markup(
                '<text x="6" y="{}" class="label start">{}</text>'
                '<line x1="6" x2="424" y1="{}" y2="{}" class="axis"/>'
            ).format(low - 58, name, low + 0.5, low + 0.5)
        )
    high = len(counts) * 84
    ends = Markup(
        '<text x="6" y="{0}" class="small start">0</text>'
        '<text x="215" y="{0}" class="tick">0.5</text>'
        '<text x="424" y="{0}" class="small">1</text>'
    ).format(high + 6)
    return Markup(
        '<svg class="risks" viewBox="0 0 430 {}" role="img" aria-label="{}">{}{}</svg>'
    ).format(high + 12, title, Markup("").join(rows), ends)


def places_svg(stalls: Sequence[tuple[int, int, int]], title: str) -> Markup:
    """Return all stalls of the run on a sheet: latitude, longitude, helps of each."""
    if not stalls:
        return Markup("")
    xs = [lon / 1e6 for _, lon, _ in stalls]
    ys = [lat / 1e6 for lat, _, _ in stalls]
    squeeze = cos(radians(sum(ys) / len(ys)))
    wide = max((max(xs) - min(xs)) * squeeze, 0.2)
    high = max(max(ys) - min(ys), 0.2)
    scale = min(380 / wide, 240 / high)
    x0, y0 = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    most = max(helps for _, _, helps in stalls)
    spots = Markup("").join(
        Markup('<circle cx="{}" cy="{}" r="{}"/>').format(
            round(220 + (x - x0) * squeeze * scale, 1),
            round(150 - (y - y0) * scale, 1),
            round(2.5 + 7 * (helps / most) ** 0.5, 1),
        )
        for x, y, (_, _, helps) in zip(xs, ys, stalls, strict=True)
    )
    lines = []
    every = _round_length(max(wide / squeeze, high) / 4 * 100) / 100
    for number in range(int(min(xs) // every), int(max(xs) // every) + 2):
        x = 220 + (number * every - x0) * squeeze * scale
        if 10 <= x <= 430:
            lines.append(_grid(x, None, f"{number * every:g}° E"))
    for number in range(int(min(ys) // every), int(max(ys) // every) + 2):
        y = 150 - (number * every - y0) * scale
        if 10 <= y <= 280:
            lines.append(_grid(None, y, f"{number * every:g}° N"))
    return Markup(
        '<svg class="places" viewBox="0 0 440 300" role="img" aria-label="{}">'
        '<rect width="440" height="300" class="sheet"/>{}{}</svg>'
    ).format(title, Markup("").join(lines), spots)


def _grid(x: float | None, y: float | None, name: str) -> Markup:
    if y is None:
        assert x is not None
        return Markup(
            '<line x1="{0}" x2="{0}" y1="0" y2="300" class="grid"/>'
            '<text x="{1}" y="296" class="small start">{2}</text>'
        ).format(round(x, 1), round(x + 3, 1), name)
    return Markup(
        '<line x1="0" x2="440" y1="{0}" y2="{0}" class="grid"/>'
        '<text x="4" y="{1}" class="small start">{2}</text>'
    ).format(round(y, 1), round(y - 3, 1), name)
