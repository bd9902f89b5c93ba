"""Measure the detector on sample worlds that it has never seen.

    python tests/benchmarks/quality.py --world plain:0.1:mixed:4711 --world …

Prints one line of figures per world.
"""

import argparse

from tests.benchmarks.quality_table import compact_head, compact_line
from tests.benchmarks.quality_worlds import WorldName, measure_world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--world",
        action="append",
        type=WorldName.read,
        required=True,
        help="design:farmed:style:seed[:attack]; may be given several times",
    )
    wanted = parser.parse_args()
    print(compact_head(), flush=True)
    for name in wanted.world:
        print(compact_line(measure_world(name)), flush=True)


if __name__ == "__main__":
    main()
