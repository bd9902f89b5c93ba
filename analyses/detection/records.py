"""What is believed of the others that an account met: at a helper, a stall, a key.

Nobody proves himself: an account's own belief is always left out, and where the
evidence is one of the community's, so are all members of the same community.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from graph.lockstep import Lockstep
from graph.store import Store

WAYS = (
    (("device",), False),
    (("access_point", "address_block"), True),
    (("phone_segment",), True),
    (("helper", "helped", "helper_device", "gathering"), False),
)
"""Ways of being joined: kinds of key that come together count once.

True: strangers come to share it by buying from the same seller.
"""


@dataclass(frozen=True)
class Circle:
    """Accounts that met at something, each once: the customers of a helper, say.

    `account` are positions of accounts, `thing` the number of what they met at.
    """

    account: np.ndarray
    thing: np.ndarray

    def strangers(
        self, belief: np.ndarray, community: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return per account how many others it met, and their summed belief.

        Others are those outside its own community. Of several things the one counts at
        which the others are believed most.
        """
        own = self._own(community)
        held = belief[self.account]
        number = np.bincount(self.thing)[self.thing] - np.bincount(own)[own]
        summed = np.bincount(self.thing, held)[self.thing] - np.bincount(own, held)[own]
        excess = np.rint(1e6 * (2 * summed - number)).astype(np.int64)
        weighed = excess * (int(number.max(initial=0)) + 1) + number
        most = np.full(len(belief), np.iinfo(np.int64).min)
        np.maximum.at(most, self.account, weighed)
        best = np.flatnonzero(weighed == most[self.account])
        numbers, sums = np.zeros(len(belief)), np.zeros(len(belief))
        numbers[self.account[best]] = number[best]
        sums[self.account[best]] = summed[best]  # the last of equals
        return numbers, sums

    def _own(self, community: np.ndarray) -> np.ndarray:
        """Return a number per account: one community's at one thing have the same."""
        known: tuple[np.ndarray, np.ndarray] | None = self.__dict__.get("_known")
        if known is None or known[0] is not community:
            pair = self.thing.astype(np.int64) * (int(community.max(initial=-1)) + 1)
            pair += community[self.account]
            known = community, np.unique(pair, return_inverse=True)[1]
            self.__dict__["_known"] = known  # asked for again in each round
        return known[1]

    def mask(self, accounts: int) -> np.ndarray:
        """Return which accounts met anybody or anything here at all."""
        there = np.zeros(accounts, dtype=bool)
        there[self.account] = True
        return there


@dataclass(frozen=True)
class Acquaintances:
    """All through which one account's belief can bear on another's."""

    customers: Circle
    gatherings: Circle
    lockstep: Lockstep

    def levels(
        self, belief: np.ndarray, community: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Return the levels of the signals that look at what is believed of others."""
        return {
            "helper_record": self._helper_record(belief, community),
            "gathering_record": self._gathering_record(belief, community),
            "attachment": self._attachment(belief),
        }

    def _helper_record(self, belief: np.ndarray, community: np.ndarray) -> np.ndarray:
        number, summed = self.customers.strangers(belief, community)
        level = np.select(
            [number == 0, 2 * summed >= number, 5 * summed >= number], [1, 3, 2], 0
        )
        return np.where(self.customers.mask(len(belief)), level, -1)

    def _gathering_record(
        self, belief: np.ndarray, community: np.ndarray
    ) -> np.ndarray:
        if len(self.gatherings.account) == 0:
            return np.full(len(belief), -1)
        number, summed = self.gatherings.strangers(belief, community)
        level = np.where((4 * summed >= number) & (number > 0), 2, 1)
        return np.where(self.gatherings.mask(len(belief)), level, 0)

    def _attachment(self, belief: np.ndarray) -> np.ndarray:
        """Grade in which ways an account is joined to believed ones."""
        account, key, others, ways = self._joined
        total = np.bincount(key, belief[account], minlength=len(self.lockstep.kinds))
        bad = 2 * (total[key] - belief[account]) >= others[key]
        count = np.zeros(len(belief), dtype=np.int64)
        close = np.zeros(len(belief), dtype=bool)
        for (_, bought), way in zip(WAYS, ways, strict=True):
            met = np.zeros(len(belief), dtype=bool)
            met[account[bad & way]] = True
            count += met
            if not bought:
                close |= met
        return np.select([count == 0, count >= 3, count == 2, close], [0, 4, 3, 2], 1)

    @cached_property
    def _joined(
        self,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
        """The links with a weight: accounts, keys; other holders of each key; ways."""
        graph = self.lockstep
        linked = graph.weight > 0
        account, key = graph.account[linked], graph.key[linked]
        others = np.bincount(key, minlength=len(graph.kinds)) - 1
        ways = [
            (np.isin(graph.kinds, together) & (others > 0))[key] for together, _ in WAYS
        ]
        return account, key, others, ways


def find_acquaintances(store: Store, lockstep: Lockstep) -> Acquaintances:
    """Return who met at helpers, at gatherings, and over shared keys."""
    customers = store.arrow(
        """SELECT DISTINCT h.helped AS account, h.helper AS thing FROM helps AS h
           JOIN accounts AS a ON a.account = h.helped AND a.is_new
           WHERE h.kind = 'registration' ORDER BY account, thing"""
    )
    there = store.arrow(
        """SELECT DISTINCT f.helped AS account, g.gathering AS thing
           FROM gatherings AS g JOIN help_facts AS f ON f.help_id = g.help_id
           JOIN accounts AS a ON a.account = f.helped AND a.is_new
           ORDER BY account, thing"""
    )
    return Acquaintances(
        customers=_circle(customers, lockstep),
        gatherings=_circle(there, lockstep),
        lockstep=lockstep,
    )


def _circle(met: pa.Table, lockstep: Lockstep) -> Circle:
    position = np.searchsorted(lockstep.accounts, met["account"].to_numpy())
    return Circle(account=position, thing=met["thing"].to_numpy())
