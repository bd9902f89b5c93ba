"""Each statement of an analysis alone, on Spark and embedded: the same rows.

An embedded run over a sample world notes its statements with the tables that they read;
Spark runs each over the same tables. So a difference names the statement that made it,
and none can hide behind another.
"""

import pytest

from tests.conftest import need_spark

need_spark()

from analyses.analysis import Settings, analyse  # noqa: E402
from analyses.networks.registry import NETWORKS  # noqa: E402
from analyses.phases import Clock  # noqa: E402
from graph.numbering import find_window, number  # noqa: E402
from graph.spark_store import SparkStore  # noqa: E402
from loaders import load  # noqa: E402
from loaders.simulator import WorldSettings, simulate  # noqa: E402
from tests.engines import Recorder, difference  # noqa: E402

pytestmark = pytest.mark.long

WORLDS = {
    "all networks": WorldSettings(
        seed=5, new=1200, existing=2400, networks=tuple(NETWORKS)
    ),
    "no positions": WorldSettings(
        seed=7,
        new=800,
        existing=800,
        design="student_towns",
        farmed=0.3,
        style="naive",
    ),
}


@pytest.fixture(
    scope="module",
    params=[
        WORLDS["all networks"],
        pytest.param(WORLDS["no positions"], marks=pytest.mark.longer),
    ],
    ids=[*WORLDS],
)
def statements(request, tmp_path_factory):
    """The statements of an embedded run over a world."""
    data = tmp_path_factory.mktemp("world") / "data"
    simulate(data, request.param)

    def told(name, at, of):
        store.phase = name

    with Recorder() as store:
        load(data, store, count_outside=False)
        store.phase = "number"
        window = find_window(store)
        number(store, window)
        analyse(store, Settings(as_of=window.as_of), Clock(told))
        yield store.statements


@pytest.fixture(scope="module")
def there(spark, tmp_path_factory):
    with SparkStore(spark, tmp_path_factory.mktemp("spark") / "tables") as store:
        yield store


def test_every_statement_gives_the_same_rows_on_spark(statements, there):
    assert {statement.phase for statement in statements} >= {
        "number",
        "helps",
        "shared keys",
        "belief",
        "helpers",
        "crews",
        "conclude",
        "networks",
    }
    filled = sum(statement.gave.num_rows > 0 for statement in statements)
    assert filled > 150, "a world in which too little happens"
    shown: dict[str, int] = {}
    differ = [difference(statement, there, shown) for statement in statements]
    said = [each for each in differ if each]
    assert not said, "\n".join(["", *said])
