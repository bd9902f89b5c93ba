"""How a run, a team and an account show themselves: small HTML, and one-call figures.

`analyses.run` calls these when a notebook shows an object, or asks it for a plot. Every
text is escaped, and characters that steer are made visible.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import jinja2
from matplotlib.figure import Figure

from analyses.reporting import figures
from analyses.reporting.outputs import DECEIVED_ROLES
from analyses.reporting.page.network import Network
from analyses.reporting.page.networks import networks
from analyses.reporting.page.team_views import MEMBERS_SHOWN, ordered_members
from analyses.reporting.page.tracks import tracks
from analyses.reporting.report_tables import Cell, cell_text
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import texts_in
from analyses.reporting.wording import ACTION_WORDS, KINDS, ROLES, in_words

if TYPE_CHECKING:
    from analyses.run import Account, Run, Team

ROWS = 8

_CARD = jinja2.Environment(autoescape=True, trim_blocks=True).from_string(
    """<div style="border-left:4px solid #23395b;padding:.2em 1em">
<p style="margin:.2em 0"><b>{{ title }}</b> {{ below }}</p>
<table><thead><tr>{% for name in columns %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>"""
)


def card_html(
    title: str, below: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> str:
    """Return a titled table as HTML in which every text is harmless.

    >>> "&lt;script&gt;" in card_html("<script>", "", ("a",), [("b",)])
    True
    """
    return _CARD.render(
        title=visible(title),
        below=visible(below),
        columns=columns,
        rows=[[visible(cell_text(cell)) for cell in row] for row in rows],
    )


def run_html(run: "Run") -> str:
    """Return a run in a few lines: its teams by kind."""
    listed = int(run.accounts["listed"].sum())
    rows = [
        (
            in_words(KINDS, kind),
            len(group),
            int((group["risk"] >= 0.5).sum()),
            int(group["members"].sum()),
        )
        for kind, group in run.teams.groupby("kind")
    ]
    return card_html(
        f"Run {run.folder.name}",
        f"{listed:,} accounts listed, {len(run.teams):,} teams",
        ("kind", "teams", "at a risk of 0.5 or more", "memberships"),
        rows,
    )


def team_html(team: "Team") -> str:
    """Return a team in a few lines: its kind, its risk, and who is in it by role."""
    counts = team.members["role"].fillna("").value_counts().sort_index()
    rows = sorted(
        ((in_words(ROLES, role) or "no role", int(n)) for role, n in counts.items()),
        key=lambda row: (-row[1], row[0]),
    )
    facts = team.facts
    return card_html(
        f"Team {team.team_id}",
        f"{in_words(KINDS, facts['kind'])}, risk {facts['risk']:.3f}",
        ("role", "members"),
        rows,
    )


def account_html(account: "Account") -> str:
    """Return an account in a few lines: its role, and its weightiest evidence.

    Of a deceived person no risk is shown.
    """
    facts = account.facts
    role, action = facts.get("role"), facts.get("action")
    said = [in_words(ROLES, role) or "no role"]
    if role not in DECEIVED_ROLES:
        said.append(f"risk {facts['risk']:.3f}")
    said.append(f"suggested: {in_words(ACTION_WORDS, action)}")
    evidence = account.evidence
    own = evidence[evidence["account_id"].notna() & (evidence["signal"] != "prior")]
    own = own.assign(weight=own["bits"].abs()).sort_values(
        ["weight", "signal"], ascending=[False, True]
    )
    rows = [
        (str(row["signal"]), f"{row['bits']:+.1f}", str(row.get("says") or ""))
        for row in own.head(ROWS).fillna({"says": ""}).to_dict("records")
    ]
    return card_html(
        f"Account {account.account_id}",
        ", ".join(said),
        ("evidence", "bits", "says"),
        rows,
    )


def team_network(team: "Team", shown: int = MEMBERS_SHOWN) -> Network:
    """Return the network of a team over its most important members."""
    members = ordered_members(team.run)
    mine = members[members["team_id"] == team.team_id]
    drawn = networks(team.run, mine.head(shown), {team.team_id: len(mine)})
    return drawn.get(team.team_id, Network((), ()))


def plot_team(team: "Team", language: str) -> Figure:
    """Return the network of a team as a figure."""
    texts = texts_in(language)
    kind = texts(in_words(KINDS, team.facts["kind"]))
    return figures.network_figure(team_network(team), f"{team.team_id} – {kind}", texts)


def plot_timeline(team: "Team", language: str) -> Figure:
    """Return what happened in a team on which day as a figure."""
    found = tracks(team.run, team.members).get(team.team_id, [])
    return figures.timeline_figure(found, team.team_id, texts_in(language))


def plot_risk(run: "Run", language: str) -> Figure:
    """Return the risk of a run's accounts and teams as a figure."""
    return figures.risk_figure(run.accounts, run.teams, texts_in(language))
