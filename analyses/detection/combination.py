"""All evidence on a new account together: one weighted sum, fitted on sample worlds.

The belief model weighs signals as if they were independent once the team is known. They
are not, and how far one may be trusted beside the others is the same question in every
world. So the bits that it found are summed up anew, each with a weight of its own
(logistic regression, as in stacking; Wolpert 1992). The weights are never negative:
what speaks for a thing cannot speak against it in company.

That is done twice. What is believed of the others at a shared key is at first what the
belief model says of them, and then what the first sum says, which knows more (stacked
graphical learning; Kou and Cohen 2007). The weights of both are in
`combined_weights.json`, with the worlds they were fitted on; `make fit` fits them
again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import chain

import numpy as np

from analyses.detection.belief import Beliefs, probability
from analyses.detection.signals import JOINED, SIGNALS, WAYS
from graph.lockstep import Lockstep

TEAM = "team"
"""The line of a card that says what an account's community adds."""

FREE = ("intercept", "community size")
"""Parts whose weight may be negative: they are no evidence."""

OTHERS_PRIOR = 3.0
"""How many members without an answer the others of a community are blended with."""


@dataclass(frozen=True)
class Part:
    """One summand: its name, the line of the card it belongs to, a value an account."""

    name: str
    line: str
    value: np.ndarray

    def add_to(self, bits: np.ndarray, weights: Mapping[str, float]) -> None:
        """Add the value to these bits, times its weight; without one it is nothing."""
        if self.name in weights:
            bits += weights[self.name] * self.value


@dataclass(frozen=True)
class Weights:
    """The weights of the first sum and of the second, by the name of the part."""

    first: Mapping[str, float]
    second: Mapping[str, float]


def combine(
    beliefs: Beliefs,
    lockstep: Lockstep,
    *,
    weights: Weights | None = None,
    corrections: Mapping[str, np.ndarray] | None = None,
) -> Beliefs:
    """Return the beliefs with the bits of each account weighed together.

    `start` is then what the community of an account adds, and `own` what its own
    answers add, by signal, and the others at its keys, by `JOINED`; they sum up to the
    log2 odds of `risk`.
    """
    weights = weights or fitted_weights()
    count = len(beliefs.community)
    first = np.full(count, weights.first["intercept"])
    start = np.full(count, weights.second["intercept"])
    own = {code: np.zeros(count) for code in (*beliefs.own, *JOINED)}
    for code, learned in sorted((corrections or {}).items()):
        bits = np.append(learned, 0.0)[beliefs.levels[code]]
        own[code] = own.get(code, np.zeros(count)) + bits
        first += bits
    for part in parts_of_answers(beliefs):
        part.add_to(first, weights.first)
        part.add_to(start if part.line == TEAM else own[part.line], weights.second)
    for part in parts_of_links(beliefs, lockstep, beliefs.risk):
        part.add_to(first, weights.first)
    for part in parts_of_links(beliefs, lockstep, probability(first)):
        part.add_to(own[part.line], weights.second)
    risk = probability(start + sum(own.values()))
    return replace(beliefs, start=start, own=own, risk=risk)


def parts(beliefs: Beliefs, lockstep: Lockstep) -> Iterator[Part]:
    """Return all that the first sum is of, one array over the accounts at a time."""
    return chain(
        parts_of_answers(beliefs), parts_of_links(beliefs, lockstep, beliefs.risk)
    )


def parts_of_answers(beliefs: Beliefs) -> Iterator[Part]:
    """Return what is summed up of answers, the same in both sums.

    Of an account's own answer, its bits by the signal table, those against newcomers
    here (`rare`) and those of the model; of its community, the model's bits and the
    mean bits of the other members, by the table and against all newcomers.
    """
    community = beliefs.community
    size = np.bincount(community)
    yield Part("community size", TEAM, np.log2(size)[community])
    yield Part("community start", TEAM, beliefs.start)
    for code, bits in beliefs.shared.items():
        yield Part(f"community {code}", TEAM, bits[community])
    for code, signal in SIGNALS.items():
        level = beliefs.levels[code]
        said = _table_bits(code)[level]
        if signal.of_communities:
            others = _of_others(said, level, community, len(size))
            yield Part(f"others {code}", TEAM, others)
        if code in beliefs.own:
            yield Part(f"answer {code}", code, said)
        rare = _rarity(code, level)
        if signal.of_communities:
            others = _of_others(rare, level, community, len(size))
            yield Part(f"rare others {code}", TEAM, others)
        if code in beliefs.own:
            yield Part(f"rare answer {code}", code, rare)
    for code, bits in beliefs.own.items():
        yield Part(f"own {code}", code, bits)


def parts_of_links(
    beliefs: Beliefs, lockstep: Lockstep, risk: np.ndarray
) -> Iterator[Part]:
    """Return how much is believed of the others at an account's keys, by kind.

    `risk` is what is believed of each account.
    """
    for way, kinds in WAYS.items() if "attachment" in beliefs.own else ():
        yield Part(f"joined {way}", f"joined_{way}", joined(lockstep, kinds, risk))


@cache
def fitted_weights() -> Weights:
    """Return the weights that the project ships."""
    text = files("analyses.detection").joinpath("combined_weights.json").read_text()
    return read_weights(json.loads(text)["weights"])


def read_weights(kept: Mapping[str, Mapping[str, float]]) -> Weights:
    """Return weights from the two objects of JSON that a file has of them."""
    return Weights(first=kept["first"], second=kept["second"])


@cache
def _table_bits(code: str) -> np.ndarray:
    """Return the bits of each answer by the signal table; the last is no answer."""
    levels = SIGNALS[code].levels
    return np.log2([*(level.collusive / level.innocent for level in levels), 1.0])


def _rarity(code: str, level: np.ndarray) -> np.ndarray:
    """Return the bits of each account's answer against all newcomers of the run.

    The innocent share is the share among all newcomers who answered, the table counted
    as 50 of them. What many newcomers do here says less than the table expects.
    """
    levels = SIGNALS[code].levels
    table = np.array([each.innocent for each in levels])
    counts = np.bincount(level.astype(np.int64) + 1, minlength=len(levels) + 1)[1:]
    shares = (counts + 50 * table / table.sum()) / (counts.sum() + 50)
    bits = np.log2(np.array([each.collusive for each in levels]) / shares)
    return np.asarray(np.append(np.clip(bits, -5, 6), 0.0)[level])


def _of_others(
    said: np.ndarray, level: np.ndarray, community: np.ndarray, communities: int
) -> np.ndarray:
    """Return the mean bits of the other members of each account's community."""
    exact = np.rint(1e6 * said)
    known = (level >= 0).astype(np.float64)
    total = np.bincount(community, exact, communities)[community] - exact
    number = np.bincount(community, known, communities)[community] - known
    return np.asarray(total / 1e6 / (number + OTHERS_PRIOR))


def joined(lockstep: Lockstep, kinds: tuple[str, ...], risk: np.ndarray) -> np.ndarray:
    """Return the most that is believed of the others at one of an account's keys."""
    used = np.isin(lockstep.kinds, kinds)[lockstep.key] & (lockstep.weight > 0)
    account, key = lockstep.account[used], lockstep.key[used]
    exact = np.rint(1e6 * risk)
    total = np.bincount(key, exact[account], len(lockstep.kinds))
    number = np.bincount(key, minlength=len(lockstep.kinds))
    mean = (total[key] - exact[account]) / 1e6 / number[key]
    most = np.zeros(len(risk))
    np.maximum.at(most, account, mean)
    return most
