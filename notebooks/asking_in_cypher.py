# %% [markdown]
# # Asking in Cypher
#
# A run is a graph that can be asked: by name from a book of questions, or in Cypher
# of your own. No server is needed; the same statements run on a Neo4j server.

# %%
import tempfile
from pathlib import Path

from analyses.pipeline import run
from analyses.reporting.page.cypher_text import team_cypher
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=5, new=4_000, existing=12_000))
found = run(folder / "world", folder / "run")
found

# %% [markdown]
# Who vouched for strangers again and again? The first question of the book.

# %%
found.query("repeat-helpers").head(10)

# %% [markdown]
# The largest crew, its stalls, and the farms that it served.

# %%
crews = found.teams[found.teams["kind"] == "scanning_crew"].sort_values("members")
crew = found.team(crews["team_id"].iloc[-1])
found.query("stalls-of-crew", team=crew.team_id).head(10)

# %%
found.query("farms-served", team=crew.team_id).head(10)

# %% [markdown]
# A question of one's own: which devices did the most listed accounts use?

# %%
found.cypher(
    """MATCH (a:Account)-[:USED]->(d:Device)
    WHERE a.listed
    RETURN d.id AS device, count(DISTINCT a.id) AS accounts
    ORDER BY accounts DESC, device LIMIT 10"""
)

# %% [markdown]
# And the picture: the crew as the case file draws it. The statement below shows the
# same in Neo4j Browser.

# %%
crew.plot()

# %%
print(team_cypher(crew.team_id))
