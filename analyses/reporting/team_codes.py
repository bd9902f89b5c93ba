"""The codes that a crew or a platform had scanned: whose they were, and how often."""

from analyses.reporting.card_parts import ROWS_SHOWN, more
from analyses.reporting.report_tables import table_lines
from analyses.reporting.texts import ENGLISH, Texts
from analyses.run import Team

LONGEST = 28
"""Signs of an id in the table; of a longer one the beginning is shown."""


def codes_scanned(team: Team) -> list[tuple[str, str, str, int]]:
    """Return code, the account it was for, that account's team, and its helps.

    The codes of the helps that the team gave, those scanned most first, then by time. A
    code whose account is not known was for the account that was helped.
    """
    rows = team.run.store.rows(
        """SELECT s.code_id, coalesce(n.account_id, m.account_id) AS owner,
                  count(*) AS n
           FROM helps AS h JOIN scans AS s ON s.scan_id = h.scan_id
           JOIN account_names AS m ON m.account = h.helped
           LEFT JOIN codes AS c ON c.code_id = s.code_id
           LEFT JOIN account_names AS n ON n.account = c.account
           WHERE h.help_id IN (SELECT unnest($ids))
           GROUP BY 1, 2 ORDER BY n DESC, min(s.scanned_at), 1, 2""",
        {"ids": sorted(set(team.helps["help_id"]))},
    )
    known = team.run.accounts_of([owner for _, owner, _ in rows])
    farms = dict(zip(known["account_id"], known["team_id"], strict=True))
    return [
        (code, owner, farm if isinstance(farm := farms.get(owner), str) else "", count)
        for code, owner, count in rows
    ]


def code_lines(team: Team, texts: Texts = ENGLISH) -> list[str]:
    """Return the part of a card on the codes of the helps that the team gave."""
    codes = codes_scanned(team) if len(team.helps) else []
    if not codes:
        return []
    accounts = len({owner for _, owner, _, _ in codes})
    said = texts(
        "Codes scanned: {n}; accounts they were for: {accounts}",
        n=f"{len(codes):,}",
        accounts=f"{accounts:,}",
    )
    columns = [texts(name) for name in ("QR code", "whose it was", "team", "scans")]
    rows = [
        (_short(code), _short(owner), _short(farm), scans)
        for code, owner, farm, scans in codes[:ROWS_SHOWN]
    ]
    return [
        "",
        said,
        *table_lines(columns, rows),
        *more(len(codes), ROWS_SHOWN, "  ", texts),
    ]


def _short(name: str) -> str:
    """Return an id as it fits the table.

    >>> _short("code7"), _short("x" * 40)[-3:]
    ('code7', 'xx…')
    """
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
