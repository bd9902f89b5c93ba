"""The lockstep graph: new accounts on one side, the rare things they share opposite.

Accounts are never joined pairwise (a key of n accounts would make n² links). A link
from an account to a key weighs as much as sharing that key surprises, given how many
established accounts hold it.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graph.communities import find_communities
from graph.numbering import address_block
from graph.shared_keys import SHARED_KEYS
from graph.store import Store

SURPRISE_FOR_FULL_WEIGHT = 2.0
"""Nats of lift at which a link has its kind's full worth."""

DECLARED_SHARE = 0.1
"""What is left of a link over a key that an organisation has declared as its own."""


@dataclass(frozen=True)
class Lockstep:
    """The two-sided graph of accounts and keys.

    `accounts` are the numbers of all new accounts, sorted; `account` and `key` are the
    ends of the links as positions in `accounts` and in `kinds`; `weight` is an integer
    in millionths. Per key: `holders` (new accounts), `lift` (nats: by what factor they
    outnumber those expected) and `surplus` (nats per holder: how surprising that is,
    after the price of having tried every key; 0 where it is no surprise), and
    `declared` (an organisation has declared it as its own).
    """

    accounts: np.ndarray
    account: np.ndarray
    key: np.ndarray
    weight: np.ndarray
    kinds: np.ndarray
    holders: np.ndarray
    lift: np.ndarray
    surplus: np.ndarray
    declared: np.ndarray

    def communities(
        self,
        *,
        resolution: float,
        members: np.ndarray,
        kinds: tuple[str, ...] | None = None,
    ) -> np.ndarray:
        """Return a community number per account of `accounts`, -1 outside `members`.

        `members` is a mask over `accounts`; accounts that share nothing stand alone.
        Only keys of the given `kinds` join, or of all.
        """
        inside = members[self.account] & (self.weight > 0)
        if kinds is not None:
            inside &= np.isin(self.kinds, kinds)[self.key]
        count = len(self.accounts)
        found = find_communities(
            (self.account[inside], count + self.key[inside]),
            self.weight[inside],
            nodes=count + len(self.kinds),
            resolution=resolution,
        )[:count]
        return np.where(members, found, -1)


def build_lockstep(store: Store) -> Lockstep:
    """Return the lockstep graph of the new accounts from their shared keys.

    The expected number of holders of a key is that among the established accounts (half
    a holder where there is none), in proportion to how many accounts are new; with few
    or no established accounts half a holder. A key whose excess is no more than chance
    among all keys tried has weight 0 (Poisson, Bonferroni).
    """
    keys = store.arrow("SELECT * FROM shared_keys ORDER BY key")
    links = store.arrow("SELECT key, account FROM key_holders ORDER BY account, key")
    accounts = store.arrow("SELECT account FROM accounts WHERE is_new ORDER BY account")
    numbers = accounts["account"].to_numpy()
    kinds = np.array(keys["kind"].to_pylist(), dtype=object)
    new = keys["new_holders"].to_numpy().astype(np.float64)
    lift, surplus = _surprise(store, keys, new)
    worth = {kind.kind: kind.worth / 100 for kind in SHARED_KEYS}
    strength = np.minimum(1.0, lift / SURPRISE_FOR_FULL_WEIGHT)
    strength *= np.array([worth[kind] for kind in kinds], dtype=np.float64)
    declared = _declared(store, keys)
    strength[declared] *= DECLARED_SHARE
    weight = np.rint(1e6 * strength).astype(np.int64)
    key = links["key"].to_numpy()
    return Lockstep(
        accounts=numbers,
        account=np.searchsorted(numbers, links["account"].to_numpy()),
        key=key,
        weight=weight[key],
        kinds=kinds,
        holders=new.astype(np.int64),
        lift=lift,
        surplus=surplus,
        declared=declared,
    )


def _surprise(
    store: Store, keys: pa.Table, new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    total_new, total_old = store.rows(
        "SELECT count(*) FILTER (is_new), count(*) FILTER (NOT is_new) FROM accounts"
    )[0]
    ratio = min(1.0, total_new / total_old) if total_old else 1.0
    expected = (keys["established_holders"].to_numpy() + 0.5) * ratio
    lift = np.log(new / expected)
    # A key that many held before needs an excess that chance would not give.
    excess = new * lift - (new - expected)
    chance = np.log(max(len(new), 2))
    surprising = (lift > 0) & ((expected < 1.0) | (excess > chance))
    surplus = np.where(surprising, np.maximum(0.0, excess - chance) / new, 0.0)
    return np.where(surprising, lift, 0.0), np.minimum(surplus, 6.0)


def _declared(store: Store, keys: pa.Table) -> np.ndarray:
    """Return a mask over the keys: those that an organisation declared as its own."""
    found = store.arrow(
        f"""WITH d AS (
             SELECT CASE kind WHEN 'wifi' THEN 'access_point'
                              WHEN 'phone_prefix' THEN 'phone_segment'
                              WHEN 'ip' THEN 'address_block'
                              ELSE kind END AS kind,
                    CASE kind WHEN 'ip' THEN {address_block("value")}
                              ELSE value END AS value FROM declared)
           SELECT k.key FROM shared_keys AS k JOIN d
             ON d.kind = k.kind AND d.value = k.value
           UNION SELECT k.key FROM shared_keys AS k
             JOIN devices AS v ON k.kind = 'device'
                              AND k.value = CAST(v.device AS VARCHAR)
             JOIN d ON d.kind = 'device' AND d.value = v.device_id
           UNION SELECT k.key FROM shared_keys AS k
             JOIN account_names AS n ON k.kind IN ('helper', 'helped')
                                    AND k.value = CAST(n.account AS VARCHAR)
             JOIN d ON d.kind = 'account' AND d.value = n.account_id"""
    )
    mask = np.zeros(len(keys), dtype=bool)
    mask[found["key"].to_numpy()] = True
    return mask
