"""The run folder appears whole or not at all. This file protects that.

- Everything is written into a staging folder beside OUT, on the same file system, is
  flushed to the disk, and takes OUT's place by renaming.
- A run that fails removes its staging folder; one that is killed leaves it, and the
  next run to the same OUT clears it away. A lock tells a dead run from a live one. Only
  what finished phases left stays, where that is asked for, until OUT is complete.
- An OUT that is there is replaced only when asked for, and only when a run wrote it
  and nobody else put anything in; it stands until the new one is complete, and then
  both change places in one step. Where a file system cannot do that, two renames do,
  and OUT is absent for a moment; a run killed there leaves it as `.OUT.replaced`, and
  the next run puts it back.
- A disk that is full, or closed to writing, is told in one line; OUT stands as it was.
- Only the owner can read it: folders 0700, files 0600.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from analyses.reporting.exchange import exchange
from analyses.reporting.outputs import OUTPUTS, write_output
from graph.errors import InputError, OutputError
from graph.store import Store

MANIFEST = "manifest.json"
FORMAT = "scanring run"
KEPT = ".kept"
"""In the staging folder: what a run may go on from (`analyses.resuming`)."""

MADE_LATER = frozenset({"cypher", ".cypher.building", ".cypher.old", "report.html"})
"""What is made from a finished run when asked for, and is replaced together with it."""


def write_run_folder(
    store: Store, out: Path, manifest: Mapping[str, Any], *, overwrite: bool = False
) -> None:
    """Write the store's output tables and the manifest as the run folder OUT.

    For more files in the folder use `staged`, `write_outputs` and `write_manifest`.
    """
    with staged(out, overwrite=overwrite) as folder:
        write_outputs(store, folder)
        write_manifest(folder, manifest)


@contextmanager
def staged(out: Path, *, overwrite: bool = False, keep: bool = False) -> Iterator[Path]:
    """Give a folder to write into, which becomes OUT when the block ends well.

    The block must call `write_manifest` last, and close every database in the folder.
    When it raises, nothing is left; with `keep` the folder `.kept` is, if there is one,
    for the next run that keeps it. Raises OutputError, before anything is written,
    when OUT must not be written or another run is writing it.
    """
    out = Path(os.path.abspath(out))
    if not out.name:
        raise OutputError(f"{out} cannot be the folder of a run")
    staging = out.with_name(f".{out.name}.staging")
    replaced = out.with_name(f".{out.name}.replaced")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        lock = _claim(staging, out, keep=keep)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}") from error
    try:
        _tidy(out, replaced)
        check_writable(out, overwrite=overwrite)
        with told_of_the_disk(out):
            yield staging
            assert (staging / MANIFEST).is_file(), "write_manifest comes last"
        check_writable(out, overwrite=overwrite)
        try:
            shutil.rmtree(staging / KEPT, ignore_errors=True)
            _settle(staging)
            _swap(staging, out, replaced)
        except OSError as error:
            raise OutputError(f"{out} cannot be written: {error.strerror}") from error
    except BaseException:
        if _is_same(staging, lock):
            if keep and (staging / KEPT).is_dir():
                _clear(staging, keep=True)
            else:
                shutil.rmtree(staging, ignore_errors=True)
        raise
    finally:
        os.close(lock)


FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EIO)
"""What a disk says that takes no more."""


@contextmanager
def told_of_the_disk(out: Path) -> Iterator[None]:
    """Turn what a full or broken disk makes of writing into one line."""
    words = [os.strerror(number) for number in FULL]
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        said = error.strerror
    except duckdb.Error as error:
        found = [word for word in words if word in str(error)]
        if not found:
            raise
        said = found[0]
    else:
        return
    raise OutputError(
        f"{out} cannot be written: {said}; make room there, or name a folder "
        "elsewhere; what was there before stands as it was"
    ) from None


def check_writable(out: Path, *, overwrite: bool = False) -> None:
    """Raise OutputError when a run must not write OUT; say what to do instead.

    An empty folder may always be used. With `overwrite` a run folder may be replaced,
    but not one in which there is something that no run wrote.
    """
    if out.is_symlink():
        raise OutputError(f"{out} is a link: name the folder that it leads to")
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError(f"{out} is a file: name a folder that is not there yet")
    there = sorted(entry.name for entry in out.iterdir())
    if not there:
        return
    try:
        manifest = read_manifest(out)
    except InputError as error:
        raise OutputError(
            f"{out} is not empty and not the folder of a run: it is never overwritten; "
            "name another one"
        ) from error
    if not overwrite:
        raise OutputError(
            f"{out} holds a run already: name another folder, or add --overwrite"
        )
    written = {MANIFEST, *manifest["files"], *MADE_LATER}
    foreign = [name for name in there if name not in written]
    if foreign:
        raise OutputError(
            f"{out} holds {', '.join(foreign[:3])}, which no run wrote: move it away "
            "before the run is overwritten"
        )


def write_outputs(store: Store, folder: Path) -> None:
    """Write each output table of the store as Parquet, sorted, the same bytes always.

    `folder` is usually the staging folder that `staged` gives. What has been written is
    dropped from the store: the file has it.
    """
    for name in OUTPUTS:
        write_output(store, name, folder)
        store.drop(OUTPUTS[name].store_name)


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest, which also names the files that the run wrote.

    `manifest` holds what JSON can hold. It must come last: what is put into the folder
    afterwards counts as somebody else's.
    """
    there = {entry.name for entry in folder.iterdir()} - {KEPT}
    files = sorted(there | {MANIFEST})
    content = {**manifest, "format": FORMAT, "files": files}
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run folder; InputError when it is not one."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{folder} is not the folder of a finished run: it has no readable "
            f"{MANIFEST}"
        ) from error
    if not (
        isinstance(manifest, dict)
        and manifest.get("format") == FORMAT
        and isinstance(manifest.get("files"), list)
    ):
        raise InputError(f"{path} is not the manifest of a run")
    return manifest


def _claim(staging: Path, out: Path, *, keep: bool) -> int:
    """Make or take over the staging folder, empty and locked; return the lock.

    With `keep` what finished phases left stays in it.
    """
    while True:
        staging.mkdir(mode=0o700, exist_ok=True)
        try:
            lock = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue  # its run has just ended
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise OutputError(f"another run is writing {out}: wait for it") from error
        if not _is_same(staging, lock):
            os.close(lock)
            continue  # renamed or removed between opening and locking
        if os.fstat(lock).st_uid != os.geteuid():
            os.close(lock)
            raise OutputError(f"{staging} belongs to somebody else: remove it")
        os.fchmod(lock, 0o700)
        _clear(staging, keep=keep)
        return lock


def _clear(staging: Path, *, keep: bool) -> None:
    for entry in staging.iterdir():
        if not (keep and entry.name == KEPT):
            _remove(entry)


def _is_same(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _tidy(out: Path, replaced: Path) -> None:
    """Finish what a run left that was killed between the two renames, or just after."""
    if not replaced.is_dir():
        return
    if out.exists():
        shutil.rmtree(replaced)
    else:
        replaced.rename(out)


def _settle(folder: Path) -> None:
    """Close the folder to everybody else and bring it to the disk."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            os.chmod(path, 0o600)
            _flush(path)
        os.chmod(place, 0o700)
        _flush(place)


def _swap(staging: Path, out: Path, replaced: Path) -> None:
    if out.exists():
        # The lock lets no other run begin in the old folder while it is removed.
        before = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(before, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if exchange(staging, out):
                _flush(out.parent)
                shutil.rmtree(staging, ignore_errors=True)
                return
        finally:
            os.close(before)
        out.rename(replaced)
    try:
        staging.rename(out)
    except OSError:
        if replaced.exists():
            replaced.rename(out)
        raise
    _flush(out.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _flush(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
