"""Ids and names that somebody chose to do harm with, or that look alike."""

import pyarrow as pa

from tests.loaders.catalogue.fault import Fault

AT = "2026-03-01T08:00:00Z"


def named(what: str, *ids: str, loaded: int | None = None) -> Fault:
    """Accounts with these ids; each is an id like any other, unless said otherwise."""
    rows = "".join('"' + one.replace('"', '""') + f'",{AT}\n' for one in ids)
    kept = len(ids) if loaded is None else loaded
    return Fault(
        what,
        {"accounts.csv": f"account_id,registered_at\n{rows}", "helps.csv": HELPED},
        loaded=kept + 1,
        rejected=len(ids) - kept,
    )


HELPED = "help_id,helper_id,helped_id,kind\nh1,x,y,registration\n"


def typed(what: str, ids: pa.Array, *, loaded: int) -> Fault:
    """Accounts in Parquet whose ids have this type."""
    times = pa.array([1772355600] * len(ids), pa.timestamp("s"))
    table = pa.table({"account_id": ids, "registered_at": times})
    return Fault(
        what,
        {"accounts.csv": None, "accounts.parquet": table},
        loaded=loaded,
        rejected=len(ids) - loaded,
    )


IDS = (
    named("an id that is a formula", "=1+1", '=HYPERLINK("//evil","x")'),
    named("ids that begin like formulas", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"),
    named("an id that is a path", "../../etc/passwd", "/dev/zero", "..", "."),
    named("an id that is SQL", "'; DROP TABLE accounts; --", '" OR 1=1'),
    named("an id that is Cypher", "'}) DETACH DELETE n //", "$id", "`n`"),
    named("an id that is HTML", "<script>alert(1)</script>", "&lt;", "-->"),
    named("an id that is a shell command", "$(reboot)", "`reboot`", "; reboot"),
    named("an id that is a pattern", "%", "_", "*", "[a-z]", "\\d+", ".*"),
    named("an id that is a format", "%s%n", "{0}", "{__class__}", "${jndi:x}"),
    named("an id that is a template", "{{ 7*7 }}", "{% raw %}", "{# #}"),
    named("ids that differ by case only", "Ann", "ANN", "ann"),
    named("ids that differ by their Unicode form only", "é", "e\u0301"),
    named("ids of letters that look alike", "ann", "аnn", "ａnn"),
    named("ids that differ by an invisible sign", "ann", "ann\u200b", "\ufeffann"),
    named("ids that differ by a space", "ann", " ann", "ann ", "an n"),
    named("an id of spaces", " ", "\u3000"),
    named("an id that turns the direction of writing", "\u202egpj.nna", "\u2066a"),
    named("an id that steers a terminal", "\x1b[2J\x1b[31mred", "\a", "\x7f"),
    named("an id with a line break", "two\nlines", "two\r\nlines", "two\u2028lines"),
    named("an id with a NUL", "a\0b", "a"),
    named("an id that is a number", "7", "07", "7.0", "7e0", "+7"),
    named("an id that is a word for nothing", "NULL", "None", "nan", "N/A", "\\N"),
    named("an id that is a truth", "true", "false"),
    named("an id that is a time", AT, "infinity"),
    named("an id that is JSON", '{"a": 1}', "[1, 2]", '"quoted"'),
    named("an id with commas and quotes", "a,b", 'a"b', '"'),
    named("an id of signs outside the basic plane", "👩‍👩‍👧‍👧", "𠮷", "🇨🇳"),
    named("an id of characters that are none", "\uffff", "\ue000", "\U000e0001"),
    named("an id of 256 bytes", "é" * 128),
    named("an id of 257 bytes", "é" * 128 + "x", loaded=0),
    named("an id of a million letters", "a" * 1_000_000, loaded=0),
    named("many marks on one letter", "a" + "\u0301" * 100),
    named("an empty id", "", "ann", loaded=1),
    typed("ids as whole numbers", pa.array([7, -7, 0]), loaded=3),
    typed("ids as doubles", pa.array([7.0, 7.5, float("nan"), 1e300]), loaded=4),
    typed("ids as truths", pa.array([True, False]), loaded=2),
    typed("ids as bytes", pa.array([b"ann", b"\xff\xfe", b""]), loaded=1),
    typed("ids as bytes of a fixed width", pa.array([b"ab"], pa.binary(2)), loaded=1),
    typed("ids as lists", pa.array([["ann"], ["bob"]]), loaded=0),
    typed("ids as structures", pa.array([{"id": "ann"}]), loaded=0),
    typed(
        "ids as texts in a dictionary",
        pa.array(["a", "b"]).dictionary_encode(),
        loaded=2,
    ),
    typed("ids as large texts", pa.array(["a", "b"], pa.large_string()), loaded=2),
    typed("ids that are all null", pa.nulls(2, pa.string()), loaded=0),
)
