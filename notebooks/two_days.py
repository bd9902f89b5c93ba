# %% [markdown]
# # Comparing two days
#
# Teams live: they are born, grow, merge and go quiet. A run that is told of the run
# before keeps the ids of the teams that go on, so that two days can be compared.

# %%
import tempfile
from pathlib import Path

from analyses.casework.before import Before
from analyses.casework.comparison import compare_text
from analyses.pipeline import Settings, run
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=5, new=4_000, existing=12_000))

# %% [markdown]
# The same data, seen at the end of April and at the end of May 2026.

# %%
april = 1_777_507_200
earlier = run(folder / "world", folder / "april", settings=Settings(as_of=april))
earlier

# %%
later = run(
    folder / "world",
    folder / "may",
    before=Before(previous=folder / "april"),
)
later

# %% [markdown]
# What became of the teams, and who is newly listed or no longer?

# %%
print(compare_text(earlier, later, limit=10))

# %% [markdown]
# The largest team that was there on both days, first then and then now. Newcomers
# joined it, and the id is the same.

# %%
both = earlier.teams.merge(later.teams, on="team_id", suffixes=("_april", "_may"))
both = both.sort_values(["members_may", "team_id"], ascending=[False, True])
both.head(5)

# %%
earlier.team(both["team_id"].iloc[0]).plot()

# %%
later.team(both["team_id"].iloc[0]).plot()

# %% [markdown]
# How the picture of risk changed as more became known.

# %%
earlier.plot_risk()

# %%
later.plot_risk()
