"""Three worlds to ask the query book in, and the values to ask with.

`mixed` and `careful` are sample worlds; `hostile` is small and has what breaks texts:
ids with quotation marks, helps of oneself, events without times.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx

from analyses.pipeline import run
from graph.cypher.book import Question
from loaders.simulator import WorldSettings, simulate
from tests.plain_answers import Plain

WORLDS = ("mixed", "careful", "hostile")

NASTY = "x' OR 1=1 //"
HOSTILE = {
    "accounts": "account_id,registered_at,registration_device_id,registration_ip,"
    """nickname
ann,2026-01-01T00:00:00,phone,10.0.0.1,"=cmd|' /C calc'!A0"
ben,2026-03-02T00:00:10,phone,10.0.0.2,"\x1b[31m"
"x' OR 1=1 //",2026-03-02T00:00:20,phone,10.0.0.3,}) DETACH DELETE n //
"""
    '"a""b`c\\u0027",2026-03-02T00:30:00,desk,2001:db8::1,\u202eabc\n'
    "王小明,2026-03-03T00:00:00,,,😀\n",
    "helps": """help_id,helper_id,helped_id,kind,helped_at,result
h1,ann,ben,registration,2026-03-02T00:01:00,ok
h2,ben,ann,registration,2026-03-04T00:01:00,ok
h3,ann,ann,registration,2026-03-05T00:01:00,ok
h4,ann,"x' OR 1=1 //",registration,2026-03-02T00:00:30,quota_refused
h5,outsider,"x' OR 1=1 //",unsealing,,ok
h6,outsider,王小明,registration,2026-03-06T00:00:00,ok
h7,ann,王小明,registration,2026-03-06T00:00:00,lost_race
""",
    "scans": """scan_id,scanner_id,code_id,purpose,scanned_at,result,device_id
s1,ann,code1,register_help,2026-03-02T00:01:00,ok,phone
s2,outsider,code1,register_help,2026-03-02T00:01:05,lost_race,
s3,ben,never issued,pay,2026-03-02T00:02:00,ok,phone
""",
    "codes": """code_id,account_id,purpose,issued_at
code1,ben,register_help,2026-03-02T00:00:50
""",
    "ties": """account_a,account_b,kind,since
ann,ben,friend,2026-01-05T00:00:00
ben,ann,family,
""",
    "payments": """payment_id,payer_id,payee_id,paid_at,amount_fen
p1,ann,ben,2026-03-03T00:00:00,1200
p2,ann,ann,2026-03-03T00:00:00,5
p3,ben,ann,2026-03-05T00:00:00,1500
p4,ben,王小明,2026-03-03T01:00:00,1150
""",
    "sanctions": """account_id,action,applied_at,until
"x' OR 1=1 //",short_block,2026-03-02T00:00:25,2026-03-20T00:00:00
ann,long_block,2026-03-03T00:00:00,
ann,unsealed,2026-03-04T12:00:00,
""",
    "complaints": """complaint_id,account_id,category,filed_at,verified,complainant_id
c1,ben,fraud,2026-03-05T00:00:00,true,ann
c2,ben,spam,,false,
""",
}


def make_world(name: str, folder: Path) -> Path:
    """Make the run of a world in a folder, and return the run's."""
    data = folder / "data"
    if name == "hostile":
        data.mkdir()
        for table, text in HOSTILE.items():
            (data / f"{table}.csv").write_text(text, encoding="utf-8")
        assert all(list(csv.reader(text.splitlines())) for text in HOSTILE.values())
    else:
        simulate(
            data,
            WorldSettings(
                seed={"mixed": 31, "careful": 32}[name],
                new=2500,
                existing=4000,
                farmed=0.3,
                crews=2,
                style=name,  # type: ignore[arg-type]  # both are styles
                networks=("verification_crew",) if name == "mixed" else (),
            ),
        )
    run(data, folder / "run")
    return folder / "run"


def _far_from(plain: Plain, account: str, hops: int) -> str:
    """Return an account that is 1, 2, … hops away from another, or as far as may be."""
    start = f"account {account}"
    far = nx.single_source_shortest_path_length(plain.graph, start, cutoff=hops + 1)
    ranked = sorted((d, node) for node, d in far.items() if node[:8] == "account ")
    return str(ranked[-1][1]).removeprefix("account ")


def values_to_ask_with(plain: Plain, asked: Question) -> Iterator[dict[str, Any]]:
    """Give values for a question: some that are in the world, and one that is not."""
    many = {
        "account": plain.ids(
            """(SELECT taker FROM h GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 2)
               UNION ALL (SELECT giver FROM h GROUP BY 1 ORDER BY count(*) DESC, 1
                          LIMIT 2)"""
        ),
        "team": plain.ids(
            """SELECT team_id FROM f_teams
               ORDER BY row_number() OVER (
                 PARTITION BY kind ORDER BY members DESC, team_id), kind"""
        ),
        "device": plain.ids(
            """SELECT dev FROM use GROUP BY 1
               ORDER BY count(*) FILTER (way = 'registration') DESC, 1"""
        ),
        "block": plain.ids(
            """SELECT registration_block FROM accounts WHERE registration_block NOT NULL
               GROUP BY 1 ORDER BY count(*) DESC, 1"""
        ),
        "code": plain.ids("SELECT code FROM s GROUP BY 1 ORDER BY count(*) DESC, 1"),
    }
    many["other"] = [
        _far_from(plain, each, n) for n, each in enumerate(many["account"])
    ]
    many["other_team"] = many["team"][1:] + many["team"][:1]
    free = [each.name for each in asked.parameters if each.default is None]
    most = 4 if free else 1
    for at in range(most):
        values: dict[str, Any] = {}
        for parameter in asked.parameters:
            if parameter.default is not None:
                low = {"minimum": 1, "limit": 10**6, "days": 400, "seconds": 7200}
                values[parameter.name] = (
                    parameter.default
                    if at
                    else low.get(parameter.name, parameter.default)
                )
            elif parameter.name == "since":
                values["since"] = (0, 1_772_400_000, 1_774_000_000, 10**10)[at]
            else:
                found = many[parameter.name]
                values[parameter.name] = found[at] if at < len(found) else NASTY
        yield values
