"""What an operator needs next of a sealed or listed account: seal, money, entrance."""

from dataclasses import dataclass
from typing import Any

from analyses.reporting.event_lines import utc
from analyses.reporting.outputs import SEALING
from analyses.reporting.texts import ENGLISH, Texts
from analyses.run import Run

DAY = 86_400
ENTRANCE_HOURS = 48
"""How long the entrance for withdrawing property stays open once it is opened."""

IDLE_DAYS = 90
"""An account that did nothing for so long is idle."""

PENDING_DAYS = 3
"""A payment of the last days may not have arrived yet."""


@dataclass(frozen=True)
class Standing:
    """What the events say of an account's seal and property; None where unknown.

    Times are seconds since 1970, money is fen. `device` is one that the account used
    before it was sealed; `claimed` is what it received of people who complained of it.
    """

    sealed_since: int | None = None
    sealed_until: int | None = None
    sealed_by: str = ""
    unsealed_at: int | None = None
    device: str | None = None
    balance: int | None = None
    wealth: int | None = None
    loan: int | None = None
    claimed: int = 0
    idle_since: int | None = None
    pending: int = 0

    @property
    def sealed(self) -> bool:
        """Whether the account is sealed."""
        return self.sealed_since is not None


def standing_of(run: Run, account_id: str) -> Standing:
    """Return how an account stands at the end of the run's window."""
    given: dict[str, Any] = {"id": account_id}
    of = "(SELECT account FROM account_names WHERE account_id = $id)"
    as_of = int(run.manifest.get("window", {}).get("as_of", 2**62))
    seals = run.store.rows(
        f"""SELECT applied_at, until, action, rule FROM sanctions
            WHERE account = {of} AND action IN {SEALING}
            ORDER BY applied_at DESC, action LIMIT 1""",
        given,
    )
    opened = run.store.rows(
        f"SELECT max(applied_at) FROM sanctions WHERE account = {of} "
        "AND action = 'unsealed'",
        given,
    )[0][0]
    since, until, action, rule = seals[0] if seals else (None, None, "", None)
    over = since is not None and (
        (until is not None and until <= as_of) or (opened or 0) >= since
    )
    device = run.store.rows(
        f"""SELECT d.device_id FROM logins AS l JOIN devices AS d ON d.device = l.device
            WHERE l.account = {of} AND l.logged_in_at < $before
            GROUP BY d.device_id
            ORDER BY count(*) DESC, max(l.logged_in_at) DESC, d.device_id LIMIT 1""",
        given | {"before": 2**62 if since is None else since},
    )
    held = run.store.rows(
        f"""SELECT balance_fen, wealth_fen, microloan_outstanding_fen FROM balances
            WHERE account = {of} ORDER BY ALL LIMIT 1""",
        given,
    )
    balance, wealth, loan = held[0] if held else (None, None, None)
    claimed = run.store.rows(
        f"""SELECT coalesce(sum(p.amount_fen), 0) FROM payments AS p
            WHERE p.payee = {of} AND p.payer IN (
              SELECT complainant FROM complaints WHERE account = {of})""",
        given,
    )[0][0]
    last = run.store.rows(
        f"""SELECT max(moment) FROM (
              SELECT max(logged_in_at) AS moment FROM logins WHERE account = {of}
              UNION ALL SELECT max(posted_at) FROM posts WHERE account = {of}
              UNION ALL SELECT max(paid_at) FROM payments WHERE payer = {of}
              UNION ALL SELECT max(scanned_at) FROM scans WHERE scanner = {of}
              UNION ALL SELECT max(helped_at) FROM helps WHERE helper = {of})""",
        given,
    )[0][0]
    pending = run.store.rows(
        f"""SELECT count(*) FROM payments WHERE payee = {of}
            AND paid_at > $from""",
        given | {"from": as_of - PENDING_DAYS * DAY},
    )[0][0]
    idle = last is not None and as_of - last >= IDLE_DAYS * DAY
    return Standing(
        sealed_since=None if over else since,
        sealed_until=None if over else until,
        sealed_by=" under rule ".join(
            part for part in (action and action.replace("_", " "), rule) if part
        ),
        unsealed_at=opened,
        device=device[0][0] if device else None,
        balance=balance,
        wealth=wealth,
        loan=loan,
        claimed=int(claimed),
        idle_since=last if idle else None,
        pending=int(pending),
    )


def next_steps(standing: Standing, texts: Texts = ENGLISH) -> list[str]:
    """Return what an operator needs next, one line each."""
    return [
        *_seal(standing, texts),
        _entrance(standing, texts),
        *_property(standing, texts),
    ]


def _seal(standing: Standing, texts: Texts) -> list[str]:
    if standing.sealed_since is None:
        if standing.unsealed_at is None:
            return []
        at = utc(standing.unsealed_at)
        return [texts("not sealed; it was unsealed on {at}", at=at)]
    since, by = utc(standing.sealed_since), standing.sealed_by or "-"
    if standing.sealed_until is None:
        return [texts("sealed since {at}, with no end ({by})", at=since, by=by)]
    until = utc(standing.sealed_until)
    return [texts("sealed since {at} until {to} ({by})", at=since, to=until, by=by)]


def _entrance(standing: Standing, texts: Texts) -> str:
    if standing.device is None:
        proof = texts("no common device is known, the holder must be verified")
    else:
        proof = texts("common device {device} is known", device=standing.device)
    return texts(
        "entrance for withdrawing property: {proof}; once opened it stays open for "
        "{hours} hours, for withdrawal and repayment only",
        proof=proof,
        hours=ENTRANCE_HOURS,
    )


def _property(standing: Standing, texts: Texts) -> list[str]:
    owned = (standing.balance or 0) + (standing.wealth or 0)
    lines = []
    if standing.balance is None and standing.wealth is None:
        lines.append(texts("to withdraw: not known, no balance is in the input"))
    else:
        lines.append(
            texts(
                "to withdraw: balance {balance}, wealth {wealth} (yuan)",
                balance=_yuan(standing.balance),
                wealth=_yuan(standing.wealth),
            )
        )
    if standing.loan:
        lines.append(
            texts(
                "outstanding micro-loan of {sum} yuan: no exemption from sealing, and "
                "it stays repayable",
                sum=_yuan(standing.loan),
            )
        )
    if standing.claimed:
        lines.append(
            texts(
                "received {sum} yuan of people who complained of it: a court may "
                "freeze these proceeds",
                sum=_yuan(standing.claimed),
            )
        )
    if standing.idle_since is not None and (owned or standing.pending):
        lines.append(
            texts(
                "idle since {at}, but with money or a pending payment: it is not "
                "recycled",
                at=utc(standing.idle_since),
            )
        )
    if owned or standing.loan or standing.pending:
        lines.append(texts("a cancellation asks for withdrawal and settlement first"))
    return lines


def _yuan(fen: int | None) -> str:
    """Write money.

    >>> _yuan(123456), _yuan(None)
    ('1,234.56', '?')
    """
    return "?" if fen is None else f"{fen / 100:,.2f}"
