"""For the person listed: the fewest things without which the account would not be.

The card of the account says which things may be enough; then the analysis is repeated
on the run's events without them, so that what is said is what would be.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyses.casework.again import analysed_again, events_copied, settings_of
from analyses.casework.own_events import HELPED, OwnEvent, own_events
from analyses.detection.helper_signals import HELPER_SIGNALS
from analyses.detection.signals import CONDUCT, SIGNALS
from analyses.policy import LISTED, Case, PolicySettings, suggest
from analyses.reporting.card_parts import as_text, wrapped
from analyses.reporting.waterfall import log2_odds, probability
from analyses.reporting.wording import ACTION_WORDS, APPEAL, in_words
from analyses.run import Account, Run
from graph.errors import InputError, NotFoundError
from graph.lockstep import build_lockstep

MOST_TOGETHER = 4
"""How many things are tried together, from the smallest sets on."""

MOST_TRIED = 4
"""How many sets that the card finds enough are tried before all things together."""

SPEAKS = 0.5
"""The least bits at which a signal counts as a reason, as in the findings."""


@dataclass(frozen=True)
class Appeal:
    """What came out: the things, and how the account would stand without them.

    `enough` tells whether the account is then not listed; `without` is None when the
    analysis was not repeated.
    """

    account_id: str
    action: str
    things: tuple[OwnEvent, ...]
    looked_at: int
    enough: bool
    without: str | None = None

    def text(self) -> str:
        """Return it as a text that can be handed to the person."""
        said = in_words(ACTION_WORDS, self.action)
        lines = [
            f"APPEAL of account {self.account_id}",
            *wrapped(f"It is listed; the suggested action is: {said}."),
            "",
            *wrapped(self._what_this_is()),
        ]
        for number, thing in enumerate(self.things, start=1):
            lines += [
                "",
                *wrapped(f"{number}. {thing.says}."),
                *wrapped(f"To check: {thing.ask}", indent="     "),
            ]
        if self.without is not None:
            lines += ["", *wrapped(self.without)]
        return as_text([*lines, "", "Objection", *wrapped(APPEAL)])

    def _what_this_is(self) -> str:
        number = len(self.things)
        rows = sum(thing.rows for thing in self.things)
        events = f"{rows:,} event{'s' * (rows != 1)}"
        if not self.enough:
            return (
                "No set of the account's own events is enough to take it off the list. "
                f"All {number} that its evidence rests on ({events}) follow."
            )
        return (
            f"Without the following {'thing' if number == 1 else f'{number} things'} "
            f"({events}), of {self.looked_at} that were looked at, the account would "
            "not be listed. If "
            f"{'it is' if number == 1 else 'one of them is'} wrong or has an innocent "
            "reason, the listing does not hold."
        )


def appeal(run: Run, account_id: str, *, check: bool = True) -> Appeal:
    """Return the fewest own events without which the account would not be listed.

    With `check` the analysis is repeated without them, which takes as long as the run
    took; without, the card alone is asked. InputError when the account is not listed.
    """
    account = _listed(run, account_id)
    number = run.store.rows(
        "SELECT account FROM account_names WHERE account_id = $id", {"id": account_id}
    )[0][0]
    card = _Card.of(run, account, number)
    things = own_events(run, number, card.codes)
    action = str(account.facts["action"])
    repeated = _Repeated(run, number, account_id)

    def made(chosen: tuple[OwnEvent, ...], *, enough: bool) -> Appeal:
        without = repeated.says.get(chosen)
        return Appeal(account_id, action, chosen, len(things), enough, without)

    every = tuple(things)
    for chosen in itertools.islice(_candidates(card, things), MOST_TRIED):
        if not check:
            return made(chosen, enough=True)
        if not repeated.listed_without(chosen):
            return made(_shrunk(chosen, repeated), enough=True)
    if not check or repeated.listed_without(every):
        return made(every, enough=False)
    return made(_shrunk(every, repeated), enough=True)


class _Repeated:
    """The analysis repeated without some things, and what came of it each time."""

    def __init__(self, run: Run, number: int, account_id: str) -> None:
        self.run, self.number, self.account_id = run, number, account_id
        self.says: dict[tuple[OwnEvent, ...], str] = {}

    def listed_without(self, chosen: tuple[OwnEvent, ...]) -> bool:
        """Repeat the analysis; tell whether the account is listed."""
        listed, self.says[chosen] = _without(
            self.run, self.number, self.account_id, chosen
        )
        return listed


def _shrunk(chosen: tuple[OwnEvent, ...], repeated: _Repeated) -> tuple[OwnEvent, ...]:
    """Leave out, one after the other, what need not be removed.

    What says least about conduct is left out first. The set that remains is enough, and
    none of it can be spared.
    """
    order = sorted(
        chosen,
        key=lambda t: (bool(t.signals & HELPED or t.verified), bool(t.links), -t.rows),
    )
    for thing in order:
        fewer = tuple(other for other in chosen if other is not thing)
        if fewer and not repeated.listed_without(fewer):
            chosen = fewer
    return chosen


def _listed(run: Run, account_id: str) -> Account:
    try:
        account = run.account(account_id)
    except NotFoundError as error:
        raise InputError(f"{error}: there is nothing to appeal against") from error
    if not account.facts.get("listed"):
        raise InputError(
            f"account {account_id!r} is not listed (action "
            f"{account.facts.get('action', 'none')}): there is no listing to appeal"
        )
    return account


@dataclass(frozen=True)
class _Card:
    """The account's evidence, as far as the rules look at it."""

    role: str
    bits: Mapping[str, float]
    of_team: Mapping[str, float]
    whole: float
    policy: PolicySettings
    links: frozenset[str]

    @classmethod
    def of(cls, run: Run, account: Account, number: int) -> "_Card":
        evidence = account.evidence
        own = evidence[evidence["account_id"].notna()]
        team = evidence[evidence["account_id"].isna()]
        return cls(
            role=str(account.facts.get("role", "")),
            bits=dict(zip(own["signal"], own["bits"].astype(float), strict=True)),
            of_team=dict(zip(team["signal"], team["bits"].astype(float), strict=True))
            if "team" in set(own["signal"])
            else {},
            whole=log2_odds(float(account.facts["risk"])),
            policy=settings_of(run).policy,
            links=_links(run, number),
        )

    @property
    def codes(self) -> frozenset[str]:
        """The signals that speak for the listing."""
        both = {*self.bits, *self.of_team}
        return frozenset(code for code in both if self._weight(code) > 0)

    def listed_without(
        self, chosen: Sequence[OwnEvent], things: Sequence[OwnEvent]
    ) -> bool:
        """Tell whether, by the card, the account is listed without these things."""
        left = [thing for thing in things if thing not in chosen]
        resting = {code for thing in things for code in thing.signals}
        standing = {code for thing in left for code in thing.signals}
        lost = resting - standing
        linked = {kind for thing in things for kind in thing.links} & self.links
        if linked and not linked & {kind for thing in left for kind in thing.links}:
            # Nothing ties it to its team any more, which then says nothing about it.
            lost |= {"team", "attachment", *self.of_team}
        odds = self.whole - sum(self.bits.get(code, 0.0) for code in lost)
        codes = [
            code
            for code in self.codes - lost
            if self._weight(code) >= SPEAKS and code in _FAMILIES
        ]
        kinds = {_FAMILIES[code] for code in codes} - {"lockstep"}
        action, _ = suggest(
            Case(
                role=self.role,
                risk=probability(odds),
                kinds=len(kinds),
                conduct=bool(kinds & set(CONDUCT)),
                verified=sum(thing.verified for thing in left),
            ),
            self.policy,
        )
        return action in LISTED

    def _weight(self, code: str) -> float:
        return self.bits.get(code, 0.0) + self.of_team.get(code, 0.0)


_FAMILIES = {code: signal.family for code, signal in SIGNALS.items()} | {
    code: signal.family for code, signal in HELPER_SIGNALS.items()
}


def _links(run: Run, number: int) -> frozenset[str]:
    """Return the kinds of shared key that tie the account to others."""
    lockstep = build_lockstep(run.store)
    mine = (lockstep.accounts[lockstep.account] == number) & (lockstep.weight > 0)
    return frozenset(str(kind) for kind in lockstep.kinds[lockstep.key[mine]])


def _candidates(
    card: _Card, things: Sequence[OwnEvent]
) -> Iterator[tuple[OwnEvent, ...]]:
    """Yield the sets without which the card lists nobody, the smallest first."""
    verified = sorted(
        (thing for thing in things if thing.verified), key=lambda t: (t.rows, t.says)
    )
    spare = len(verified) - card.policy.many + 1
    by_rule = tuple(verified[:spare]) if spare > 0 else ()
    order = sorted(things, key=lambda t: (t.rows, t.says, t.ids))
    for size in range(1, len(order) + 1):
        if size == len(by_rule) and size > MOST_TOGETHER:
            yield by_rule
        if size > MOST_TOGETHER:
            continue
        for chosen in itertools.combinations(order, size):
            if not card.listed_without(chosen, things):
                yield chosen


def _without(
    run: Run, number: int, account_id: str, chosen: Sequence[OwnEvent]
) -> tuple[bool, str]:
    """Repeat the analysis without these things; tell whether it is listed, and how."""
    with events_copied(run) as store:
        for thing in chosen:
            thing.take_out(store, number)
        accounts = analysed_again(run, store)
    rows = accounts[accounts["account_id"] == account_id]
    if rows.empty or rows["action"].iloc[0] == "none":
        said = "there is nothing to say about the account"
        listed = False
    else:
        action, listed = str(rows["action"].iloc[0]), bool(rows["listed"].iloc[0])
        said = f"the suggested action is: {in_words(ACTION_WORDS, action)}"
    return listed, f"The analysis was repeated without them: {said}."
