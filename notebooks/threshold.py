# %% [markdown]
# # Choosing a threshold, and who would be wrongly listed
#
# A list that is longer finds more and accuses more. Here the truth is known, so that
# we see both; on your own data only the length is known.

# %%
import tempfile
from pathlib import Path

import pandas as pd

from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import run
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=5, new=8_000, existing=24_000))
found = run(folder / "world", folder / "run")
truth = pd.read_parquet(folder / "world" / "truth" / "accounts.parquet")

# %%
found.plot_risk()

# %% [markdown]
# Accounts taken for batch-registered, by threshold: how many are listed, how many of
# them are innocent, and how many of the farmed are found.

# %%
suspects = found.accounts[found.accounts["role"].eq("batch_registered")].merge(
    truth, on="account_id", suffixes=("", "_true")
)
suspects["guilty"] = suspects["role_true"].eq("batch_registered")
bands = pd.cut(suspects["risk"], [0, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0])
table = suspects.groupby(bands, observed=True)["guilty"].agg(["size", "sum"])[::-1]
table = table.cumsum().rename(columns={"size": "listed", "sum": "farmed"})
table["wrong"] = 1 - table["farmed"] / table["listed"]
table["found"] = table["farmed"] / truth["role"].eq("batch_registered").sum()
table

# %%
table.plot.scatter(x="wrong", y="found", figsize=(6, 3.5), grid=True)

# %% [markdown]
# Who are those who would be wrongly listed at 0.5, and at 0.9?

# %%
wrong = suspects[~suspects["guilty"]].fillna({"innocent_kind": "nothing special"})
pd.DataFrame(
    {
        limit: wrong[wrong["risk"] >= limit]["innocent_kind"].value_counts()
        for limit in (0.5, 0.9, 0.99)
    }
).fillna(0).astype(int)

# %% [markdown]
# Does the risk come true? Of a hundred accounts at 0.9, ten should be innocent.

# %%
print(evaluate(folder / "run", folder / "world" / "truth").text())
