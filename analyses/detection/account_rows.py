"""Each account's own evidence, its reasons and the suggested action, as tables.

There may be millions of pieces of evidence: they stay in columns and in the database,
and Python decides only once about all accounts that are alike for the rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analyses.detection.helper_signals import BEYOND_PRESENCE, HELPER_SIGNALS
from analyses.detection.signals import CONDUCT, JOINED, SIGNALS
from analyses.policy import LISTED, Case, PolicySettings, suggest
from graph.store import Store

SAID = ("signal", "level", "says")

SPEAKS = 0.5
"""The least bits at which a signal counts as a reason and its family as a kind."""


@dataclass(frozen=True)
class Bits:
    """What one signal says of accounts, in bits, and the answer that each gave."""

    signal: str
    account: np.ndarray
    bits: np.ndarray
    level: np.ndarray | None = None


def put_bits(
    store: Store,
    evidence: Iterable[Bits],
    answers: Mapping[str, tuple[str, ...]],
    *,
    more: bool = False,
) -> None:
    """Make `_bits(account, signal, bits, level)`, or add `more` rows to it.

    Evidence of no bits is left out; `level` is the number of the answer, -1 without
    one. `_answers_said(signal, level, says)` has it in words.
    """
    if not more:
        store.materialise(
            "_bits",
            """SELECT CAST(0 AS INTEGER) AS account, '' AS signal,
                 CAST(0 AS DOUBLE) AS bits, CAST(0 AS TINYINT) AS level LIMIT 0""",
        )
        store.materialise(
            "_answers_said",
            """SELECT '' AS signal, CAST(0 AS TINYINT) AS level, '' AS says LIMIT 0""",
        )
    worded = [
        (signal, level, says)
        for signal, words in answers.items()
        for level, says in enumerate(words)
    ]
    columns = zip(*worded, strict=True)
    store.append("_answers_said", pa.table(dict(zip(SAID, columns, strict=True))))
    for one in evidence:
        said = np.flatnonzero(one.bits)
        level = np.full(len(said), -1) if one.level is None else one.level[said]
        store.append(
            "_bits",
            pa.table(
                {
                    "account": one.account[said].astype(np.int32),
                    "signal": pa.array([one.signal], pa.string()).take(
                        pa.array(np.zeros(len(said), dtype=np.int32))
                    ),
                    "bits": one.bits[said],
                    "level": level.astype(np.int8),
                }
            ),
        )


def put_accounts(
    store: Store, policy: PolicySettings, *, confirmed: Sequence[str] = ()
) -> None:
    """Make `out_accounts` from `_cases`, `_bits` and the `_shared_bits` of farms.

    Helps to accounts that are `confirmed` as malicious count as verified.
    """
    store.put("_confirmed", pa.table({"id": pa.array(confirmed, pa.string())}))
    _put_reasons(store)
    _put_facts(store)
    _decide(store, policy)
    store.materialise(
        "out_accounts",
        """SELECT n.account_id, f.risk, f.role, f.team_id, d.action, d.listed,
                  s.score AS helper_score, coalesce(r.reasons, []) AS reasons, d.lacks
           FROM _facts AS f JOIN account_names AS n ON n.account = f.account
           JOIN _decided AS d ON d.alike = f.alike
           LEFT JOIN _reasons AS r ON r.account = f.account
           LEFT JOIN _helper_scores AS s ON s.account = f.account""",
    )
    store.drop("_reasons", "_facts", "_decided", "_confirmed")


def _put_reasons(store: Store) -> None:
    """Make `_reasons`: the codes that speak for each account, the weightiest first.

    `kinds` counts their families. A member shares its community's evidence.
    """
    families = {code: signal.family for code, signal in SIGNALS.items()}
    families |= {code: signal.family for code, signal in HELPER_SIGNALS.items()}
    families |= dict.fromkeys(JOINED, "lockstep")
    store.put(
        "_families",
        pa.table(
            {
                "signal": pa.array(list(families), pa.string()),
                "family": pa.array(list(families.values()), pa.string()),
            }
        ),
    )
    beyond = ", ".join(f"'{signal}'" for signal in BEYOND_PRESENCE)
    conduct = ", ".join(f"'{family}'" for family in sorted(CONDUCT))
    store.materialise(
        "_reasons",
        f"""WITH every AS (
              SELECT account, signal, bits FROM _bits
              UNION ALL SELECT b.account, t.signal, t.bits FROM _bits AS b
              JOIN _cases AS c ON c.account = b.account
              JOIN _shared_bits AS t ON t.team_id = c.team_id
              WHERE b.signal = 'team'),
            weighed AS (SELECT account, signal, sum(bits) AS bits FROM every
                        GROUP BY account, signal),
            speaking AS (SELECT w.account, w.signal, w.bits, f.family
                         FROM weighed AS w JOIN _families AS f ON f.signal = w.signal
                         WHERE w.bits >= {SPEAKS})
            SELECT account,
              list_transform(list_sort(list({{'w': -bits, 'code': signal}})),
                             lambda r: r.code) AS reasons,
              -- lockstep restates the kinds through which one is joined
              count(DISTINCT family) FILTER (family <> 'lockstep') AS kinds,
              bool_or(family IN ({conduct}) OR signal IN ({beyond})) AS conduct
            FROM speaking GROUP BY account""",
    )
    store.drop("_families")


def _put_facts(store: Store) -> None:
    """Make `_facts`: what the rules ask of each account."""
    store.materialise(
        "_facts",
        f"""SELECT c.account, c.role, c.risk, c.team_id,
              coalesce(r.kinds, 0) AS kinds, coalesce(r.conduct, false) AS conduct,
              h.account IS NOT NULL AS harmed,
              coalesce(v.number, 0) AS verified, coalesce(u.number, 0) AS unsealings
            FROM _cases AS c
            LEFT JOIN _reasons AS r ON r.account = c.account
            LEFT JOIN ({HARMED}) AS h ON h.account = c.account
            LEFT JOIN ({VERIFIED}) AS v ON v.helper = c.account
            LEFT JOIN ({UNSEALINGS}) AS u ON u.helper = c.account""",
    )


def _decide(store: Store, policy: PolicySettings) -> None:
    """Make `_decided`: action and what is lacking, once for all who are alike.

    The rules look at a risk through their thresholds, and name it in hundredths.
    """
    above = ", ".join(
        f"risk >= {limit!r}"
        for limit in (
            policy.watch_risk,
            policy.listed_risk,
            policy.limit_risk,
            policy.block_risk,
        )
    )
    alike = f"role, kinds, conduct, harmed, verified, unsealings, said, {above}"
    store.materialise(
        "_facts",
        f"""SELECT *, dense_rank() OVER (ORDER BY {alike}) AS alike
            FROM (SELECT *, round(risk * 100) AS said FROM _facts) AS f""",
    )
    rows = store.rows(
        """SELECT alike, any_value(role), min(risk), any_value(kinds),
             any_value(conduct), any_value(harmed), any_value(verified),
             any_value(unsealings)
           FROM _facts GROUP BY alike ORDER BY alike"""
    )
    found = [
        suggest(
            Case(
                role=role or "",
                risk=risk,
                kinds=kinds,
                conduct=conduct,
                harmed=harmed,
                verified=verified,
                unsealings=unsealings,
            ),
            policy,
        )
        for _, role, risk, kinds, conduct, harmed, verified, unsealings in rows
    ]
    store.put(
        "_decided",
        pa.table(
            {
                "alike": pa.array([row[0] for row in rows], pa.int64()),
                "action": pa.array([action for action, _ in found], pa.string()),
                "listed": pa.array([action in LISTED for action, _ in found]),
                "lacks": pa.array([lacks for _, lacks in found], pa.list_(pa.string())),
            },
        ),
    )


HARM = """SELECT account, applied_at AS moment FROM sanctions
      WHERE action <> 'unsealed'
    UNION ALL SELECT account, filed_at FROM complaints WHERE verified"""
"""Accounts that the platform acted on, or a complaint was verified of, and when."""

_KNOWN_BAD = f"""{HARM} UNION ALL
    SELECT n.account, CAST(NULL AS BIGINT) FROM account_names AS n
    JOIN _confirmed AS c ON c.id = n.account_id"""

HARMED = f"SELECT DISTINCT account FROM ({HARM}) AS harm"

# A help counts when it was given, and the harm came after it: a sealed account that
# was unsealed and did nothing since speaks against nobody.
_COUNTED = f"""SELECT h.helper, count(DISTINCT h.helped) AS number FROM helps AS h
    JOIN ({_KNOWN_BAD}) AS harm ON harm.account = h.helped
    WHERE coalesce(h.result, 'ok') = 'ok'
      AND ({{unknown}} OR harm.moment IS NULL OR harm.moment >= h.helped_at)
      AND h.kind = '{{kind}}' GROUP BY h.helper"""

# All harm of an account is later than the help by which it was registered. Who was
# unsealed was sealed before: where the time of the help is not known, nothing counts.
VERIFIED = _COUNTED.format(kind="registration", unknown="h.helped_at IS NULL")
UNSEALINGS = _COUNTED.format(kind="unsealing", unknown="false")
"""How many verified malicious accounts each helper helped, by the kind of help."""
