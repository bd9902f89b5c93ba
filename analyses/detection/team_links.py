"""Which team works for which: who serves a farm, and who is run by one."""

from graph.store import Store

DEVICE_ACCOUNTS = 3
"""A device on which so many of a farm's accounts were used may be the farm's own."""

CONTROL_EVENTS = 3
"""So many events must show that a farm runs a crew or a platform."""

CONTROL_ACCOUNTS = {"scanning_crew": 1, "helper_platform": 2}
"""Of so many accounts. A crew has few operators; a platform has many workers, of whom
one may have a farm on the side."""


def put_links(store: Store) -> None:
    """Make `out_links(team_a, team_b, kind, events)`.

    A crew *serves* the farms whose accounts it helped, a platform *supplies workers
    to* them; events are the helps. A farm *controls* a crew or a platform when those
    who run it, a crew's operators or a platform's workers, are the farm's own: its
    accounts or aged helpers give the helps, or they sit on the farm's devices. Events
    are these helps, logins and registrations.

    Reads `_given(help_id, helper, helped, team_id)`, `_members(team_id, account, role)`
    and `_teams(team_id, kind)`.
    """
    _put_farm_devices(store)
    store.materialise(
        "_running",
        """SELECT m.team_id, t.kind, m.account FROM _members AS m
           JOIN _teams AS t ON t.team_id = m.team_id
           WHERE (t.kind = 'scanning_crew' AND m.role = 'operator')
              OR (t.kind = 'helper_platform' AND m.role = 'platform_worker')""",
    )
    enough = " OR ".join(
        f"(kind = '{kind}' AND count(DISTINCT account) >= {accounts})"
        for kind, accounts in CONTROL_ACCOUNTS.items()
    )
    store.materialise(
        "out_links",
        f"""WITH own AS (
              SELECT g.team_id, t.kind, g.helper AS account, o.team_id AS farm
              FROM _given AS g JOIN _teams AS t ON t.team_id = g.team_id
              JOIN _members AS o ON o.account = g.helper
                AND o.role IN ('owned_helper', 'batch_registered')
              JOIN _running AS r ON r.team_id = g.team_id AND r.account = g.helper
              UNION ALL
              SELECT r.team_id, r.kind, r.account, d.farm
              FROM _running AS r JOIN device_uses AS u ON u.account = r.account
              JOIN farm_devices AS d ON d.device = u.device)
            SELECT g.team_id AS team_a, m.team_id AS team_b,
                   CASE WHEN t.kind = 'helper_platform' THEN 'supplies_workers_to'
                        ELSE 'serves' END AS kind,
                   count(*) AS events
            FROM _given AS g JOIN _teams AS t ON t.team_id = g.team_id
            JOIN _members AS m ON m.account = g.helped AND m.role = 'batch_registered'
            GROUP BY g.team_id, m.team_id, t.kind
            UNION ALL
            SELECT farm, team_id, 'controls', count(*) FROM own
            GROUP BY farm, team_id, kind
            HAVING count(*) >= {CONTROL_EVENTS} AND ({enough})""",
    )
    store.drop("_running", "device_uses", "farm_devices")


def _put_farm_devices(store: Store) -> None:
    """Make `device_uses(account, device)` and `farm_devices(device, farm)`.

    A device is a farm's own when several of its accounts were used there, and they are
    most of all that ever were; a declared one is not.
    """
    store.materialise(
        "device_uses",
        """SELECT account, registration_device AS device FROM accounts
           WHERE registration_device IS NOT NULL
           UNION ALL SELECT account, device FROM logins WHERE device IS NOT NULL""",
    )
    store.materialise(
        "farm_devices",
        f"""WITH everyone AS (
              SELECT device, count(DISTINCT account) AS accounts FROM device_uses
              GROUP BY device HAVING count(DISTINCT account) >= {DEVICE_ACCOUNTS}),
            ours AS (
              SELECT u.device, m.team_id AS farm,
                     count(DISTINCT u.account) AS accounts
              FROM device_uses AS u JOIN _members AS m ON m.account = u.account
                AND m.role IN ('owned_helper', 'batch_registered')
              GROUP BY u.device, m.team_id)
            SELECT o.device, o.farm FROM ours AS o
            JOIN everyone AS e ON e.device = o.device
            JOIN devices AS d ON d.device = o.device
            WHERE o.accounts >= {DEVICE_ACCOUNTS} AND o.accounts * 2 > e.accounts
              AND NOT EXISTS (SELECT 1 FROM declared AS x
                WHERE x.kind = 'device' AND x.value = d.device_id)""",
    )
