# %% [markdown]
# # A first look at a run
#
# A small sample world with planted teams, its analysis, and the first questions that
# an investigator asks. Each cell runs as it stands.

# %%
import tempfile
from pathlib import Path

from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import WORDS, run
from analyses.reporting.cards import explain
from analyses.reporting.page.case_file import write_report
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=3, new=8_000, existing=24_000))
found = run(folder / "world", folder / "run")
found

# %% [markdown]
# How sure is it, and of how many? Most accounts that are suspected at all are
# suspected strongly; the listed ones are dark.

# %%
found.plot_risk()

# %% [markdown]
# Which teams are there? A farm registers accounts in batches, a crew lures passers-by
# into vouching for them at a stall, a platform pays workers for the same.

# %%
teams = found.teams.sort_values(
    ["kind", "risk", "members"], ascending=[True, False, False]
)
teams.groupby("kind").head(5)

# %% [markdown]
# The largest crew: when and where it stood, who was lured, whom it serves. Those who
# were lured are victims; they are named so that they can be told.

# %%
crews = teams[teams["kind"] == "scanning_crew"].sort_values("members")
crew = found.team(crews["team_id"].iloc[-1])
print(explain(found, crew.team_id, WORDS))

# %% [markdown]
# Its network: the stalls, who scanned there, and the farms that were served.

# %%
crew.plot()

# %% [markdown]
# The same for every team stands in the case file, one page for a browser.

# %%
write_report(found, WORDS).stat().st_size

# %% [markdown]
# How much of this is right? Here the truth is known.

# %%
print(evaluate(folder / "run", folder / "world" / "truth").text())
