# %% [markdown]
# # A first look at a run
#
# A small sample world with planted teams, its analysis, and the first questions that an
# investigator asks. Each cell runs as it stands.

# %%
import tempfile
from pathlib import Path

from analyses.evaluation.evaluate import evaluate
from analyses.pipeline import WORDS, run
from analyses.reporting.cards import explain
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=3, new=8_000, existing=24_000))
found = run(folder / "world", folder / "run")

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
print(explain(found, crews["team_id"].iloc[-1], WORDS))

# %% [markdown]
# Its members and what joins them, as a networkx graph.

# %%
graph = found.team(crews["team_id"].iloc[-1]).graph()
graph.number_of_nodes(), graph.number_of_edges()

# %% [markdown]
# How much of this is right? Here the truth is known.

# %%
print(evaluate(folder / "run", folder / "world" / "truth").text())
