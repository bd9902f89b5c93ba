"""Helps scanned at a place and a time, for what looks at where helps happen."""

from collections.abc import Callable, Iterable

import pytest

from graph.help_facts import gather_help_facts
from graph.store import Store

METRE = 1 / 0.1113195
"""Millionths of a degree of latitude."""


@pytest.fixture
def helped_at(world) -> Callable[..., Store]:
    """Make a store with one help between strangers per (metres east, metres north,
    second), scanned there and then; `latitude` is that of the origin, in degrees.
    """

    def make(
        spots: Iterable[tuple[float, float, int]],
        *,
        latitude: float = 0,
        longitude: float = 0,
        east: float = METRE,
        **tables,
    ) -> Store:
        spots = list(spots)
        store: Store = world(
            accounts=[{"account_id": f"new{i:03}"} for i in range(len(spots))],
            helps=[
                {
                    "help_id": f"h{i:03}",
                    "helper_id": f"helper{i:03}",
                    "helped_id": f"new{i:03}",
                    "kind": "registration",
                    "scan_id": f"s{i:03}",
                }
                for i in range(len(spots))
            ],
            scans=[
                {
                    "scan_id": f"s{i:03}",
                    "scanner_id": f"helper{i:03}",
                    "code_id": f"c{i:03}",
                    "purpose": "register_help",
                    "scanned_at": second,
                    "longitude": round(longitude * 1e6 + x * east),
                    "latitude": round(latitude * 1e6 + y * METRE),
                }
                for i, (x, y, second) in enumerate(spots)
            ],
            **tables,
        )
        gather_help_facts(store)
        return store

    return make
