# %% [markdown]
# # Batch-registered accounts and their look-alikes
#
# A campus, a test laboratory and an agency register many accounts in one place, as a
# farm does. This is how a run tells them apart, and where it fails.

# %%
import tempfile
from pathlib import Path

import pandas as pd

from analyses.detection.table import signal_table
from analyses.pipeline import WORDS, run
from analyses.reporting.cards import explain
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=5, new=8_000, existing=24_000))
found = run(folder / "world", folder / "run")
truth = pd.read_parquet(folder / "world" / "truth" / "accounts.parquet")

# %% [markdown]
# The most certain farm: devices, networks and helpers join its accounts.

# %%
farms = found.teams[found.teams["kind"] == "registration_farm"].sort_values(
    ["risk", "members", "team_id"], ascending=[False, False, True]
)
farm = found.team(farms["team_id"].iloc[0])
farm.plot()

# %%
farm.timeline()

# %% [markdown]
# Honest accounts by kind: how many are suspected at all, and how many are listed.

# %%
told = found.accounts
beside = truth.merge(told, on="account_id", how="left", suffixes=("_true", ""))
honest = beside[beside["innocent_kind"].notna()]
honest.groupby("innocent_kind").agg(
    accounts=("account_id", "size"),
    suspected=("risk", lambda risks: int((risks >= 0.5).sum())),
    listed=("listed", lambda listed: int(listed.eq(True).sum())),
)

# %% [markdown]
# The honest account with the highest risk. Read what speaks for it: this is how a
# wrong listing looks, and why the list says what to verify first.

# %%
wrong = honest[honest["role"].eq("batch_registered")].sort_values(
    ["risk", "account_id"], ascending=[False, True]
)
print(explain(found, wrong["account_id"].iloc[0], WORDS))

# %% [markdown]
# And the farmed account with the lowest risk that was found: a careful one.

# %%
careful = beside[
    beside["role_true"].eq("batch_registered") & beside["role"].eq("batch_registered")
].sort_values(["risk", "account_id"])
print(explain(found, careful["account_id"].iloc[0], WORDS))

# %% [markdown]
# Every weight that was used here stands in one table, to disagree with.

# %%
print(signal_table()[:3_000])
