"""Two runs side by side: what became of the teams, and who is newly listed."""

from analyses.casework.before import snapshot
from analyses.casework.lifecycle import CHANGES, Life, follow
from analyses.reporting.card_parts import as_text, more
from analyses.reporting.report_tables import table_lines
from analyses.reporting.safe_text import visible
from analyses.reporting.texts import ENGLISH, Texts
from analyses.reporting.wording import CHANGE_WORDS, KINDS, ROLES, in_words
from analyses.run import Run


def compare_text(old: Run, new: Run, *, limit: int = 20, texts: Texts = ENGLISH) -> str:
    """Return what changed from one run to a later one, as text.

    `limit` is how many teams of each sort of change, and how many accounts, are named.
    """
    _, lives = follow(snapshot(old), snapshot(new))
    changes = [c for c in CHANGES if any(life.change == c for life in lives)]
    largest = sorted(lives, key=lambda life: (-(life.joined + life.left), life.team_id))
    shown = [
        life
        for change in changes
        if change != "unchanged"
        for life in [each for each in largest if each.change == change][:limit]
    ]
    changed = sum(life.change != "unchanged" for life in lives)
    counts = [
        f"{sum(life.change == c for life in lives):,} {texts(c)}" for c in changes
    ]
    return as_text(
        [
            texts(
                "Teams from {old} to {new}: {counts}",
                old=old.folder,
                new=new.folder,
                counts=", ".join(counts) or texts("none"),
            ),
            *_teams(shown, texts),
            *more(changed, len(shown), "  ", texts),
            *_accounts(texts("Newly listed"), new, old, limit, texts),
            *_accounts(
                texts("No longer listed"), old, new, limit, texts, other_is_later=True
            ),
        ]
    )


def _teams(lives: list[Life], texts: Texts) -> list[str]:
    columns = (
        "team",
        "kind",
        "what became of it",
        "members",
        "joined",
        "left",
        "came from",
    )
    return table_lines(
        [texts(column) for column in columns],
        [
            (
                visible(life.team_id),
                texts(in_words(KINDS, life.kind)),
                texts(CHANGE_WORDS[life.change]),
                texts(" to ").join((f"{life.members_before:,}", f"{life.members:,}")),
                life.joined,
                life.left,
                visible(", ".join(x for x in life.before if x != life.team_id)),
            )
            for life in lives
        ],
    )


def _accounts(
    title: str,
    here: Run,
    there: Run,
    limit: int,
    texts: Texts,
    *,
    other_is_later: bool = False,
) -> list[str]:
    """Return who is listed in one run and not in the other, and how it stands there."""
    mine, others = here.accounts, there.accounts.set_index("account_id")
    listed = set(others.index[others["listed"]])
    rows = mine[mine["listed"] & ~mine["account_id"].isin(listed)].sort_values(
        ["risk", "account_id"], ascending=[False, True]
    )
    stands = "now" if other_is_later else "before"
    lines = []
    for row in rows.head(limit).to_dict("records"):
        said = texts("not mentioned")
        if row["account_id"] in others.index:
            other = others.loc[row["account_id"]]
            said = _stand(other["action"], other["risk"], texts)
        lines.append(
            (
                visible(row["account_id"]),
                texts(in_words(ROLES, row["role"])),
                _stand(row["action"], row["risk"], texts),
                said,
            )
        )
    columns = ("account", "role", "then" if other_is_later else "now", stands)
    return [
        "",
        f"{title}: {len(rows):,}",
        *table_lines([texts(column) for column in columns], lines),
        *more(len(rows), limit, "  ", texts),
    ]


def _stand(action: str, risk: float, texts: Texts) -> str:
    return texts(action) + texts(", risk {risk}", risk=f"{risk:.2f}")
