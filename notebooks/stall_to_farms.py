# %% [markdown]
# # One push-code-scanning team, from its stall to the farms
#
# A crew stands at the roadside. Passers-by scan codes of accounts that they do not
# know, and those accounts belong to farms elsewhere. We begin at the stalls and end
# there.

# %%
import tempfile
from pathlib import Path

from analyses.pipeline import WORDS, run
from analyses.reporting.next_stall import backtest
from analyses.reporting.stall_list import stalls_text
from analyses.reporting.stalls import stalls_of_crews
from analyses.reporting.team_card import explain_team
from analyses.reporting.team_list import rank_teams
from loaders.simulator import WorldSettings, simulate

folder = Path(tempfile.mkdtemp())
simulate(folder / "world", WorldSettings(seed=5, new=8_000, existing=24_000))
found = run(folder / "world", folder / "run")

# %% [markdown]
# Whom to stop first? A farm starves when the team that it would lose gave it half of
# its helps or more.

# %%
crews = rank_teams(found, kind="scanning_crew", rank="disruption")
crews

# %% [markdown]
# The crew at the top: its stalls by day, and where and when it may stand next.

# %%
crew = found.team(crews["team_id"].iloc[0])
print(stalls_text(found, crew=crew.team_id))

# %% [markdown]
# How far can the last lines be trusted? For each stall we estimate from those before
# it.

# %%
backtest(stalls_of_crews(found))

# %% [markdown]
# Helps come in bursts: one a stall.

# %%
crew.timeline()

# %% [markdown]
# Stalls (S), the people who scanned there (open diamonds: deceived), and the farms.

# %%
crew.plot()

# %% [markdown]
# Follow the thickest link to a farm. What joins its accounts with each other?

# %%
served = crew.links.sort_values(["events", "team_b"], ascending=[False, True])
served

# %%
farm = found.team(served["team_b"].iloc[0])
farm.plot()

# %% [markdown]
# And the farm's card, with what speaks against as well.

# %%
print(explain_team(found, farm.team_id, WORDS))
