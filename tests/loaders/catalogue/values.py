"""Values that are not what their column asks for."""

import datetime
import decimal

import numpy as np
import pyarrow as pa

from tests.loaders.catalogue.fault import Fault

AT = "2026-03-01T08:00:00"


def registered(what: str, time: str, *, kept: bool = False) -> Fault:
    """An account that registered at a time of this form."""
    text = f'account_id,registered_at\nann,{AT}Z\nbob,"{time}"\n'
    return Fault(what, {"accounts.csv": text}, loaded=1 + kept, rejected=1 - kept)


def registered_as(what: str, times: pa.Array, *, kept: int = 0) -> Fault:
    """Accounts in Parquet whose times have this type."""
    names = [f"a{i}" for i in range(len(times))]
    table = pa.table({"account_id": names, "registered_at": times})
    return Fault(
        what,
        {"accounts.csv": None, "accounts.parquet": table},
        loaded=kept,
        rejected=len(times) - kept,
    )


def scanned_at(
    what: str, latitude: str, longitude: str, *, kept: bool = False
) -> Fault:
    """A scan at these coordinates."""
    text = (
        "scan_id,scanner_id,code_id,purpose,scanned_at,latitude,longitude\n"
        f's1,ann,c1,login,{AT}Z,"{latitude}","{longitude}"\n'
    )
    return Fault(what, {"scans.csv": text}, loaded=int(kept), rejected=1 - kept)


def balance(what: str, money: str, *, kept: bool = False) -> Fault:
    """A balance of this much."""
    text = f'account_id,balance_fen\nann,"{money}"\n'
    return Fault(what, {"balances.csv": text}, loaded=int(kept), rejected=1 - kept)


def balance_as(what: str, money: pa.Array, *, kept: int = 0) -> Fault:
    """Balances in Parquet of this type."""
    table = pa.table(
        {"account_id": [f"a{i}" for i in range(len(money))], "balance_fen": money}
    )
    return Fault(
        what, {"balances.parquet": table}, loaded=kept, rejected=len(money) - kept
    )


def address(what: str, text: str, *, kept: bool = False) -> Fault:
    """An account that registered from this address."""
    rows = f'account_id,registered_at,registration_ip\nann,{AT}Z,"{text}"\n'
    return Fault(what, {"accounts.csv": rows}, loaded=int(kept), rejected=1 - kept)


def emulator(what: str, word: str, *, kept: bool = False) -> Fault:
    """A device that says this of being an emulator."""
    rows = f'device_id,is_emulator\nd1,"{word}"\n'
    return Fault(what, {"devices.csv": rows}, loaded=int(kept), rejected=1 - kept)


def steps(what: str, text: str, *, kept: bool = False) -> Fault:
    """An unsealing whose steps took so long."""
    rows = (
        "application_id,account_id,applied_at,steps_seconds\n"
        f'u1,ann,2026-03-02,"{text}"\n'
    )
    return Fault(
        what, {"unseal_applications.csv": rows}, loaded=int(kept), rejected=1 - kept
    )


def day(what: str, text: str, *, kept: bool = False) -> Fault:
    """What an account did on a day of this form."""
    rows = f'account_id,day,messages_sent\nann,"{text}",3\n'
    return Fault(what, {"activity.csv": rows}, loaded=int(kept), rejected=1 - kept)


def help_kind(what: str, word: str, *, kept: bool = False) -> Fault:
    """A help of this kind."""
    rows = f'help_id,helper_id,helped_id,kind\nh1,ann,bob,"{word}"\n'
    return Fault(what, {"helps.csv": rows}, loaded=int(kept), rejected=1 - kept)


UTC = datetime.UTC

TIMES = (
    registered("a time in words", "yesterday"),
    registered("the 30th of February", "2026-02-30T08:00:00Z"),
    registered("seconds since 1970 in a CSV file", "1772355600"),
    registered("a leap second", "2026-03-01T08:00:60Z"),
    registered(
        "twenty-four o'clock, which is midnight", "2026-02-28T24:00:00Z", kept=True
    ),
    registered("the year 1", "0001-03-01T08:00:00Z"),
    registered("the year 9999", "9999-12-31T23:59:59Z"),
    registered("the year 10000", "10000-01-01T00:00:00Z"),
    registered("a year before Christ", "-2026-03-01T08:00:00Z"),
    registered("the year 1969", "1969-12-31T23:59:59Z"),
    registered("the year 2201", "2201-01-01T00:00:00Z"),
    registered("a thirteenth month", "2026-13-01T08:00:00Z"),
    registered("a date with slashes", "03/01/2026 08:00"),
    registered("a time with AM", "2026-03-01 08:00:00 AM"),
    registered("a time zone by name", "2026-03-01T08:00:00[Asia/Shanghai]"),
    registered("an offset of 99 hours", "2026-03-01T08:00:00+99:00"),
    registered("an offset, rightly written", "2026-03-01T16:00:00+08:00", kept=True),
    registered("parts of a second", "2026-03-01T08:00:00.999999Z", kept=True),
    registered("digits of another script", "２０２６-03-01T08:00:00Z"),
    registered("a space before a time", " 2026-03-01T08:00:00Z"),
    registered("a line break after a time", "2026-03-01T08:00:00Z\n"),
    registered("the word NULL as a time", "NULL"),
    registered("the word infinity as a time", "infinity"),
    registered("the word epoch as a time", "epoch"),
    registered("two times in one value", f"{AT}Z {AT}Z"),
    registered("a time without minutes", "2026-03-01T08"),
    registered("a week as a time", "2026-W09-7"),
    registered(
        "a time of 100,000 letters", "2026-03-01T08:00:00." + "9" * 100_000, kept=True
    ),
    registered_as("times as whole numbers in Parquet", pa.array([1772355600])),
    registered_as(
        "times as broken numbers in Parquet", pa.array([1.5e9, float("nan")])
    ),
    registered_as("true and false as times", pa.array([True, False])),
    registered_as("lists as times", pa.array([[1, 2]])),
    registered_as("lengths of time as times", pa.array([5], pa.duration("s"))),
    registered_as("times of the day as times", pa.array([5], pa.time64("us"))),
    registered_as(
        "a time in nanoseconds that no date has",
        pa.array([2**63 - 1, -(2**63) + 2], pa.timestamp("ns")),
    ),
    registered_as(
        "times in microseconds beyond all dates",
        pa.array([2**63 - 1, -(2**63) + 2], pa.timestamp("us")),
    ),
    registered_as(
        "times in milliseconds beyond all dates",
        pa.array([2**62, -(2**62)], pa.timestamp("ms")),
    ),
    registered_as(
        "a time that Parquet marks with a zone",
        pa.array(
            [datetime.datetime(2026, 3, 1, 8)], pa.timestamp("s", "Asia/Shanghai")
        ),
        kept=1,
    ),
    Fault(
        "a time beyond all dates beside a time in nanoseconds",
        {
            "activity.parquet": pa.table(
                {
                    "account_id": pa.array([0, 2**63 - 1], pa.timestamp("ns")),
                    "day": pa.array([0, 2**62], pa.timestamp("ms")),
                }
            )
        },
        loaded=1,
        rejected=1,
    ),
    registered_as("dates as times", pa.array([datetime.date(2026, 3, 1)]), kept=1),
    registered_as(
        "dates beyond all times", pa.array([2**31 - 1, -(2**31)], pa.date32())
    ),
    registered_as(
        "times as texts in a dictionary",
        pa.array([f"{AT}Z", "x"]).dictionary_encode(),
        kept=1,
    ),
    registered_as("times that are all null", pa.nulls(2, pa.timestamp("us"))),
    registered_as("a column of nothing at all", pa.nulls(2)),
    day("a time of the day in a date", "2026-03-01T08:00:00"),
    day("midnight as a date", "2026-03-01T00:00:00Z", kept=True),
    day("a date that is none", "2026-02-29"),
)

NUMBERS = (
    balance("half a fen", "7.5"),
    balance("a whole number with a point", "7.0", kept=True),
    balance("a word as a number", "seven"),
    balance("a number of 30 digits", "9" * 30),
    balance("a number of 1,000,000 digits", "9" * 1_000_000),
    balance("a power of ten", "1e3"),
    balance("a number with commas", "1,000"),
    balance("a hexadecimal number", "0x10"),
    balance("a number with an underline", "1_000"),
    balance("a number in full width", "７"),
    balance("an infinite number", "inf"),
    balance("no number (NaN)", "nan"),
    balance("two signs", "--7"),
    balance("a currency sign", "¥7"),
    balance("a formula as a number", "=1+1"),
    balance_as("the largest unsigned number", pa.array([2**64 - 1], pa.uint64())),
    balance_as("infinite and no numbers in Parquet", pa.array([np.inf, np.nan, 1e300])),
    balance_as("whole doubles", pa.array([7.0, -7.0, 7.5]), kept=2),
    balance_as(
        "decimals of 38 digits",
        pa.array([decimal.Decimal("9" * 38)], pa.decimal128(38, 0)),
    ),
    balance_as("decimals with fractions", pa.array([decimal.Decimal("7.50")])),
    balance_as("true as a number", pa.array([True])),
    balance_as("bytes as numbers", pa.array([b"7", b"\xff"]), kept=1),
    scanned_at("no number (NaN) as a latitude", "nan", "0"),
    scanned_at("an infinite longitude", "0", "-inf"),
    scanned_at("a latitude beyond the pole", "90.000001", "0"),
    scanned_at("a longitude beyond 180", "0", "180.000001"),
    scanned_at("latitude and longitude changed over", "121.5", "31.2"),
    scanned_at("a latitude beyond all numbers", "1e999", "0"),
    scanned_at("a decimal comma", "31,2", "121,5"),
    scanned_at("degrees and minutes", "31°12'", "121°30'"),
    scanned_at("millionths of a degree without a mapping", "31200000", "121500000"),
    scanned_at("minus zero", "-0.0", "0", kept=True),
    Fault(
        "infinite coordinates in Parquet",
        {
            "scans.parquet": pa.table(
                {
                    "scan_id": ["s1", "s2"],
                    "scanner_id": ["ann", "ann"],
                    "code_id": ["c", "c"],
                    "purpose": ["login", "login"],
                    "scanned_at": pa.array([1772355600] * 2, pa.timestamp("s")),
                    "latitude": [np.inf, 31.0],
                    "longitude": [0.0, np.nan],
                }
            )
        },
        rejected=2,
    ),
)

WORDS = (
    emulator("another word for true", "yes"),
    emulator("a word for true in Chinese", "是"),
    emulator("two as a truth", "2"),
    emulator("the letters T and F", "T"),
    emulator("a space after a truth", "true "),
    emulator("true in capital letters", "TRUE", kept=True),
    Fault(
        "truths as whole numbers in Parquet",
        {"devices.parquet": pa.table({"device_id": ["a", "b"], "is_emulator": [1, 2]})},
        loaded=1,
        rejected=1,
    ),
    help_kind("a misspelt word", "unsealin"),
    help_kind("a word in capital letters", "Unsealing"),
    help_kind("a word with a space", "unsealing "),
    help_kind("a word of another language", "注册"),
    help_kind("a word of 1,000,000 letters", "unsealing" * 111_112),
    help_kind("a word with an invisible sign", "un\u200bsealing"),
    help_kind("a required word that is empty", ""),
)

ADDRESSES = (
    address("an address with a port", "10.0.0.1:80"),
    address("a block instead of an address", "10.0.0.0/24"),
    address("an octet of 256", "10.0.0.256"),
    address("an octet with a zero before it", "010.0.0.1"),
    address("three octets", "10.0.1"),
    address("an address as one number", "167772161"),
    address("a host's name", "example.org"),
    address("an address of 100,000 letters", "1" * 100_000),
    address("an IPv6 address with a zone", "fe80::1%eth0"),
    address("an IPv6 address in brackets", "[2001:db8::1]"),
    address("an IPv6 address with two gaps", "2001::db8::1"),
    address("an IPv6 address of nine groups", "1:2:3:4:5:6:7:8:9"),
    address("an IPv4 address written as IPv6", "::ffff:10.0.0.1", kept=True),
    address("a NUL in an address", "10.0.0.1\0"),
    address("a space after an address", "10.0.0.1 "),
    address("an address in another script", "１０.0.0.1"),
    steps("a list that does not end", "[1, 2"),
    steps("a list in a list", "[[1], 2]"),
    steps("NaN in a list", "[NaN, 2]"),
    steps("an infinite time in a list", "[1e999, 2]"),
    steps("a negative time in a list", "[1, -2]"),
    steps("words in a list", '[""a"", 2]'),
    steps("one number instead of a list", "12"),
    steps("an object instead of a list", "{a: 1}"),
    steps("a list with a gap", "[1, , 2]"),
    steps("a list of 100,000 numbers", "[" + "1," * 99_999 + "1]", kept=True),
)

VALUES = (*TIMES, *NUMBERS, *WORDS, *ADDRESSES)
