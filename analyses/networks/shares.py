"""Of how many members of a team something is true, and of how many it is known."""

from collections.abc import Mapping

from graph.store import Store


def put_shares(store: Store, seen: str, flags: Mapping[str, str], *others: str) -> None:
    """Add the shares of each candidate team to `network_shares`.

    `seen` is the table of members, or a join, one row each with its `team`. `flags`
    maps the code of a team signal to an SQL condition on such a row: how often it holds
    is counted against how often it is known (not null). `others` are SELECTs of (team,
    code, holds, known) for what is not a condition on members.
    """
    counted = [
        f"""SELECT team, '{code}', count(*) FILTER ({flag}), count({flag})
            FROM {seen} GROUP BY team"""
        for code, flag in flags.items()
    ]
    every = " UNION ALL ".join([*counted, *others])
    store.insert("network_shares", every)
