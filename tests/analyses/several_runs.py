"""Runs of `scanring` one after the other, in one process with one session of Spark.

    python -m tests.analyses.several_runs

Each line that comes in is the words of a command as a JSON list; when it has ended its
exit code goes out as a line. The session is there before the first and stays until the
last, so that only the first finds everything cold. It is on workers of their own.
"""

import json
import sys

from analyses.cli import main
from graph.spark_session import spark_session
from tests.engines import CLUSTER, CLUSTER_SETTINGS


def code_of(words: list[str]) -> int:
    """Return the exit code of a command."""
    sys.argv = ["scanring", *words]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # no line of a command is an answer
    with spark_session(CLUSTER, CLUSTER_SETTINGS):
        for line in sys.stdin:
            answers.write(f"{code_of(json.loads(line))}\n")
            answers.flush()
