"""From the candidates of a network to its teams: evidence in bits, members, risks."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analyses.detection.giver_signals import share_bits
from analyses.detection.teams import team_id
from analyses.networks.declarations import OWN_DECLARATION, find_declared, put_declared
from analyses.networks.network import Network
from analyses.reporting.outputs import DECEIVED_ROLES
from graph.store import Store

FOUND_AT = 0.5
"""The least risk of a team, and of a member, that is reported."""

MOST_BITS = 20.0
"""The most that anybody's odds may say, either way."""

TABLES = {
    "network_members": "team INTEGER, account INTEGER, role VARCHAR",
    "network_shares": "team INTEGER, signal VARCHAR, yes BIGINT, known BIGINT",
    "network_answers": "team INTEGER, account INTEGER, signal VARCHAR, answer INTEGER",
    "network_events": "team INTEGER, account INTEGER, ground VARCHAR, "
    '"table" VARCHAR, id VARCHAR, moment BIGINT',
    "network_helps": "team INTEGER, help_id VARCHAR",
    "network_served": "team INTEGER, account INTEGER",
    "network_stalls": 'team INTEGER, session INTEGER, "first" BIGINT, "last" BIGINT, '
    "latitude BIGINT, longitude BIGINT, placed_by VARCHAR",
    "network_stall_scans": "team INTEGER, session INTEGER, scan_id VARCHAR",
}
"""The tables that a network makes, and their columns."""


@dataclass(frozen=True)
class Found:
    """The teams of one network.

    `teams`: team, team_id, risk, first, last. `members`: team, account, role, bits (the
    log2 odds that it belongs and takes part), risk (0 of the deceived) and certainty.
    `evidence`: team, account (-1: of the team), signal, bits, says. `events`: team,
    account, ground, table, id. `helps`: team, help_id. `served`: team, account.
    `stalls`: team, session, first, last, latitude, longitude, placed_by; `stall_scans`:
    team, session, scan_id.
    """

    network: Network
    teams: pd.DataFrame
    members: pd.DataFrame
    evidence: pd.DataFrame
    events: pd.DataFrame
    helps: pd.DataFrame
    served: pd.DataFrame
    stalls: pd.DataFrame
    stall_scans: pd.DataFrame


def find(store: Store, network: Network) -> Found:
    """Return the teams of a network that are more likely than not."""
    for name, columns in TABLES.items():
        store.create(name, columns)
    shared = store.has("network_declared")
    if not shared:
        find_declared(store)
    network.find(store)
    if OWN_DECLARATION.code in network.member_signals:
        put_declared(store)
    if not shared:
        store.drop("network_declared")
    frames = {
        name: store.frame(
            f"SELECT {', '.join(c.split()[0] for c in columns.split(', '))} "
            f"FROM {name} ORDER BY ALL"
        )
        for name, columns in TABLES.items()
    }
    store.drop(*TABLES)
    found = _weigh(network, frames)
    return _named(store, found)


def _weigh(network: Network, frames: dict[str, pd.DataFrame]) -> Found:
    members = _with_one_role(network, frames["network_members"])
    of_teams = _team_bits(network, frames["network_shares"], members["team"].unique())
    odds = of_teams.groupby("team")["bits"].sum()
    own = _member_bits(network, frames["network_answers"], members, odds)
    bits = own.groupby(["team", "account"])["bits"].sum().rename("bits").reset_index()
    members = members.merge(bits, on=["team", "account"], how="left")
    members["bits"] = members["bits"].clip(-MOST_BITS, MOST_BITS)
    members["certainty"] = _probability(members["bits"])
    deceived = members["role"].isin(DECEIVED_ROLES)
    members["risk"] = np.where(deceived, 0.0, members["certainty"])
    inside = members["certainty"] >= FOUND_AT
    acting = members[inside & ~deceived].groupby("team").size()
    teams = pd.DataFrame({"team": odds.index, "risk": _probability(odds)})
    enough = acting.reindex(teams["team"], fill_value=0).to_numpy() >= network.least
    teams = teams[enough & (teams["risk"] >= FOUND_AT)].reset_index(drop=True)
    members = members[inside & members["team"].isin(teams["team"])]
    keys = members[["team", "account"]]
    # What says how surely somebody was deceived is no evidence against the person.
    accused = members.loc[members["risk"] > 0, ["team", "account"]]
    evidence = pd.concat(
        [of_teams[of_teams["team"].isin(teams["team"])], own.merge(accused)],
        ignore_index=True,
    )
    events = frames["network_events"].merge(keys)
    seen = events.groupby("team")["moment"].agg(first="min", last="max")
    teams = teams.merge(seen, left_on="team", right_index=True, how="left")
    helps, served = frames["network_helps"], frames["network_served"]
    return Found(
        network,
        teams,
        members.reset_index(drop=True),
        evidence[evidence["bits"] != 0],
        events,
        helps[helps["team"].isin(teams["team"])],
        served[served["team"].isin(teams["team"])],
        *(
            frames[name][frames[name]["team"].isin(teams["team"])]
            for name in ("network_stalls", "network_stall_scans")
        ),
    )


def _with_one_role(network: Network, members: pd.DataFrame) -> pd.DataFrame:
    """Return each member of a team once, in the role that the network names first."""
    order = {role: place for place, role in enumerate(network.roles)}
    ranked = members.assign(place=members["role"].map(order))
    assert ranked["place"].notna().all(), set(members["role"]) - set(order)
    ranked = ranked.sort_values(["team", "account", "place"], kind="stable")
    return (
        ranked.drop_duplicates(["team", "account"])
        .drop(columns="place")
        .reset_index(drop=True)
    )


def _team_bits(
    network: Network, shares: pd.DataFrame, teams: np.ndarray
) -> pd.DataFrame:
    parts = [pd.DataFrame({"team": teams, "signal": "prior", "bits": network.prior})]
    for code, signal in network.team_signals.items():
        mine = shares[(shares["signal"] == code) & (shares["known"] > 0)]
        known = mine["known"].to_numpy(float)
        bits = share_bits(signal, mine["yes"].to_numpy(float) / known, known)
        parts.append(pd.DataFrame({"team": mine["team"], "signal": code, "bits": bits}))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(account=-1, says=None)


def _member_bits(
    network: Network, answers: pd.DataFrame, members: pd.DataFrame, odds: pd.Series
) -> pd.DataFrame:
    """Return where each member starts, and what its own answers add."""
    start = np.minimum(odds.reindex(members["team"]).to_numpy(), network.strangers)
    keys = members[["team", "account"]]
    parts = [
        keys.assign(signal="prior", bits=network.prior, says=None),
        keys.assign(signal="team", bits=start - network.prior, says=None),
    ]
    for code, signal in network.member_signals.items():
        mine = answers[answers["signal"] == code].merge(keys)
        mine = mine.drop_duplicates(["team", "account"])
        shares = [(level.collusive, level.innocent) for level in signal.levels]
        weight = np.array([np.log2(yes / no) for yes, no in shares])
        words = np.array([level.sentence for level in signal.levels], dtype=object)
        given = mine["answer"].to_numpy(int)
        parts.append(
            pd.DataFrame(
                {
                    "team": mine["team"],
                    "account": mine["account"],
                    "signal": code,
                    "bits": weight[given],
                    "says": words[given],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _probability(bits: pd.Series) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp2(-bits.to_numpy(float))))


def _named(store: Store, found: Found) -> Found:
    """Name each team by its smallest account id that takes part."""
    acting = found.members[~found.members["role"].isin(DECEIVED_ROLES)]
    # Accounts are numbered in the order of their ids.
    first = acting.groupby("team")["account"].min()
    names = dict(
        store.rows(
            """SELECT account, account_id FROM account_names
               WHERE account IN (SELECT unnest($accounts))""",
            {"accounts": [int(account) for account in first]},
        )
    )
    ids = {
        team: team_id(found.network.word, names[account])
        for team, account in first.items()
    }
    teams = found.teams.assign(team_id=found.teams["team"].map(ids).astype(object))
    return replace(found, teams=teams)
