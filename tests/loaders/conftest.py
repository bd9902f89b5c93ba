from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.store import Store
from loaders import LoadReport, load

ACCOUNTS = """\
account_id,registered_at
ann,2026-03-01T08:00:00Z
bob,2026-03-01T09:00:00Z
"""
HELPS = """\
help_id,helper_id,helped_id,kind,helped_at
h1,ann,bob,registration,2026-03-01T09:00:00Z
"""


@pytest.fixture
def store():
    with Store(threads=2) as store:
        yield store


class Loaded:
    """A loaded folder: the report, the rows and the rejects."""

    def __init__(self, report: LoadReport, store: Store) -> None:
        self.report = report
        self.store = store

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        return self.store.rows(f"SELECT {columns} FROM loaded_{table} ORDER BY ALL")

    @property
    def rejects(self) -> list[tuple[Any, ...]]:
        return self.store.rows(
            'SELECT table_name, file, row, "column", value, reason FROM rejects'
        )

    @property
    def findings(self) -> list[str]:
        return [str(finding) for finding in self.report.findings]


@pytest.fixture
def loaded(tmp_path: Path, store: Store) -> Callable[..., Loaded]:
    """Write tables as CSV text and load them; accounts and helps are there unasked."""

    def write_and_load(*, mapping: str | None = None, **tables: str) -> Loaded:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        unasked = {} if mapping else {"accounts": ACCOUNTS, "helps": HELPS}
        for name, text in (unasked | tables).items():
            (data / f"{name}.csv").write_text(text, encoding="utf-8")
        path = None
        if mapping:
            path = tmp_path / "mapping.toml"
            path.write_text(mapping)
        report = load(data, store, mapping=path)
        for table in report.tables:
            assert table.read == table.loaded + table.rejected
        return Loaded(report, store)

    return write_and_load
