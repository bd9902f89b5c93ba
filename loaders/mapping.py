"""How a source's own tables become those of the contract: `mapping.toml`.

A mapping names, for each table of the contract that the source has in another form,
where its rows come from and how its columns are written. Tables it does not name are
read as they are; so is, in a table it names, every column that it does not name and
that the source has under the contract's name. A complete example:

    [times]                           # what holds for every time that does not say
    unit = "iso"                      # iso | s | ms | us (since 1970)
    zone = "Asia/Shanghai"            # of times that are written without an offset

    [tables.helps]
    from = "vouchers"                 # vouchers.csv, or a folder vouchers/ of parts
    [tables.helps.columns]
    help_id = { id_of = ["helper", "helped", "at"] }  # made from the row's content
    helper_id = "helper"              # a column of the source
    helped_id = { column = "helped", lowercase = true }
    helped_at = { column = "at", unit = "ms" }
    kind = { constant = "registration" }
    result = { column = "state", words = { "0" = "ok", "1" = "expired" } }

    [tables.payments.columns]         # from its own name, so `from` is not needed
    amount_fen = { column = "amount", unit = "yuan" }

    [tables.scans.columns]
    latitude = { column = "lat", unit = "microdegrees" }

    [tables.accounts]                 # made from both ends of the vouchers
    one_row_per = ["account_id"]
    otherwise = { registered_at = "2026-01-01T00:00:00Z" }
    [[tables.accounts.rows]]
    from = "vouchers"
    columns = { account_id = "helper", registered_at = { column = "at", unit = "ms" } }
    [[tables.accounts.rows]]
    from = "vouchers"
    columns = { account_id = "helped", registered_at = { column = "at", unit = "ms" } }

- `id_of`: the MD5 of the named columns. In the column that names a table's rows, rows
  that agree in all of them get a running number (`…-2`, `…-3`) in the order of their
  contents, so that row order does not matter; elsewhere it is the id they share.
- `one_row_per`: rows that agree in these columns become one, which has the smallest
  value (the earliest time) of each other column. One source may serve several tables.
- `otherwise`: what stands where a value is then still missing, in the contract's form.
- `words` are applied to the text of a value; words not named pass as they are.
- `unit` of times: iso | s | ms | us; of degrees: degrees | microdegrees; of money:
  fen | yuan.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from graph.errors import InputError, did_you_mean
from graph.schema import TABLES, Column
from loaders.values import Unit

UNITS: dict[str, tuple[str, ...]] = {
    "time": ("iso", "s", "ms", "us"),
    "date": ("iso", "s", "ms", "us"),
    "degrees": ("degrees", "microdegrees"),
    "integer": ("fen", "yuan"),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Times(_Part):
    """What holds for every time whose column does not say otherwise."""

    unit: Literal["iso", "s", "ms", "us"] = "iso"
    zone: str | None = None


class ColumnFrom(_Part):
    """Where the values of one column come from, and how they are written."""

    column: str | None = None
    constant: str | bool | int | None = None
    id_of: tuple[str, ...] | None = Field(default=None, min_length=1, strict=False)
    unit: Unit | None = None
    zone: str | None = None
    words: dict[str, str] = {}
    lowercase: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = (self.column, self.constant, self.id_of)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("give one of column, constant and id_of")
        return self


def _short(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class RowsFrom(_Part):
    """The rows of one source, as rows of a table of the contract."""

    source: str | None = Field(default=None, alias="from")
    columns: dict[str, Annotated[ColumnFrom, BeforeValidator(_short)]] = {}


class TableFrom(_Part):
    """How one table of the contract is made: from one source, or from `rows`."""

    source: str | None = Field(default=None, alias="from")
    columns: dict[str, Annotated[ColumnFrom, BeforeValidator(_short)]] = {}
    rows: tuple[RowsFrom, ...] = Field(default=(), strict=False)
    one_row_per: tuple[str, ...] = Field(default=(), strict=False)
    otherwise: dict[str, str | bool | int] = {}

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.rows and (self.source or self.columns):
            raise ValueError("give either rows, or from and columns")
        return self

    def origins(self, name: str) -> tuple[tuple[str, dict[str, ColumnFrom]], ...]:
        """Return the sources of the table's rows, each with the columns named."""
        if self.rows:
            return tuple((rows.source or name, rows.columns) for rows in self.rows)
        return ((self.source or name, self.columns),)


class Mapping(_Part):
    """A whole mapping; the empty one reads the contract's tables as they are."""

    times: Times = Times()
    tables: dict[str, TableFrom] = {}

    def table(self, name: str) -> TableFrom:
        """Return how a table is made; as it is, when the mapping does not name it."""
        return self.tables.get(name, TableFrom())

    def sources(self) -> set[str]:
        """Return the names of all sources that the tables are made from."""
        return {
            source for name in TABLES for source, _ in self.table(name).origins(name)
        }


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a TOML file.

    Raises InputError that names everything that is wrong with it, in one line.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{path}: is a pipe or a device; write it to a file")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not TOML: {error}") from None
    except RecursionError:
        raise InputError(f"{path}: is not TOML: it is nested too deeply") from None
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path}: {'; '.join(_said(error))}") from None
    wrong = list(_against_contract(mapping))
    if wrong:
        raise InputError(f"{path}: {'; '.join(wrong)}")
    return mapping


def _said(error: ValidationError) -> Iterator[str]:
    keys = {
        field.alias or name
        for model in (Times, ColumnFrom, RowsFrom, TableFrom, Mapping)
        for name, field in model.model_fields.items()
    }
    for one in error.errors():
        where = ".".join(
            str(step + 1) if isinstance(step, int) else step
            for step in one["loc"]
            if not str(step).startswith("function-")
        )
        if one["type"] == "extra_forbidden":
            yield f"{where}: no such key{did_you_mean(str(one['loc'][-1]), keys)}"
        else:
            message = one["msg"].removeprefix("Value error, ")
            yield f"{where}: {message[:1].lower()}{message[1:]}"


def _against_contract(mapping: Mapping) -> Iterator[str]:
    zones = {mapping.times.zone}
    for name, table in mapping.tables.items():
        if name not in TABLES:
            yield f"tables.{name}: no such table{did_you_mean(name, TABLES)}"
            continue
        known = {column.name: column for column in TABLES[name].columns}
        named = [*table.one_row_per, *table.otherwise]
        for _, columns in table.origins(name):
            named += columns
            for column, origin in columns.items():
                zones.add(origin.zone)
                if column in known:
                    yield from _unfit(f"tables.{name}.{column}", known[column], origin)
        for column, value in table.otherwise.items():
            words = known[column].values if column in known else ()
            if words and value not in words:
                yield (
                    f"tables.{name}.otherwise.{column}: {value!r} is not one of "
                    f"{', '.join(words)}{did_you_mean(str(value), words)}"
                )
        for column in sorted(set(named) - set(known)):
            yield f"tables.{name}: no column {column!r}{did_you_mean(column, known)}"
    for zone in sorted(zone for zone in zones if zone):
        if zone not in available_timezones():
            hint = did_you_mean(zone, available_timezones())
            yield f"zone {zone!r} is not known{hint}"


def _unfit(where: str, column: Column, origin: ColumnFrom) -> Iterator[str]:
    units = UNITS.get(column.kind, ())
    if origin.unit and origin.unit not in units:
        fit = f"one of {', '.join(units)}" if units else "left out"
        yield f"{where}: the unit {origin.unit!r} does not fit; it must be {fit}"
    if origin.zone and column.kind != "time":
        yield f"{where}: a zone is for times"
