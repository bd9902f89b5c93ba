"""Accounts that answer alike are weighed once, for nothing tells them apart.

Most newcomers share nothing with anybody: each is a community of its own, and what is
believed of it follows from its answers alone. So a run over a million newcomers weighs
some thousand profiles and the communities of two and more, with the same result to the
last bit.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


def profiles_of(
    levels: Iterable[np.ndarray], *, start: np.ndarray | None = None
) -> np.ndarray:
    """Return a number per account by its answers: equal numbers mean equal answers.

    `levels` are arrays over the accounts, -1 and up; `start` are numbers from an
    earlier call that are told apart further. The numbers are 0 and up, without gaps.

    >>> profiles_of([np.array([0, 1, 0, -1]), np.array([2, 2, 2, 2])]).tolist()
    [1, 2, 1, 0]
    """
    found = start
    for level in levels:
        if found is None:
            found = np.zeros(len(level), dtype=np.int64)
        if len(level) == 0:
            continue
        pair = found * (int(level.max()) + 2) + (level + 1)
        found = without_gaps(pair)
    assert found is not None, "there is nothing to tell accounts apart by"
    return found


def without_gaps(numbers: np.ndarray) -> np.ndarray:
    """Renumber from 0, in the same order, without numbers that nobody has."""
    present = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
    present[numbers] = True
    return np.asarray((np.cumsum(present) - 1)[numbers])


def one_of_each(numbers: np.ndarray) -> np.ndarray:
    """Return for each number, 0 and up without gaps, the first place that has it."""
    first = np.empty(int(numbers.max(initial=-1)) + 1, dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return first


@dataclass(frozen=True)
class Distinct:
    """Accounts and communities, each kind of lone account only once.

    `unit` leads from accounts to units, `group` from communities to groups; `account`
    and `community` lead back to one of each. `group_of` is the group of each unit.
    """

    unit: np.ndarray
    account: np.ndarray
    group: np.ndarray
    community: np.ndarray
    group_of: np.ndarray

    @classmethod
    def of(cls, profile: np.ndarray, community: np.ndarray) -> "Distinct":
        """Take together the accounts alone in their community that answer alike.

        `community` numbers every account's community, 0 and up, without gaps.
        """
        size = np.bincount(community)
        alone = size[community] == 1
        count = len(community)
        most = int(profile.max(initial=-1)) + 1
        label = np.where(alone, profile, most + np.arange(count))
        unit = without_gaps(label)
        account = one_of_each(unit)
        # Communities of one go by the profile of that one.
        held = one_of_each(community)
        named = np.where(size == 1, profile[held], most + np.arange(len(size)))
        group = without_gaps(named)
        chosen = one_of_each(group)
        return cls(
            unit=unit,
            account=account,
            group=group,
            community=chosen,
            group_of=group[community[account]],
        )
