"""Runs for the page: one whose ids and nicknames attack, and one of thousands of teams.

The people under investigation write nicknames, and ids come from whoever made the data.
"""

import json
from pathlib import Path

import duckdb
import pytest

from analyses.run import Run
from graph.store import Store

ATTACKS = {
    "b1": "<script>document.title='owned'</script>",
    "b2": '"><img src=x onerror="document.title=1">',
    "w": '=HYPERLINK("http://x","y")',
    "p": "moc\u202egnp.exe",
    "g": "\x1b[31mred\x07",
}
NICKNAME = "</script><script>document.title='owned'</script>\u202e\x1b[2J$x^{2}$王小明"


@pytest.fixture
def hostile_folder(run_folder: Path) -> Path:
    """The little run with ids and nicknames that attack whoever shows them."""
    with duckdb.connect(run_folder / "store.duckdb") as store:
        store.execute("UPDATE accounts SET nickname = $said", {"said": NICKNAME})
        for table in ("accounts", "account_names"):
            for name, attack in ATTACKS.items():
                store.execute(
                    f"UPDATE {table} SET account_id = $attack WHERE account_id = $name",
                    {"attack": attack, "name": name},
                )
        renamed = "CASE account_id " + " ".join(
            f"WHEN '{name}' THEN '{attack.replace(chr(39), chr(39) * 2)}'"
            for name, attack in ATTACKS.items()
        )
        for table in ("accounts", "members", "evidence"):
            path = run_folder / f"{table}.parquet"
            store.execute(
                f"""CREATE OR REPLACE TEMP TABLE changed AS SELECT * REPLACE
                    ({renamed} ELSE account_id END AS account_id)
                    FROM read_parquet('{path}')"""
            )
            store.execute(f"COPY changed TO '{path}' (FORMAT parquet)")
    return run_folder


@pytest.fixture
def hostile_run(hostile_folder: Path):
    """The same, opened."""
    with Run.open(hostile_folder) as run:
        yield run


@pytest.fixture
def little_run(run_folder: Path):
    """The little run of tests/analyses/conftest.py, opened."""
    with Run.open(run_folder) as run:
        yield run


TEAMS, MEMBERS = 5_000, 20


@pytest.fixture(scope="session")
def crowded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 5,000 farms of 20 accounts, with shared devices, helps and evidence."""
    folder: Path = tmp_path_factory.mktemp("crowded") / "run"
    folder.mkdir()
    start = 1_772_352_000
    every = TEAMS * MEMBERS
    store = duckdb.connect(folder / "store.duckdb")
    store.execute("SELECT setseed(0.5)")
    made = {
        "accounts": f"""SELECT n AS account,
              'a' || lpad(CAST(n AS VARCHAR), 8, '0') AS account_id,
              {start} + n * 7919 % 6912000 AS registered_at,
              true AS is_new, '用户' || n AS nickname, CAST(NULL AS VARCHAR)
              AS profile_region, false AS real_name_verified
              FROM range({every}) t(n)""",
        "account_names": """SELECT account, account_id, false AS outside
              FROM accounts""",
        "devices": f"""SELECT n AS device, 'd' || n AS device_id
              FROM range({TEAMS}) t(n)""",
        "shared_keys": f"""SELECT CAST(n AS INTEGER) AS key, 'device' AS kind,
              CAST(n AS VARCHAR) AS value, {MEMBERS} AS new_holders,
              0 AS established_holders FROM range({TEAMS}) t(n)""",
        "key_holders": f"""SELECT account // {MEMBERS} AS key, account
              FROM accounts WHERE account % 3 > 0""",
        "helps": f"""SELECT 'h' || account AS help_id, (account * 31 + 7) % {every}
              AS helper, account AS helped, 'registration' AS kind,
              registered_at + 60 AS helped_at, 'ok' AS result FROM accounts""",
        "scans": "SELECT helper AS scanner, helped_at AS scanned_at FROM helps",
        "complaints": """SELECT account, registered_at + 864000 AS filed_at
              FROM accounts WHERE account % 5 = 0""",
        "sanctions": """SELECT account, registered_at + 964000 AS applied_at
              FROM accounts WHERE account % 7 = 0""",
    }
    for name, sql in made.items():
        store.execute(f"CREATE TABLE {name} AS {sql}")
    team = f"'farm-' || lpad(CAST(account // {MEMBERS} AS VARCHAR), 6, '0')"
    codes = "['prior','helper_record','attachment','device_kind','real_name','payment']"
    found = {
        "accounts": f"""SELECT account_id, 0.5 + account % 50 / 100.0 AS risk,
              'batch_registered' AS role, {team} AS team_id, 'limit' AS action,
              true AS listed, CAST(NULL AS DOUBLE) AS helper_score,
              ['helper_record'] AS reasons FROM accounts""",
        "teams": f"""SELECT {team} AS team_id, 'registration_farm' AS kind,
              CAST(count(*) AS BIGINT) AS members, (account // {MEMBERS}) % 100 / 100.0
              AS risk, make_timestamp(min(registered_at) * 1000000) AS first_seen,
              make_timestamp(max(registered_at) * 1000000) AS last_seen
              FROM accounts GROUP BY account // {MEMBERS}""",
        "members": f"""SELECT {team} AS team_id, account_id, 'batch_registered'
              AS role, account % 10 + 0.5 AS evidence_bits FROM accounts""",
        "helps": f"""SELECT help_id, 'farm-' || lpad(CAST(helper // {MEMBERS}
              AS VARCHAR), 6, '0') AS team_id, 'owned' AS pattern FROM helps""",
        "links": f"""SELECT DISTINCT {team} AS team_a, 'farm-' || lpad(CAST(
              (account // {MEMBERS} + 1) % {TEAMS} AS VARCHAR), 6, '0') AS team_b,
              'serves' AS kind, CAST(3 AS BIGINT) AS events FROM accounts""",
        "evidence": f"""SELECT {team} AS team_id, account_id, signal,
              account % 9 - 3.5 AS bits,
              [{{'table': 'accounts', 'id': account_id}}] AS events
              FROM accounts, unnest({codes}) t(signal)
              UNION ALL SELECT DISTINCT {team}, NULL, signal, length(signal) - 8.5,
              [{{'table': 'helps', 'id': 'h1'}}] FROM accounts,
              unnest({codes}) t(signal)""",
    }
    for name, sql in found.items():
        path = folder / f"{name}.parquet"
        store.execute(f"COPY (SELECT * FROM ({sql}) ORDER BY ALL) TO '{path}'")
    store.close()
    window = {"new_since": start, "as_of": start + 90 * 86_400}
    manifest = {"format": "scanring run", "files": [], "window": window}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def crew_run(run_folder: Path):
    """The little run whose crew C stood at four stalls; p was lured at the first."""
    with Store(run_folder / "store.duckdb") as store:
        store.connection.execute(
            """CREATE TABLE gatherings AS SELECT 'h4' AS help_id, 7 AS gathering;
               CREATE TABLE crew_sessions AS
               SELECT 'C' AS team_id, 7 + n AS session,
                 1772352000 + n * 3 * 86400 + 7 * 3600 AS "first",
                 1772352000 + n * 3 * 86400 + 9 * 3600 AS "last",
                 30000000 + 100 * n AS latitude, 120000000 AS longitude,
                 10 + n AS helps, 'position' AS placed_by FROM range(4) t(n)"""
        )
    with Run.open(run_folder) as run:
        yield run
