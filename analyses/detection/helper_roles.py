"""What each helper is: friend, lured passer-by, worker, a farm's own, or operator.

A latent class model (Lazarsfeld), fitted by expectation maximisation with the table of
`helper_signals` as prior: each role answers the questions in its own way, answers are
independent given the role, and no labels are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import betaincinv

from analyses.detection.helper_facts import gather_helper_facts
from analyses.detection.helper_signals import (
    HELPER_SIGNALS,
    MANNERS,
    PRIOR,
    ROLE_OF_MANNER,
    ROLES,
)
from graph.store import Store

COLLUSIVE = tuple(
    ROLES[role] not in ("bystander", "lured_helper") for role in ROLE_OF_MANNER
)

COLLUSIVE_ROLES = ~np.isin(ROLES, ("bystander", "lured_helper"))

SURE = 0.9
"""The least chance of collusion of some sort at which a helper is said to be owned."""

OWN_DEVICE, INNOCENT_ENDINGS, TWO_STALLS, MANY_STALLS, TESTED, LOGIN_THERE = (
    [answer.code for answer in HELPER_SIGNALS[code].answers].index(wanted)
    for code, wanted in (
        ("helping_device", "own_helping_device"),
        ("endings", "innocent_endings"),
        ("gatherings", "scans_at_two"),
        ("gatherings", "many_scans_there"),
        ("code_tests", "tested"),
        ("stall_login", "login_there"),
    )
)
"""The answers of who has a device of its own, helped innocent accounts, stood at two
stalls, or four or more, tried codes, and used its account there for more than a scan.
"""

_ROLE_OF_EACH = np.eye(len(ROLES))[list(ROLE_OF_MANNER)]

PRIOR_HELPERS = 400.0
"""What the table's shares count for, in helpers of each role."""

ANCHORS = ("endings", "gatherings", "helped_strangers", "company")
"""Signals whose shares stay as the table has them.

Who helps accounts that end well is no worker, however many such helpers there are:
without this hold the roles drift to whatever large group is left unexplained.
"""

LURED, UNSEEN = MANNERS.index("lured_helper"), MANNERS.index("lured_unseen")

ORDINARY = np.array(
    [not bad and place != UNSEEN for place, bad in enumerate(COLLUSIVE)]
)
"""The innocent manners that a card compares with: a bystander's, and a lured one's."""

MOST_UNSEEN = 0.2
"""The most lured helpers who were not seen at a stall, for each who was."""

MOST_BITS = 7.0
"""No single answer of a helper counts for more on a card."""

CONFIDENCE = 0.1
"""One-sided: the share of bad ends is above the bound with 90 % probability."""


@dataclass(frozen=True)
class HelperModel:
    """How each manner of helping answers each signal, and how frequent the manners are.

    `shares` are manners × answers by signal, `prior` is over the manners.
    """

    shares: Mapping[str, np.ndarray]
    prior: np.ndarray


@dataclass(frozen=True)
class HelperRoles:
    """The roles of all accounts that tried to help.

    `helper` are account numbers, sorted; `chances` is helpers × roles; `bits` has, per
    signal, the log2 of how much better the likeliest collusive role explains the answer
    than the likeliest innocent one, a bystander's or a lured helper's; `score` ranks
    repeat helpers of strangers; `model` is what it was weighed with.
    """

    helper: np.ndarray
    chances: np.ndarray
    levels: dict[str, np.ndarray]
    bits: dict[str, np.ndarray]
    prior_bits: np.ndarray
    score: np.ndarray
    model: HelperModel

    @property
    def role(self) -> np.ndarray:
        """The likeliest role of each, as positions in `ROLES`.

        An owned helper is told from a kind stranger by the least. So whoever seems one
        has an innocent role unless collusion of some sort is `SURE`, and its device or
        how those end whom it helped speak for it. Whoever seems an operator has one
        unless it stood at four stalls or more, tried codes at two, or logged in at
        one: passers-by come by again, too. Who was deceived, or only kind, must not be
        taken for who deceives.
        """
        likeliest = self.chances.argmax(axis=1)
        innocent = np.where(COLLUSIVE_ROLES, -1.0, self.chances).argmax(axis=1)
        unsure = self.chances[:, COLLUSIVE_ROLES].sum(axis=1) < SURE
        alone = self.levels["helping_device"] == OWN_DEVICE
        unsure |= alone & (self.levels["endings"] == INNOCENT_ENDINGS)
        unsure &= likeliest == ROLES.index("owned_helper")
        stalls = self.levels["gatherings"]
        tested = (self.levels["code_tests"] == TESTED) & (stalls >= TWO_STALLS)
        login = self.levels["stall_login"] == LOGIN_THERE
        passing = ~(tested | login | (stalls >= MANY_STALLS))
        passing &= likeliest == ROLES.index("operator")
        return np.asarray(np.where(unsure | passing, innocent, likeliest))


def find_helper_roles(
    store: Store, *, rounds: int = 8, frozen: HelperModel | None = None
) -> HelperRoles:
    """Return the role of every helper; with a `frozen` model nothing is estimated.

    Reads `help_facts`, the gatherings and `account_group(account, team, risk)`; leaves
    behind `helper_facts`, one row a helper, and `stall_sessions`.
    """
    gather_helper_facts(store)
    facts = store.arrow("SELECT * FROM helper_facts ORDER BY helper")
    bound, own_bound = (
        _lower_bound(
            facts[f"{whose}bad"].to_numpy(),
            facts[f"{whose}judged"].to_numpy().astype(np.float64),
        )
        for whose in ("", "own_")
    )
    store.put(
        "helper_bounds", pa.table({"helper": facts["helper"], "own_bound": own_bound})
    )
    levels = _levels(store)
    manners, model = _fit(levels, len(facts), rounds, frozen)
    shares, prior = model.shares, model.prior
    chances = manners @ _ROLE_OF_EACH
    likeliest = np.where(COLLUSIVE, manners, -1.0).argmax(axis=1)
    # Who was lured and not seen answers as nobody else does: no card is read by him.
    innocent = np.where(ORDINARY, manners, -1.0).argmax(axis=1)
    bits = {}
    for code, level in levels.items():
        table = np.column_stack([np.log2(shares[code]), np.zeros(len(PRIOR))])
        weighed = table[likeliest, level] - table[innocent, level]  # -1: no answer
        bits[code] = np.clip(weighed, -MOST_BITS, MOST_BITS)
    again = facts["attempts"].to_numpy() >= 2
    collusive = manners[:, COLLUSIVE].sum(axis=1)
    return HelperRoles(
        helper=facts["helper"].to_numpy(),
        chances=chances,
        levels=levels,
        bits=bits,
        prior_bits=np.log2(prior[likeliest] / prior[innocent]),
        score=collusive * np.where(again, 0.1 + 0.9 * bound, 0.05),
        model=model,
    )


def _levels(store: Store) -> dict[str, np.ndarray]:
    """Return each helper's answer to each signal, by `helper`; -1 where unknown."""
    columns = ", ".join(
        f"CAST({signal.level} AS TINYINT) AS {code}"
        for code, signal in HELPER_SIGNALS.items()
    )
    answers = store.arrow(
        f"""SELECT {columns} FROM helper_facts
            JOIN helper_bounds USING (helper) ORDER BY helper"""
    )
    return {code: answers[code].to_numpy().astype(np.int64) for code in HELPER_SIGNALS}


def put_roles(store: Store, roles: HelperRoles) -> None:
    """Make `helper_role(helper, role)` in the store."""
    names = [ROLES[number] for number in roles.role.tolist()]
    store.put("helper_role", pa.table({"helper": roles.helper, "role": names}))


def _lower_bound(bad: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Return the share of bad ends that is surely exceeded, by a Beta posterior.

    The prior is the share over all helpers, counted as one helped account.

    >>> _lower_bound(np.array([0.0, 4.0]), np.array([4.0, 4.0])).round(2).tolist()
    [0.0, 0.73]
    """
    total = judged.sum()
    base = np.clip(bad.sum() / total if total else 0.0, 0.01, 0.5)
    bound = betaincinv(bad + base, judged - bad + 1 - base, CONFIDENCE)
    return np.asarray(np.where(judged > 0, bound, 0.0))


def _fit(
    levels: dict[str, np.ndarray],
    helpers: int,
    rounds: int,
    frozen: HelperModel | None,
) -> tuple[np.ndarray, HelperModel]:
    """Return the chances of helpers × manners, and the model that they follow from.

    Helpers who answer alike are weighed once.
    """
    table = {
        code: np.array([answer.shares for answer in signal.answers]).T
        for code, signal in HELPER_SIGNALS.items()
    }
    table = {code: t / t.sum(axis=1, keepdims=True) for code, t in table.items()}
    prior = frozen.prior if frozen else np.array(PRIOR)
    shares = dict(frozen.shares) if frozen else dict(table)
    alike, profile, times = _profiles(levels, helpers)
    chances = np.tile(prior, (len(times), 1))
    for turn in range(rounds):
        score = np.tile(np.log(prior), (len(times), 1))
        for code, level in alike.items():
            weights = np.log(shares[code])
            padded = np.column_stack([weights, np.zeros(len(PRIOR))])
            score += padded[:, level].T
        score = np.exp(score - score.max(axis=1, keepdims=True))
        chances = score / score.sum(axis=1, keepdims=True)
        if frozen or turn == rounds - 1:
            break
        millionths = np.rint(1e6 * chances) * times[:, None]  # whole: sums are exact
        prior = millionths.sum(axis=0) / 1e6 + PRIOR_HELPERS * np.array(PRIOR)
        prior /= helpers + PRIOR_HELPERS
        # Some stalls are not seen, but not many more than those that are.
        most = max(MOST_UNSEEN * prior[LURED], PRIOR[UNSEEN])
        prior[UNSEEN] = min(prior[UNSEEN], most)
        shares = {
            code: table[code]
            if code in ANCHORS
            else _reestimate(level, millionths, table[code])
            for code, level in alike.items()
        }
    return chances[profile], HelperModel(shares, prior)


def _profiles(
    levels: dict[str, np.ndarray], helpers: int
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return the different answers, which of them each helper gives, and how many."""
    number, most = np.zeros(helpers, dtype=np.int64), 1
    for code, level in levels.items():
        number *= (answers := len(HELPER_SIGNALS[code].answers) + 1)
        number += level + 1
        most *= answers
    assert most < 2**63, "too many signals for one number"
    _, first, number, times = np.unique(
        number, return_index=True, return_inverse=True, return_counts=True
    )
    return {code: level[first] for code, level in levels.items()}, number, times


def _reestimate(
    level: np.ndarray, millionths: np.ndarray, table: np.ndarray
) -> np.ndarray:
    answered = level >= 0
    sums = [
        np.bincount(level[answered], column[answered], minlength=table.shape[1])
        for column in millionths.T
    ]
    counts = np.column_stack(sums).T / 1e6
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray((counts + PRIOR_HELPERS * table) / (total + PRIOR_HELPERS))
