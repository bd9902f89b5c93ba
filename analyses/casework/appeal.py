"""For the person listed: the fewest things without which the account would not be.

The card of the account says which things may be enough; then the analysis is repeated
on the run's events without them, so that what is said is what would be.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyses.casework.again import analysed_again, events_copied, settings_of
from analyses.casework.own_events import HELPED, OwnEvent, own_events
from analyses.detection.helper_signals import BEYOND_PRESENCE, HELPER_SIGNALS
from analyses.detection.signals import CONDUCT, JOINED, SIGNALS
from analyses.policy import LISTED, Case, PolicySettings, suggest
from analyses.reporting.card_parts import as_text, wrapped
from analyses.reporting.texts import ENGLISH, Texts
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

    `enough` tells whether the account is then not listed; `without` is the action that
    is suggested then, None when the analysis was not repeated.
    """

    account_id: str
    action: str
    things: tuple[OwnEvent, ...]
    looked_at: int
    enough: bool
    without: str | None = None

    def text(self, texts: Texts = ENGLISH) -> str:
        """Return it as a text that can be handed to the person."""
        action = texts(in_words(ACTION_WORDS, self.action))
        listed = texts(
            "It is listed; the suggested action is: {action}.", action=action
        )
        lines = [
            texts("APPEAL of account {id}", id=self.account_id),
            *wrapped(listed),
            "",
            *wrapped(self._what_this_is(texts)),
        ]
        for number, thing in enumerate(self.things, start=1):
            check = texts("To check: {ask}", ask=texts(thing.ask))
            lines += [
                "",
                *wrapped(f"{number}. {thing.says}."),
                *wrapped(check, indent="     "),
            ]
        if self.things and self.without is not None:
            stands = texts(
                "The analysis was repeated without them: {said}.",
                said=_stands(self.without, texts),
            )
            lines += ["", *wrapped(stands)]
        return as_text([*lines, "", texts("Objection"), *wrapped(texts(APPEAL))])

    def _what_this_is(self, texts: Texts) -> str:
        rows = sum(thing.rows for thing in self.things)
        events = texts("{n} event" if rows == 1 else "{n} events", n=f"{rows:,}")
        number = len(self.things)
        if not self.things:
            return texts(
                "Which of its own events the listing rests on cannot be tried here: an "
                "appeal looks at registrations, helps and activity. They stand on its "
                "card: scanring explain RUN {id}",
                id=self.account_id,
            )
        if not self.enough:
            return texts(
                "No set of the account's own events is enough to take it off the list. "
                "All {n} that its evidence rests on ({events}) follow.",
                n=number,
                events=events,
            )
        return texts(
            "Without the following thing ({events}), of {all} that were looked at, "
            "the account would not be listed. If it is wrong or has an innocent "
            "reason, the listing does not hold."
            if number == 1
            else "Without the following {n} things ({events}), of {all} that were "
            "looked at, the account would not be listed. If one of them is wrong or "
            "has an innocent reason, the listing does not hold.",
            n=number,
            events=events,
            all=self.looked_at,
        )


def _stands(action: str, texts: Texts) -> str:
    """Return how an account stands, by the action that is suggested."""
    if action == "none":
        return texts("there is nothing to say about the account")
    said = texts(in_words(ACTION_WORDS, action))
    return texts("the suggested action is: {action}", action=said)


def appeal(
    run: Run, account_id: str, *, check: bool = True, texts: Texts = ENGLISH
) -> Appeal:
    """Return the fewest own events without which the account would not be listed.

    With `check` the analysis is repeated without them, a few times; without, the card
    alone is asked. `texts` is the language of the events. InputError when the account
    is not listed.
    """
    account = _listed(run, account_id)
    number = run.store.rows(
        "SELECT account FROM account_names WHERE account_id = $id", {"id": account_id}
    )[0][0]
    card = _Card.of(run, account, number)
    things = own_events(run, number, card.codes)
    said = dict(zip(things, own_events(run, number, card.codes, texts), strict=True))
    action = str(account.facts["action"])
    repeated = _Repeated(run, number, account_id)

    def made(chosen: tuple[OwnEvent, ...], *, enough: bool) -> Appeal:
        without = repeated.actions.get(chosen)
        told = tuple(said[thing] for thing in chosen)
        return Appeal(account_id, action, told, len(things), enough, without)

    every = tuple(things)
    for chosen in itertools.islice(_candidates(card, things), MOST_TRIED):
        if not check:
            return made(chosen, enough=True)
        if not repeated.listed_without(chosen):
            return made(_shrunk(chosen, repeated), enough=True)
        if repeated.listed_without(every):
            break  # what all of them together cannot do, no other set can
    if not check or repeated.listed_without(every):
        return made(every, enough=False)
    return made(_shrunk(every, repeated), enough=True)


class _Repeated:
    """The analysis repeated without some things, and what came of it each time."""

    def __init__(self, run: Run, number: int, account_id: str) -> None:
        self.run, self.number, self.account_id = run, number, account_id
        self.actions: dict[tuple[OwnEvent, ...], str] = {}

    def listed_without(self, chosen: tuple[OwnEvent, ...]) -> bool:
        """Repeat the analysis, once a set; tell whether the account is listed."""
        if chosen not in self.actions:
            self.actions[chosen] = _without(
                self.run, self.number, self.account_id, chosen
            )
        return self.actions[chosen] in LISTED


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
            lost |= {"team", "attachment", *JOINED, *self.of_team}
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
                conduct=bool(kinds & set(CONDUCT) or set(codes) & set(BEYOND_PRESENCE)),
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


def _without(run: Run, number: int, account_id: str, chosen: Sequence[OwnEvent]) -> str:
    """Repeat the analysis without these things; return the action that is suggested."""
    with events_copied(run) as store:
        for thing in chosen:
            thing.take_out(store, number)
        accounts = analysed_again(run, store)
    rows = accounts[accounts["account_id"] == account_id]
    return "none" if rows.empty else str(rows["action"].iloc[0])
