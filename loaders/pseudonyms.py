"""Ids and addresses replaced by keyed hashes while they are read.

Whoever has the key can find out whom a pseudonym stands for, by hashing the ids that
are known; nobody else can. The same key gives the same pseudonyms in every run, so that
decisions and earlier runs go on to fit.

| value | becomes | what stays |
|---|---|---|
| id, access point, group, hash, contact | 20 hexadecimal digits | which are equal |
| address | another address | which share an octet, a block (/24, /48) and so on |
| phone number without its end | other digits | its length, and which begin alike |
| nickname | other letters and digits | its length and its shape |

Everything else (times, versions, regions, coordinates, amounts) stays as it is.
"""

import hashlib
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from graph.errors import InputError
from graph.schema import Column, Table
from graph.store import Store
from loaders.values import literal, normal_address, quoted

KEY = "SCANRING_KEY"
"""The environment variable that the key is read from, and from nowhere else."""

LEAST_KEY = 16
NAME_BYTES = 10
HASHED_TEXTS = ("diversion_target", "answers_hash", "content_hash")
LEFT_OUT = "left out: pseudonymised"
"""What stands in the rejects in the place of a value."""

_RUNS = re.compile(r"[^\x00-\x7f]+")
_FIRST_SIGN, _SIGNS = 0x4E00, 20_000  # of the unified Chinese characters


@dataclass(frozen=True)
class Pseudonyms:
    """The functions of one key; the same key gives the same pseudonyms.

    >>> one = Pseudonyms(b"0123456789abcdef")
    >>> one.name("ann") == one.name("ann"), one.name("ann") == one.name("bob")
    (True, False)
    >>> a, b = one.address("10.1.2.3"), one.address("10.1.2.250")
    >>> a != "10.1.2.3", a.rpartition(".")[0] == b.rpartition(".")[0]
    (True, True)
    """

    key: bytes

    @classmethod
    def from_environment(cls) -> "Pseudonyms":
        """Return the functions of the key in `SCANRING_KEY`; InputError without one."""
        key = os.environ.get(KEY, "").encode()
        if len(key) < LEAST_KEY:
            what = "is too short" if key else "is not set"
            raise InputError(
                f"the environment variable {KEY} {what}: pseudonyms need a key of at "
                f"least {LEAST_KEY} bytes, which you keep"
            )
        return cls(key)

    @property
    def mark(self) -> str:
        """A mark of the key that does not tell it: equal for equal keys."""
        return self._hash("mark", "", 6).hex()

    def name(self, text: str) -> str:
        """Return the pseudonym of an id."""
        return self._hash("name", text, NAME_BYTES).hex()

    def address(self, text: str) -> str:
        """Return another address, which shares with others what this one shares."""
        normal = normal_address(text)
        if normal is None:
            return self.name(text)
        family = socket.AF_INET6 if ":" in normal else socket.AF_INET
        packed = socket.inet_pton(family, normal)
        changed = bytes(
            (octet + self._hash("address", packed[:at].hex(), 1)[0]) % 256
            for at, octet in enumerate(packed)
        )
        written = socket.inet_ntop(family, changed)
        return normal_address(written) or written

    def phone(self, text: str) -> str:
        """Return other digits in the place of a number's; equal beginnings stay so."""
        return "".join(
            str((int(one) + self._hash("phone", text[:at], 1)[0]) % 10)
            if one in "0123456789"
            else one
            for at, one in enumerate(text)
        )

    def nickname(self, text: str) -> str:
        """Return a name of the same shape; signs of other scripts go by their runs."""
        noise = self._noise("nickname", text)

        def other(one: str) -> str:
            for first, count in (("0", 10), ("a", 26), ("A", 26)):
                if 0 <= ord(one) - ord(first) < count:
                    return chr(ord(first) + next(noise) % count)
            return one

        def other_run(run: re.Match[str]) -> str:
            signs = self._noise("run", run[0])
            return "".join(chr(_FIRST_SIGN + next(signs) % _SIGNS) for _ in run[0])

        return _RUNS.sub(other_run, "".join(map(other, text)))

    def replace(self, store: Store, table: Table) -> None:
        """Replace the values of a staged table, and those of its rejects."""
        name = f"_staged_{table.name}"
        changed = [
            f"{sql} AS {quoted(column.name)}"
            for column in table.columns
            if (sql := _changed(table, column))
        ]
        if changed:
            store.materialise(
                "_renamed", f"SELECT * REPLACE ({', '.join(changed)}) FROM {name}"
            )
            store.drop(name)
            store.connection.execute(f"ALTER TABLE _renamed RENAME TO {name}")
        store.connection.execute(
            f"UPDATE _rejects SET value = {literal(LEFT_OUT)} "
            f"WHERE table_name = {literal(table.name)} AND value IS NOT NULL"
        )
        store.connection.execute(f"UPDATE _broken SET text = {literal(LEFT_OUT)}")

    @contextmanager
    def functions(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let the connection's SQL call the functions, as `pseudonym_NAME`."""
        made = {
            "pseudonym_name": self.name,
            "pseudonym_address": self.address,
            "pseudonym_phone": self.phone,
            "pseudonym_nickname": self.nickname,
        }
        for name, function in made.items():
            connection.create_function(
                name,
                _for_arrays(function),
                ["VARCHAR"],
                "VARCHAR",
                type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL,
            )
        try:
            yield
        finally:
            for name in made:
                connection.remove_function(name)

    def _hash(self, kind: str, text: str, size: int) -> bytes:
        key = hashlib.blake2b(self.key).digest()
        return hashlib.blake2b(
            text.encode(errors="surrogatepass"),
            key=key,
            digest_size=size,
            person=kind.encode(),
        ).digest()

    def _noise(self, kind: str, text: str) -> Iterator[int]:
        number = 0
        while True:
            block = self._hash(kind, f"{number} {text}", 64)
            yield from (
                int.from_bytes(block[at : at + 4]) for at in range(0, len(block), 4)
            )
            number += 1


def _for_arrays(
    function: Callable[[str], str],
) -> Callable[[pa.ChunkedArray], pa.Array]:
    def of_array(texts: pa.ChunkedArray) -> pa.Array:
        known: dict[str | None, str | None] = {None: None}
        values = texts.to_pylist()
        for text in values:
            if text not in known:
                known[text] = function(text)
        return pa.array([known[text] for text in values], pa.string())

    return of_array


def function_of(column: str, kind: str) -> str | None:
    """Return the function for a column, None when its values stay as they are.

    >>> function_of("wifi", "id"), function_of("app_version", "text")
    ('pseudonym_name', None)
    """
    special = {"phone_prefix": "pseudonym_phone", "nickname": "pseudonym_nickname"}
    if kind == "id" or column in HASHED_TEXTS:
        return "pseudonym_name"
    if kind == "ip":
        return "pseudonym_address"
    return special.get(column)


def _changed(table: Table, column: Column) -> str | None:
    """Return SQL for the pseudonym in a column, None when there is none."""
    name = quoted(column.name)
    if table.name == "declared" and column.name == "value":
        return (
            f"CASE kind WHEN 'ip' THEN pseudonym_address({name}) "
            f"WHEN 'phone_prefix' THEN pseudonym_phone({name}) "
            f"ELSE pseudonym_name({name}) END"
        )
    function = function_of(column.name, column.kind)
    return f"{function}({name})" if function else None
