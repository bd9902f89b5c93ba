"""What a run makes of the decisions: what it does not raise again, and what it does.

After the findings are made, and before they are written: accounts that were dismissed
or allowed, by themselves or with their team, keep their risk but no action, unless new
evidence stands out. Each case in which a decision played a part is a row of the table
`decided`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from analyses.casework.decisions import Decision, Ledger
from analyses.casework.evidence_seen import Evidence, evidence_of, members_in
from analyses.casework.labels import labels
from analyses.casework.new_evidence import Harm, of_account, of_team
from analyses.detection.account_rows import HARM
from analyses.reporting.outputs import ACTIONS
from graph.numbering import address_block
from graph.store import Store

RAISED = ACTIONS[ACTIONS.index("watch") :]
"""Actions that bring a case before a person."""

SAME_TEAM = 0.5
"""Share of the members, of either team, that makes it the team decided on."""

HELD = {
    "device": """SELECT n.account_id, d.device_id AS value FROM accounts AS n
        JOIN devices AS d ON d.device = n.registration_device""",
    "wifi": "SELECT account_id, registration_wifi AS value FROM accounts",
    "phone_prefix": "SELECT account_id, phone_prefix AS value FROM accounts",
    "ip": "SELECT account_id, registration_block AS value FROM accounts",
}
"""Who was registered with a thing that can be allowed."""

DECIDED_COLUMNS = (
    "kind",
    "id",
    "effect",
    "decision",
    "number",
    "person",
    "at",
    "note",
    "says",
)

DECIDED = pa.schema(
    [
        (
            name,
            {"number": pa.int64(), "says": pa.list_(pa.string())}.get(
                name, pa.string()
            ),
        )
        for name in DECIDED_COLUMNS
    ]
)
"""The table `decided.parquet`: `effect` is kept_down, raised_again or verified."""


@dataclass(frozen=True)
class Effect:
    """What became of a case on which there was a decision.

    `effect` is `kept_down`, `raised_again` or `verified`; `says` is what stands out.
    """

    kind: str
    id: str
    effect: str
    decision: Decision
    says: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """Return it as a row of the table `decided`."""
        decision = self.decision
        return {
            "kind": self.kind,
            "id": self.id,
            "effect": self.effect,
            "decision": decision.decision,
            "number": decision.number,
            "person": decision.person,
            "at": decision.time,
            "note": decision.note,
            "says": list(self.says),
        }

    def text(self) -> str:
        """Return it as a sentence for a card."""
        said = self.decision.in_short()
        if self.effect != "raised_again":
            return said
        return f"{said}; raised again: {'; '.join(self.says)}"


def settle(store: Store, ledger: Ledger) -> list[Effect]:
    """Change the output tables in the store as the decisions ask; return the effects.

    `out_accounts` gets a column `decided`, null where no decision played a part.
    """
    accounts = store.frame(
        "SELECT account_id, role, team_id, action FROM out_accounts ORDER BY account_id"
    )
    raised = accounts[accounts["action"].isin(RAISED)].set_index("account_id")
    harm = _harm(store)
    of_teams = _teams(store, ledger, harm)
    effects = [effect for _, effect in sorted(of_teams.items())]
    own = ledger.allowed() | ledger.standing()
    on_accounts = {name: d for (kind, name), d in own.items() if kind == "account"}
    evidence = _evidence_of_accounts(
        store, sorted(on_accounts.keys() & set(raised.index))
    )
    for name, team_id in zip(raised.index, raised["team_id"], strict=True):
        decision = on_accounts.get(name)
        if decision and decision.decision in ("dismissed", "allow"):
            says = of_account(decision, evidence.get(name, {}), name, harm)
            effects.append(_effect("account", name, decision, says))
        elif decision is None and (team := of_teams.get(str(team_id))):
            effects.append(_of_member(name, team, harm))
    told = {effect.id for effect in effects if effect.kind == "account"}
    effects += [
        effect for effect in _holders(store, ledger, raised) if effect.id not in told
    ]
    known = set(accounts["account_id"])
    effects += [
        Effect("account", name, "verified", label.decision)
        for name, label in labels(ledger).items()
        if label.malicious and name in known
    ]
    _put_accounts(store, effects)
    return effects


def decided_table(effects: Sequence[Effect]) -> pa.Table:
    """Return the effects as the table that is written into the run folder."""
    rows = sorted(effects, key=lambda e: (e.kind, e.id, e.effect, e.decision.number))
    return pa.Table.from_pylist([effect.row() for effect in rows], schema=DECIDED)


def _effect(kind: str, name: str, decision: Decision, says: Sequence[str]) -> Effect:
    effect = "raised_again" if says else "kept_down"
    return Effect(kind, name, effect, decision, tuple(says))


def _of_member(name: str, team: Effect, harm: Harm) -> Effect:
    """Return what becomes of an account whose team was dismissed."""
    says = of_account(team.decision, {}, name, harm)
    if not says and team.says:
        says = [f"its team {team.id}: {said}" for said in team.says]
    return _effect("account", name, team.decision, says)


def _teams(store: Store, ledger: Ledger, harm: Harm) -> dict[str, Effect]:
    """Return the effects on the teams that were dismissed, by their id in this run."""
    members = store.frame(
        """SELECT t.team_id, t.kind, m.account_id FROM out_teams AS t
           JOIN out_members AS m ON m.team_id = t.team_id ORDER BY ALL"""
    )
    there = {
        (str(team), str(kind)): rows["account_id"].tolist()
        for (team, kind), rows in members.groupby(["team_id", "kind"])
    }
    evidence = _evidence_of_teams(store)
    effects: dict[str, Effect] = {}
    for (kind, name), decision in ledger.standing().items():
        if kind != "team" or decision.decision != "dismissed":
            continue
        for team, now in _same(name, decision, there):
            says = of_team(decision, evidence.get(team, {}), now, harm)
            effects[team] = _effect("team", team, decision, says)
    return effects


def _same(
    name: str, decision: Decision, there: Mapping[tuple[str, str], list[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the teams of this run that are the one decided on, or a part of it."""
    then = {a for names in members_in(decision.seen).values() for a in names}
    for (team, kind), now in there.items():
        if kind != decision.seen.get("kind", kind):
            continue
        both = len(then.intersection(now))
        smaller = min(len(then), len(now))
        if team == name or (both and both >= SAME_TEAM * smaller):
            yield team, now


def _holders(store: Store, ledger: Ledger, raised: pd.DataFrame) -> Iterator[Effect]:
    """Yield the accounts that are raised though they hold a thing that is allowed."""
    reasons = store.frame("SELECT account_id, reasons FROM out_accounts")
    why = dict(zip(reasons["account_id"], reasons["reasons"], strict=True))
    found: dict[str, Effect] = {}
    for (kind, value), decision in ledger.allowed().items():
        if kind not in HELD:
            continue
        wanted = address_block("$value") if kind == "ip" else "$value"
        for (name,) in store.rows(
            f"SELECT account_id FROM ({HELD[kind]}) AS h WHERE h.value = {wanted} "
            "ORDER BY account_id",
            {"value": value},
        ):
            if name in raised.index:
                says = tuple(str(code) for code in why[name][:3])
                found.setdefault(
                    name,
                    Effect(
                        "account", name, "raised_again", decision, says or ("risk",)
                    ),
                )
    yield from found.values()


def _harm(store: Store) -> Harm:
    moments: dict[str, list[int | None]] = {}
    for name, moment in store.rows(
        f"""SELECT n.account_id, h.moment FROM ({HARM}) AS h
            JOIN account_names AS n ON n.account = h.account ORDER BY ALL"""
    ):
        moments.setdefault(name, []).append(moment)
    return Harm(moments)


def _evidence_of_accounts(store: Store, names: list[str]) -> dict[str, Evidence]:
    rows = store.arrow(
        """SELECT account_id, signal, bits, events FROM out_evidence
           WHERE account_id IN (SELECT unnest($names)) ORDER BY account_id, signal""",
        {"names": names},
    ).to_pandas()
    return {str(k): evidence_of(part) for k, part in rows.groupby("account_id")}


def _evidence_of_teams(store: Store) -> dict[str, Evidence]:
    rows = store.arrow(
        """SELECT team_id, signal, bits, events FROM out_evidence
           WHERE account_id IS NULL ORDER BY team_id, signal"""
    ).to_pandas()
    return {str(k): evidence_of(part) for k, part in rows.groupby("team_id")}


def _put_accounts(store: Store, effects: Sequence[Effect]) -> None:
    mine = {e.id: e for e in effects if e.kind == "account" and e.effect != "verified"}
    texts = pa.list_(pa.string())
    store.put(
        "_settled",
        pa.table(
            {
                "id": pa.array(list(mine), pa.string()),
                "down": pa.array(
                    [e.effect == "kept_down" for e in mine.values()], pa.bool_()
                ),
                "said": pa.array([[e.text()] for e in mine.values()], texts),
            }
        ),
    )
    store.materialise(
        "out_accounts",
        """SELECT a.* REPLACE (
                 CASE WHEN s.down THEN 'none' ELSE a.action END AS action,
                 a.listed AND NOT coalesce(s.down, false) AS listed,
                 CASE WHEN s.down THEN s.said
                      ELSE list_concat(a.lacks, coalesce(s.said, [])) END AS lacks),
               s.said[1] AS decided
           FROM out_accounts AS a LEFT JOIN _settled AS s ON s.id = a.account_id""",
    )
    store.drop("_settled")
