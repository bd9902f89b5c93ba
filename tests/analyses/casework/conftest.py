"""A farm, a worker and an office as files, and a finished run of them."""

import pytest

from analyses.pipeline import Settings, run
from loaders.simulator import WorldSettings, simulate
from tests.analyses.test_pipeline import SETTINGS, with_sanctions, write_csv


@pytest.fixture(scope="session")
def farm_data(farm_and_worker, tmp_path_factory):
    """The event tables of the farm, its worker and the office; not to be changed."""
    folder = tmp_path_factory.mktemp("farm")
    return write_csv(folder / "data", with_sanctions(farm_and_worker))


@pytest.fixture(scope="session")
def farm_run(farm_data):
    """The run of them; nothing may be written beside it."""
    with run(farm_data, farm_data.parent / "run", settings=SETTINGS) as opened:
        yield opened


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The run of a small sample world, whose truth lies in its data."""
    folder = tmp_path_factory.mktemp("sample")
    settings = WorldSettings(seed=21, new=4_000, existing=12_000, farmed=0.1)
    simulate(folder / "data", settings)
    with run(folder / "data", folder / "run", settings=Settings(threads=2)) as found:
        yield found
