"""The graph of a run in Cypher: where it is kept, and what it is made from."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from analyses.reporting.outputs import OUTPUTS
from analyses.reporting.run_folder import read_manifest
from analyses.run_events import open_store
from graph.cypher.ladybug_store import LadybugStore, ensure
from graph.store import Store

CYPHER_FOLDER = "cypher"
"""The folder of the embedded store, in the folder of its run."""

USED = ("accounts", "teams", "members", "helps", "links")
"""The output tables that the graph has something of."""


def open_graph(
    folder: Path, *, progress: Callable[[str, int, int], None] | None = None
) -> LadybugStore:
    """Open the embedded store of a run, made if it is not there yet."""
    build_graph(folder, progress=progress)
    return LadybugStore(folder / CYPHER_FOLDER)


def build_graph(
    folder: Path, *, progress: Callable[[str, int, int], None] | None = None
) -> bool:
    """Make the embedded store of a run unless it is there; tell whether it was made."""
    return ensure(
        folder / CYPHER_FOLDER,
        graph_id(folder),
        lambda: graph_sources(folder),
        progress=progress,
    )


def graph_id(folder: Path) -> str:
    """Return a name of what the run read and found: the same for equal findings.

    A run from which somebody was deleted is another one, also where nothing had been
    found of that account: else a server would keep it.
    """
    manifest = read_manifest(folder)
    named = {key: manifest.get(key) for key in ("inputs", "parameters", "window")}
    if "deletions" in manifest:
        named["deletions"] = manifest["deletions"]
    digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode())
    for name in USED:
        with (folder / OUTPUTS[name].file_name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def graph_sources(folder: Path) -> Store:
    """Open the tables that the property graph is made from (`graph.property_graph`)."""
    window = read_manifest(folder).get("window") or {}
    store = open_store(folder)
    for name in USED:
        quoted = str(folder / OUTPUTS[name].file_name).replace("'", "''")
        store.connection.execute(
            f"CREATE TEMP VIEW found_{name} AS SELECT * FROM read_parquet('{quoted}')"
        )
    store.connection.execute(
        "CREATE TEMP TABLE run_window (id VARCHAR, new_since BIGINT, as_of BIGINT)"
    )
    store.connection.execute(
        "INSERT INTO run_window VALUES ($id, $new_since, $as_of)",
        {
            "id": graph_id(folder),
            "new_since": window.get("new_since"),
            "as_of": window.get("as_of"),
        },
    )
    return store
