"""Which files belong to which table: one file, or a folder of part files."""

import errno
import stat
from dataclasses import dataclass
from pathlib import Path

from graph.errors import InputError, did_you_mean
from graph.schema import TABLES

ENDINGS = (".parquet", ".csv.gz", ".csv")
IGNORED = ("truth",)


@dataclass(frozen=True)
class Sources:
    """The tables that a folder holds: their files, and names that are no tables."""

    folder: Path
    files: dict[str, tuple[Path, ...]]
    strange: tuple[str, ...]

    def relative(self, file: Path) -> str:
        """Return a file's path below the data folder, as rejects name it."""
        return file.relative_to(self.folder).as_posix()


def find_sources(folder: Path) -> Sources:
    """Return the tables of a folder by name, each with its files in sorted order.

    A table `logins` is `logins.parquet`, `logins.csv` or `logins.csv.gz`, or a folder
    `logins` (or `logins.parquet`, as Spark names it) with such files at any depth.
    Names that begin with a dot or an underscore and the folder `truth` are no data.

    Raises InputError when the folder is not there, or a table is there twice.
    """
    if not folder.exists():
        raise InputError(f"{folder}: no such folder; give the folder that holds tables")
    if not folder.is_dir():
        raise InputError(
            f"{folder}: is a file; give the folder that it is in ({folder.parent})"
        )
    found: dict[str, list[Path]] = {}
    strange: list[str] = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")) or entry.name in IGNORED:
            continue
        name = table_name(entry)
        if entry.is_dir() or name != entry.name:
            found.setdefault(name, []).append(entry)
        else:
            strange.append(entry.name)
    twice = [
        f"{name} is there {len(entries)} times: "
        + " and ".join(entry.name for entry in entries)
        for name, entries in found.items()
        if len(entries) > 1
    ]
    if twice:
        raise InputError(
            f"{folder}: {'; '.join(twice)}; keep one of each "
            "(several files of one table go into a folder of its name)"
        )
    files = {name: _parts(entries[0]) for name, entries in found.items()}
    return Sources(folder, {k: v for k, v in files.items() if v}, tuple(strange))


def table_name(path: Path) -> str:
    """Return the name of the table that a file or folder is for.

    >>> table_name(Path("logins.csv.gz")), table_name(Path("notes.txt"))
    ('logins', 'notes.txt')
    """
    for ending in ENDINGS:
        if path.name.lower().endswith(ending):
            return path.name[: -len(ending)]
    return path.name


def misspelt(sources: Sources, used: set[str]) -> list[tuple[str, str]]:
    """Return names that no table has but nearly, each with ` (did you mean 'x'?)`."""
    missing = [name for name in TABLES if name not in sources.files]
    near = []
    for name in sorted({*sources.files, *sources.strange} - used - set(TABLES)):
        stem = name.split(".")[0]
        hint = did_you_mean(stem, missing)
        if stem in TABLES:
            hint = f" ({stem} is read as .parquet, .csv or .csv.gz)"
        if hint:
            near.append((name, hint))
    return near


def _parts(entry: Path) -> tuple[Path, ...]:
    if not entry.is_dir():
        _need_file(entry)
        return (entry,)
    parts = []
    for file in sorted(entry.rglob("*")):
        inside = file.relative_to(entry).parts
        if any(part.startswith((".", "_")) for part in inside):
            continue
        if file.is_dir():
            if file.is_symlink():
                raise InputError(
                    f"{file}: is a link to a folder, and what it leads to would not be "
                    "read; put the folder itself there"
                )
        elif table_name(file) != file.name:
            _need_file(file)
            parts.append(file)
    return tuple(parts)


def _need_file(path: Path) -> None:
    """Raise InputError for what would make a reader wait, or never end."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        leads = "is a link that leads nowhere" if path.is_symlink() else "is not there"
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            leads = f"cannot be read: {error.strerror}"
        raise InputError(f"{path}: {leads}; remove it, or put the file there") from None
    if not stat.S_ISREG(mode):
        raise InputError(f"{path}: is a pipe or a device and no file; write it to one")
