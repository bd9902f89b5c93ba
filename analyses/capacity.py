"""A list that fits those who look at it: the threshold for so many accounts or teams.

A team can look at 200 accounts a day, or at 20 teams. The accounts that the policy
would list are put in order, the surest first, and the list ends where the day does.
Whoever is below stays on the watch list and says why. Nothing else changes: no risk, no
role, no evidence.
"""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from graph.errors import InputError
from graph.store import Store


@dataclass(frozen=True)
class Capacity:
    """How much can be looked at; None is no limit."""

    accounts: int | None = None
    teams: int | None = None

    def __post_init__(self) -> None:
        for name, most in (("accounts", self.accounts), ("teams", self.teams)):
            if most is not None and most < 1:
                raise InputError(f"a capacity of {most} {name}: give 1 or more")

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self.accounts is not None or self.teams is not None


@dataclass(frozen=True)
class Fitted:
    """What a capacity came to: the lowest risk that is listed, and the numbers.

    `threshold` is None when nobody is listed.
    """

    threshold: float | None
    listed: int
    teams: int
    put_off: int

    @property
    def note(self) -> str:
        """What the list says of it."""
        if self.threshold is None:
            return "capacity: nobody is listed"
        return (
            f"capacity: {self.listed:,} accounts of {self.teams:,} teams are listed, "
            f"at a risk of {self.threshold:.6g} or more; {self.put_off:,} more would "
            "be listed and are on the watch list"
        )


def fit_to_capacity(store: Store, capacity: Capacity) -> Fitted:
    """Cut the list of `out_accounts` in the store to what can be looked at.

    Accounts come by risk, then by their id. With a limit of teams, teams come by the
    sum of the risks of their listed accounts, which is how many of them are expected to
    be right; accounts without a team are not looked at then. Listed accounts beyond the
    capacity get the action `watch`, and `lacks` says so.
    """
    if not capacity.is_limited:
        threshold, listed, teams = store.rows(
            """SELECT min(risk), count(*), count(DISTINCT team_id)
               FROM out_accounts WHERE listed"""
        )[0]
        return Fitted(threshold, listed, teams, put_off=0)
    accounts = store.frame(
        """SELECT account_id, team_id, risk FROM out_accounts WHERE listed
           ORDER BY risk DESC, account_id"""
    )
    kept = accounts
    if capacity.teams is not None:
        kept = kept[kept["team_id"].isin(_first_teams(accounts, capacity.teams))]
    if capacity.accounts is not None:
        kept = kept.head(capacity.accounts)
    threshold = float(kept["risk"].min()) if len(kept) else None
    put_off = accounts[~accounts["account_id"].isin(kept["account_id"])]
    _put_off(store, put_off["account_id"].tolist(), capacity)
    return Fitted(threshold, len(kept), kept["team_id"].nunique(), len(put_off))


def _first_teams(accounts: pd.DataFrame, most: int) -> list[str]:
    millionths = (accounts["risk"] * 1e6).round().astype("int64")
    sums = millionths.groupby(accounts["team_id"]).sum().reset_index()
    sums = sums.sort_values(["risk", "team_id"], ascending=[False, True])
    first: list[str] = sums["team_id"].head(most).tolist()
    return first


def _put_off(store: Store, account_ids: list[str], capacity: Capacity) -> None:
    limits = [
        f"{most:,} {name}"
        for name, most in (("accounts", capacity.accounts), ("teams", capacity.teams))
        if most is not None
    ]
    store.put("put_off", pa.table({"account_id": pa.array(account_ids, pa.string())}))
    store.connection.execute(
        """UPDATE out_accounts SET listed = false, action = 'watch',
             lacks = list_append(lacks, $reason)
           WHERE account_id IN (SELECT account_id FROM put_off)""",
        {"reason": f"a place among the first {' and '.join(limits)} to be looked at"},
    )
    store.drop("put_off")
