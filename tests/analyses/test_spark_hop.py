"""The public record of Hop on two workers; skipped where the record is not."""

from pathlib import Path

import pytest

from tests.conftest import need_spark

need_spark()

from analyses.run import Run  # noqa: E402
from tests.analyses.same_answer import run  # noqa: E402
from tests.analyses.test_spark_run import Job, same  # noqa: E402

pytestmark = [pytest.mark.long, pytest.mark.longer]

HOP = Path(__file__).parents[2] / "loaders" / "mappings" / "hop.toml"


FOR_MORE_ROWS = [
    word
    for name, value in {
        "spark.sql.codegen.factoryMode": "FALLBACK",
        "spark.sql.codegen.wholeStage": "true",
    }.items()
    for word in ("--spark-property", f"{name}={value}")
]
"""Spark's own, which are worth it from some hundred thousand rows."""


def test_hop_is_the_same_on_two_workers(public_data, tmp_path):
    """43,052 accounts, and 758,877 transfers that are read as helps."""
    mapping = ["--mapping", str(HOP)]
    job = Job(public_data / "hop", tmp_path / "spark", *mapping, *FOR_MORE_ROWS)
    plain = run(public_data / "hop", tmp_path / "embedded", more=mapping)
    job.finish(3000)
    same(tmp_path / "spark", plain)
    found = Run.open(plain)
    assert found.manifest["phases"][0]["rows"] > 800_000
    assert len(found.accounts) > 1_000
