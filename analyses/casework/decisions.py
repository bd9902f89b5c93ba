r"""The file of decisions: appended to, and rewritten only to forget a person.

- A decision is kept when its whole line, with its line feed, is on the disk: only then
  does `append` return. A line that is cut off (power, full disk) is *torn*: it stays
  where it is, is reported, and does not count. What is appended after it begins on a
  line of its own.
- Programs take turns by a lock on the file, so that two reviewers lose nothing.
- Each line has its number, and the hash of the line before: a line that was changed or
  taken out afterwards is noticed.
- Undoing a decision is a further line.
- Forgetting a person puts another file in its place, whose lines are chained anew; a
  program that waited for the lock meanwhile opens the new one.
- Only the owner can read it. It is written in ASCII, so that no text in it steers a
  terminal.
"""

import fcntl
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyses.reporting.texts import ENGLISH, Texts
from graph.errors import ConflictError, InputError, OutputError
from graph.schema import TABLES

FILE = "decisions.jsonl"
"""The name of the file, which lies beside the runs and not in one."""

STATES = ("open", "in_progress", "confirmed", "dismissed")
"""The states of a case, which is a team or an account; at first it is open."""

ALLOW, UNDO = "allow", "undo"

CASES = ("team", "account")

ALLOWED = TABLES["declared"].column("kind").values
"""The kinds of things that can be put on the allow list: what can be declared."""

LEAST_LETTERS = 6
"""Ids that are shorter are not looked for inside of texts."""

MOST_LETTERS = {"note": 10_000, "person": 200}
WAIT_SECONDS = 20.0
"""How long to wait while another program writes."""

TORN_END = b"#torn\n"
"""Put after a torn line before the next one, so that it can never become whole."""

Subject = tuple[str, str]
"""What a decision is about: a kind (team, account, device, wifi …) and an id."""


@dataclass(frozen=True)
class Decision:
    """One line: who decided what about what, why, and what was seen at that time.

    `decision` is a state, `allow` or `undo`; `undoes` is the number of the line undone.
    `number` and `at` (seconds since 1970) are given when it is appended.
    """

    subject: Subject
    decision: str
    person: str
    note: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    undoes: int | None = None
    number: int = 0
    at: int = 0

    @property
    def time(self) -> str:
        """When it was decided, as `2026-03-01T08:00:00Z`."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def in_short(self, texts: Texts = ENGLISH) -> str:
        """Return who decided it, when and why.

        >>> about = ("account", "a1")
        >>> Decision(about, "dismissed", "ann", "a shop", number=7).in_short()
        'dismissed by ann on 1970-01-01: a shop (decision 7)'
        """
        said = {ALLOW: "put on the allow list"}.get(self.decision, self.decision)
        return texts(
            "{said} by {person} on {day}: {note} (decision {n})",
            said=texts(said.replace("_", " ")),
            person=self.person,
            day=self.time[:10],
            note=" ".join(self.note.split()),
            n=self.number,
        )


@dataclass(frozen=True)
class Ledger:
    """What a file of decisions says: its decisions, and what is wrong with its lines.

    `digest` is the SHA-256 of the file, "" when there is none.
    """

    path: Path
    decisions: tuple[Decision, ...] = ()
    faults: tuple[str, ...] = ()
    digest: str = ""

    def in_force(self) -> tuple[Decision, ...]:
        """Return the decisions that are not undone; an undone undo counts no more."""
        undone = self.undone()
        return tuple(
            decision
            for decision in self.decisions
            if decision.number not in undone and decision.decision != UNDO
        )

    def undone(self) -> dict[int, Decision]:
        """Return the numbers of the decisions undone, each with what undid it."""
        undone: dict[int, Decision] = {}
        for decision in reversed(self.decisions):
            if decision.undoes is not None and decision.number not in undone:
                undone[decision.undoes] = decision
        return undone

    def standing(self) -> dict[Subject, Decision]:
        """Return, for each case, the decision that says its state now."""
        return {d.subject: d for d in self.in_force() if d.decision in STATES}

    def allowed(self) -> dict[Subject, Decision]:
        """Return what is on the allow list."""
        return {d.subject: d for d in self.in_force() if d.decision == ALLOW}

    def history(self, subject: Subject) -> tuple[Decision, ...]:
        """Return all that was decided about a subject, undone or not."""
        return tuple(d for d in self.decisions if d.subject == subject)

    def last_number(self, subject: Subject) -> int:
        """Return the number of the last line about a subject; 0 when there is none."""
        return max((d.number for d in self.history(subject)), default=0)


def decisions_beside(run: Path) -> Path:
    """Return where the decisions on the runs of a folder are kept."""
    return Path(os.path.abspath(run)).parent / FILE


def read_decisions(path: Path) -> Ledger:
    """Return what a file of decisions says; an empty one when there is no file.

    Lines that cannot be read are in `faults`. InputError when the file cannot be.
    """
    try:
        with _opened(path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
            content = _content(descriptor)
    except FileNotFoundError:
        return Ledger(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return _understood(path, content)


def append(
    path: Path,
    decision: Decision,
    *,
    at: int | None = None,
    expecting: int | None = None,
) -> Decision:
    """Bring a decision to the disk and return it with its number and time.

    `expecting` is the number of the last line about the subject that the person has
    seen. Raises ConflictError when there is a later one, InputError for a decision that
    says too little, OutputError when it cannot be kept.
    """
    _check(decision)
    _close_to_others(path)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    try:
        with _opened(path, flags, fcntl.LOCK_EX) as descriptor:
            content = _content(descriptor)
            ledger = _understood(path, content)
            decision = _with_its_subject(ledger, decision)
            _check_expected(ledger, decision, expecting)
            torn = bool(content) and not content.endswith(b"\n")
            before = content + TORN_END if torn else content
            decision = replace(
                decision,
                number=before.count(b"\n") + 1,
                at=int(time.time()) if at is None else at,
            )
            line = _written(decision, follows=_last_hash(before))
            _write(descriptor, (TORN_END if torn else b"") + line)
            os.fsync(descriptor)
            if not content:
                _flush_folder(path.parent)
    except OSError as error:
        raise OutputError(
            f"{path}: the decision was not kept: {error.strerror}; nothing that was "
            "decided before is lost: make room, and decide again"
        ) from error
    return decision


DELETED = "(deleted)"
"""What stands in the place of a person that was forgotten."""


def forget_subject(path: Path, account_id: str) -> int:
    """Empty all that was decided about an account; return how many lines that changed.

    Their numbers, times and deciders stay: that something was decided and deleted is
    no secret. What teams were seen with loses the account. Raises InputError when the
    file has lines that cannot be read, OutputError when it cannot be written.
    """
    try:
        with _opened(path, os.O_RDWR, fcntl.LOCK_EX) as descriptor:
            ledger = _understood(path, _content(descriptor))
            if ledger.faults:
                raise InputError(
                    f"{ledger.faults[0]}: mend it before a person is deleted"
                )
            forgotten = [_forgotten(d, account_id) for d in ledger.decisions]
            changed = sum(
                now != before
                for now, before in zip(forgotten, ledger.decisions, strict=True)
            )
            if changed:
                _replace(path, forgotten)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    return changed


def _forgotten(decision: Decision, account_id: str) -> Decision:
    """Return a decision without an account."""
    if decision.subject == ("account", account_id):
        return replace(
            decision, subject=("account", DELETED), note=DELETED, seen={"deleted": True}
        )
    seen = dict(decision.seen)
    if account_id in seen.get("members", {}):
        members = dict(seen["members"])
        del members[account_id]
        seen["members"] = members
    if "evidence" in seen:
        seen["evidence"] = [
            {
                **row,
                "events": [
                    event
                    for event in row["events"]
                    if str(event[1]).partition("@")[0] != account_id
                ],
            }
            for row in seen["evidence"]
        ]
    note = decision.note
    if len(account_id) >= LEAST_LETTERS:
        note = note.replace(account_id, DELETED)
    return replace(decision, seen=seen, note=note)


def _replace(path: Path, decisions: list[Decision]) -> None:
    """Put a file with these decisions in the place of the one that is locked."""
    content = b""
    for decision in decisions:
        content += _written(decision, follows=_last_hash(content))
    beside = path.with_name(f".{path.name}.forgetting")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.rename(path)
    _flush_folder(path.parent)


def undo(number: int, *, person: str, note: str) -> Decision:
    """Return the decision that takes back the one with this number."""
    return Decision(("", ""), UNDO, person, note, undoes=number)


def _check(decision: Decision) -> None:
    kind, name = decision.subject
    if decision.decision == UNDO:
        assert decision.undoes is not None
    elif decision.decision == ALLOW:
        if kind not in ALLOWED or not name:
            raise InputError(
                f"{kind}={name} cannot be put on the allow list: write KIND=VALUE, "
                f"where KIND is one of {', '.join(ALLOWED)}"
            )
    elif decision.decision not in STATES:
        raise InputError(
            f"{decision.decision!r} is no decision: take one of {', '.join(STATES)}"
        )
    elif kind not in CASES or not name:
        raise InputError(f"a case is one of {', '.join(CASES)}, not {kind!r}")
    for word, text in (("person", decision.person), ("note", decision.note)):
        if not text.strip():
            raise InputError(f"a decision needs a {word}: say who decides, and why")
        if len(text) > MOST_LETTERS[word]:
            raise InputError(
                f"the {word} has {len(text):,} letters: {MOST_LETTERS[word]:,} at most"
            )


def _with_its_subject(ledger: Ledger, decision: Decision) -> Decision:
    """Give an undo the subject of what it undoes; InputError when there is nothing."""
    if decision.undoes is None:
        return decision
    known = {d.number: d for d in ledger.decisions}
    if decision.undoes not in known:
        raise InputError(
            f"there is no decision {decision.undoes} in {ledger.path}: it has "
            f"{len(known):,}"
        )
    earlier = ledger.undone().get(decision.undoes)
    if earlier:
        raise InputError(
            f"decision {decision.undoes} was undone before, by {earlier.person}: "
            f"decision {earlier.number}"
        )
    return replace(decision, subject=known[decision.undoes].subject)


def _check_expected(ledger: Ledger, decision: Decision, expecting: int | None) -> None:
    if expecting is None or ledger.last_number(decision.subject) <= expecting:
        return
    latest = ledger.history(decision.subject)[-1]
    raise ConflictError(
        f"the {decision.subject[0]} {decision.subject[1]} was meanwhile "
        f"{latest.in_short()}: look at it, and decide again if you still want to"
    )


def _written(decision: Decision, *, follows: str) -> bytes:
    kind, name = decision.subject
    record: dict[str, Any] = {
        "number": decision.number,
        "at": decision.time,
        "person": decision.person,
        "subject": {"kind": kind, "id": name},
        "decision": decision.decision,
        "note": decision.note,
        "seen": dict(decision.seen),
        "follows": follows,
    }
    if decision.undoes is not None:
        record["undoes"] = decision.undoes
    return json.dumps(record, ensure_ascii=True).encode("ascii") + b"\n"


def _understood(path: Path, content: bytes) -> Ledger:
    """Return the decisions in the lines of a file, and its faults."""
    decisions, faults = [], []
    follows = _hash_of(b"")
    lines = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        last = number == len(lines)
        if last and not line:
            break
        if last or line.endswith(TORN_END.strip()):
            torn = len(line.removesuffix(TORN_END.strip()))
            faults.append(
                f"{path.name}, line {number} is torn: {torn:,} bytes of a "
                "decision that was never kept whole"
            )
        else:
            try:
                decision, said = _read(line)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                faults.append(f"{path.name}, line {number} is no decision")
            else:
                decisions.append(replace(decision, number=number))
                if decision.number != number or said != follows:
                    faults.append(
                        f"{path.name}, line {number} does not follow on the line "
                        "before: the file was changed by hand"
                    )
        follows = _hash_of(line)
    digest = hashlib.sha256(content).hexdigest()
    return Ledger(path, tuple(decisions), tuple(faults), digest)


def _read(line: bytes) -> tuple[Decision, str]:
    record = json.loads(line)
    decision = Decision(
        (str(record["subject"]["kind"]), str(record["subject"]["id"])),
        record["decision"],
        str(record["person"]),
        str(record["note"]),
        record["seen"],
        undoes=record.get("undoes"),
        number=int(record["number"]),
        at=int(datetime.fromisoformat(record["at"]).timestamp()),
    )
    if decision.decision not in (*STATES, ALLOW, UNDO):
        raise ValueError(decision.decision)
    if (decision.decision == UNDO) != isinstance(decision.undoes, int):
        raise ValueError(decision.undoes)
    for row in decision.seen.get("evidence", []):
        float(row["bits"]), [(table, name) for table, name in row["events"]]
    dict(decision.seen.get("members", {})).items()
    return decision, str(record["follows"])


def _last_hash(content: bytes) -> str:
    lines = content.split(b"\n")
    return _hash_of(lines[-2] if len(lines) > 1 else b"")


def _hash_of(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:16]


@contextmanager
def _opened(path: Path, flags: int, lock: int) -> Iterator[int]:
    """Open the file and wait for its lock; anew where another took its place."""
    patience = time.monotonic() + WAIT_SECONDS
    while True:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            opened = os.fstat(descriptor)
            if not stat.S_ISREG(opened.st_mode):
                raise InputError(f"{path} is no file of decisions")
            _wait_for(descriptor, lock, path, patience)
            try:
                is_same = os.path.samestat(os.lstat(path), opened)
            except FileNotFoundError:
                is_same = False
            if not is_same and time.monotonic() < patience:
                continue
            yield descriptor
            return
        finally:
            os.close(descriptor)


def _wait_for(descriptor: int, lock: int, path: Path, patience: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > patience:
                raise OutputError(
                    f"{path} is locked by another program: try again"
                ) from error
            time.sleep(0.01)


def _content(descriptor: int) -> bytes:
    parts = []
    os.lseek(descriptor, 0, os.SEEK_SET)
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _close_to_others(path: Path) -> None:
    """Take away what others may do with a file of ours that is there already."""
    try:
        known = os.lstat(path)
    except OSError:
        return
    if stat.S_ISREG(known.st_mode) and known.st_uid == os.geteuid():
        os.chmod(path, 0o600)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
