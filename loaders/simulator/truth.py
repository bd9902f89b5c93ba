"""The truth of a world: roles, teams and look-alikes, for evaluation."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.simulator.world import ROLES, World
from loaders.simulator.writing import ids


def write_truth(world: World, out: Path) -> None:
    """Write accounts (role, teams, look-alike kind) and teams into a folder."""
    seed = world.settings.seed
    account, team = world.members()
    counts = np.bincount(account, minlength=world.accounts)
    offsets = np.append(0, np.cumsum(counts)).astype(np.int32)
    teams = pa.ListArray.from_arrays(pa.array(offsets), ids(team, "teams", seed))
    innocent = np.where(world.role >= 0, -1, world.kind)
    accounts = pa.table(
        {
            "account_id": ids(np.arange(world.accounts), "accounts", seed),
            "role": _words(world.role, ROLES),
            "team_ids": teams,
            "innocent_kind": _words(innocent, tuple(world.kinds)),
        }
    )
    pq.write_table(accounts.sort_by("account_id"), out / "accounts.parquet")
    kinds = pa.table(
        {
            "team_id": ids(np.arange(len(world.team_kinds)), "teams", seed),
            "kind": pa.array(world.team_kinds, pa.string()),
        }
    )
    pq.write_table(kinds.sort_by("team_id"), out / "teams.parquet")


def _words(codes: npt.NDArray[np.int8], words: tuple[str, ...]) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words)).cast(pa.string())
