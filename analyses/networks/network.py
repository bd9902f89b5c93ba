"""What a kind of network says of itself: all that its one file has to declare.

A network *finds* candidates: groups of accounts that share what its members share. Two
tables of evidence say whether a candidate is a team, and whether an account belongs
to it: each piece weighs how much more likely it is under collusion than in an
innocent group that shares the same, in bits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from analyses.detection.giver_signals import SIGNAL_CAP, GiverSignal
from analyses.detection.signals import Level, Signal
from graph.schema import TABLES
from graph.store import Store


@dataclass(frozen=True)
class TeamSignal(GiverSignal):
    """One question about a candidate as a whole: a share and how it is spread.

    Signals of one `family` see the same thing twice: they are one kind of evidence.
    """

    family: str = ""


@dataclass(frozen=True)
class Network:
    """A kind of network.

    | field | what it is |
    |---|---|
    | kind | the team kind, a word of the contract |
    | word | with what a team's id begins |
    | needs | tables, or `table.column`, without which it is not analysed |
    | uses | what else it looks at; without it, that evidence is left out |
    | team_signals, member_signals | the two tables of evidence, in bits |
    | find | makes the tables below from the numbered event tables |
    | roles | those of its members, the one that counts first where there are two |
    | prior | bits that a candidate is a team, before any evidence |
    | strangers | bits, at most, that an account belongs to a team that is sure |
    | least | how many members that take part make a team |
    | pattern | of the helps that it gave, in the contract's words |
    | grounds | which events a signal rests on, where it is not all of a member's |
    | harm | signals of which one must speak, or nobody is listed; none: no such rule |

    `find` makes in the store, with any numbers for the candidates:

    | table | columns |
    |---|---|
    | network_members | team, account, role |
    | network_shares | team, signal, yes, known: how many show it, of how many |
    | network_answers | team, account, signal, answer: the number of the level |
    | network_events | team, account, ground, "table", id, moment |
    | network_helps | team, help_id (only with a `pattern`) |
    | network_served | team, account: whom it works for; other teams' members |
    | network_stalls | team, session, first, last, latitude, longitude, placed_by |
    | network_stall_scans | team, session, scan_id: of those who were lured there |

    The deceived have no evidence against them: they need no answers.
    """

    kind: str
    word: str
    says: str
    needs: tuple[str, ...]
    roles: tuple[str, ...]
    find: Callable[[Store], None]
    team_signals: Mapping[str, TeamSignal]
    member_signals: Mapping[str, Signal]
    uses: tuple[str, ...] = ()
    prior: float = -6.0
    strangers: float = 3.0
    least: int = 3
    pattern: str = ""
    grounds: Mapping[str, str] = field(default_factory=dict)
    harm: tuple[str, ...] = ()

    @property
    def families(self) -> dict[str, str]:
        """The family of each signal by its code."""
        of_teams = {code: each.family for code, each in self.team_signals.items()}
        return of_teams | {c: each.family for c, each in self.member_signals.items()}


def team_signals(*signals: TeamSignal) -> dict[str, TeamSignal]:
    """Return a table of signals by code."""
    return {signal.code: signal for signal in signals}


def member_signals(*signals: Signal) -> dict[str, Signal]:
    """Return a table of signals by code."""
    return {signal.code: signal for signal in signals}


def share(
    code: str,
    family: str,
    question: str,
    for_: str,
    against: str,
    collusive: tuple[float, float],
    innocent: tuple[float, float],
    *,
    least: float = -SIGNAL_CAP,
) -> TeamSignal:
    """Return a question about a candidate; the last two say how the share is spread."""
    return TeamSignal(
        code, question, for_, against, collusive, innocent, least=least, family=family
    )


def answer(
    code: str,
    family: str,
    question: str,
    for_: str,
    against: str,
    *levels: tuple[str, float, float],
) -> Signal:
    """Return a question to a member, with its answers.

    A level is a sentence, and how many of 1 member and of 1 stranger answer so.
    """
    return Signal(
        code,
        family,
        question,
        for_,
        against,
        tuple(
            Level(f"{code}_{number}", sentence, collusive, innocent)
            for number, (sentence, collusive, innocent) in enumerate(levels)
        ),
    )


def lacking(store: Store, network: Network, *, numbered: bool = True) -> str:
    """Say what is not there that a network needs; an empty text when all is there.

    A table of no rows is not there, nor is a column that is null in each. Tables that
    are not `numbered` are those that were loaded, where a column has its id.
    """
    for need in network.needs:
        table, _, column = need.partition(".")
        given = TABLES[table]
        stored = table if numbered else f"loaded_{table}"
        if not store.has(stored) or store.count(stored) == 0:
            return f"no row of {table} was loaded"
        if not column:
            continue
        name = next(
            c.name
            for c in given.columns
            if column in (c.name, c.name.removesuffix("_id"))
        )
        if not store.rows(
            f'SELECT 1 FROM "{stored}" '
            f'WHERE "{column if numbered else name}" IS NOT NULL LIMIT 1'
        ):
            return f"the table {table} has no {name}"
    return ""
