"""Make the notebooks that stand beside the percent scripts of notebooks/.

    python tests/refresh_notebooks.py [NAME …]

`notebooks/NAME.py` is the source; `NAME.ipynb` is it after it ran, with its tables and
pictures. `tests/test_notebooks.py` fails when the two are out of step.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
MOST_SECONDS = 60
WORLD = re.compile(re.escape(tempfile.gettempdir()) + r"/\w+")


def sources() -> list[Path]:
    """Return the percent scripts."""
    return sorted(FOLDER.glob("*.py"))


def cells_of(notebook: Any) -> list[tuple[str, str]]:
    """Return the kind and the text of each cell."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def executed(source: Path) -> Any:
    """Return the notebook of a script after it ran; a cell that fails raises."""
    notebook = jupytext.read(source, fmt="py:percent")
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
    NotebookClient(
        notebook,
        timeout=MOST_SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER.parent)}},
    ).execute()
    for cell in notebook.cells:
        cell["metadata"] = {}
        for output in cell.get("outputs", []):
            if "text" in output:  # the world's folder has another name each time
                output["text"] = WORLD.sub("…", output["text"])
    notebook["metadata"] = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    return notebook


def main(names: list[str]) -> None:
    """Run the notebooks of these names, or all, and write them."""
    for source in sources():
        if names and source.stem not in names:
            continue
        path = source.with_suffix(".ipynb")
        nbformat.write(executed(source), path)
        print("written:", path.name)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
