# %% [markdown]
# # Repeat helpers, and how they differ from good friends
#
# Vouching is normal and mostly kind. The rule allows one help in 30 days, and a
# friendly person may use them all. So how often somebody helped decides nothing.

# %%
import tempfile
from pathlib import Path

import pandas as pd

from analyses.pipeline import WORDS, run
from analyses.reporting.cards import explain
from analyses.run_events import attempts_per_helper
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=5, new=8_000, existing=24_000))
found = run(folder / "world", folder / "run")

# %% [markdown]
# Everybody who helped at least four times, with what the run takes them for. Nobody
# is suspected where `role` is empty.

# %%
helpers = found.accounts.merge(attempts_per_helper(folder / "run"), on="account_id")
often = helpers[helpers["attempts"] >= 4]
often["role"].fillna("nothing speaks against it").value_counts()

# %% [markdown]
# The score ranks how surely somebody is a repeat helper of strangers. Two people who
# helped equally often can stand at both ends of it.

# %%
often.plot.scatter(x="attempts", y="helper_score", alpha=0.3, figsize=(8, 3.5))

# %% [markdown]
# The one at the top, and what speaks for it and against.

# %%
ranked = often.sort_values(["helper_score", "account_id"], ascending=[False, True])
worker = found.account(ranked["account_id"].iloc[0])
worker

# %%
print(explain(found, worker.account_id, WORDS))

# %% [markdown]
# And a good friend: one of those who helped most and of whom nothing is suspected.

# %%
friends = often[often["role"].isna()].sort_values(
    ["attempts", "account_id"], ascending=[False, True]
)
print(explain(found, friends["account_id"].iloc[0], WORDS))

# %% [markdown]
# Were these friends right? The truth of the sample world says what each of them is.

# %%
truth = pd.read_parquet(folder / "world" / "truth" / "accounts.parquet")
beside = often[["account_id", "role"]].merge(
    truth, on="account_id", suffixes=("_found", "_true")
)
pd.crosstab(
    beside["role_found"].fillna("none"),
    beside["role_true"].fillna(beside["innocent_kind"]).fillna("nothing special"),
)
