"""The file of decisions: nothing that was kept is lost, and what was torn is told."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from analyses.casework.decisions import (
    ALLOW,
    Decision,
    Ledger,
    append,
    read_decisions,
    undo,
)
from graph.errors import ConflictError, InputError, OutputError

ROOT = Path(__file__).parents[3]
TEAM, ANN = ("team", "F"), ("account", "ann")


def decided(subject=ANN, decision="dismissed", note="a shop", person="eve", **more):
    return Decision(subject, decision, person, note, **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "decisions.jsonl"


def test_what_was_decided_is_read_again(path):
    append(path, decided(seen={"risk": 0.5}), at=0)
    append(path, decided(TEAM, "confirmed", "seen there"), at=60)
    first, second = read_decisions(path).decisions
    assert (first.number, first.subject, first.time) == (1, ANN, "1970-01-01T00:00:00Z")
    assert first.seen == {"risk": 0.5}
    assert (second.number, second.decision, second.note) == (
        2,
        "confirmed",
        "seen there",
    )


def test_without_a_file_nothing_was_decided(path):
    ledger = read_decisions(path)
    assert ledger == Ledger(path)


def test_the_last_decision_on_a_case_is_its_state(path):
    for state in ("open", "in_progress", "dismissed", "confirmed"):
        append(path, decided(decision=state))
    assert read_decisions(path).standing()[ANN].decision == "confirmed"


def test_an_undone_decision_counts_no_more_and_an_undone_undo_neither(path):
    append(path, decided(decision="confirmed"))
    append(path, decided(decision="dismissed"))
    append(path, undo(2, person="eve", note="mistaken"))
    assert read_decisions(path).standing()[ANN].decision == "confirmed"
    append(path, undo(3, person="eve", note="not mistaken"))
    ledger = read_decisions(path)
    assert ledger.standing()[ANN].decision == "dismissed"
    assert [d.number for d in ledger.history(ANN)] == [1, 2, 3, 4]


def test_an_allowed_thing_can_be_taken_off_the_list(path):
    append(path, decided(("wifi", "shop"), ALLOW))
    assert list(read_decisions(path).allowed()) == [("wifi", "shop")]
    append(path, undo(1, person="eve", note="closed"))
    assert not read_decisions(path).allowed()


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        (decided(note="  "), "needs a note"),
        (decided(person=""), "needs a person"),
        (decided(note="x" * 10_001), "10,000 at most"),
        (decided(decision="maybe"), "no decision"),
        (decided(("wifi", "x")), "a case is one of"),
        (decided(("team", "F"), ALLOW), "KIND=VALUE"),
        (decided(("wifi", ""), ALLOW), "KIND=VALUE"),
        (undo(7, person="eve", note="n"), "no decision 7"),
    ],
)
def test_a_decision_that_says_too_little_is_refused(path, decision, says):
    with pytest.raises(InputError, match=says):
        append(path, decision)
    assert not read_decisions(path).decisions


def test_nothing_is_undone_twice(path):
    append(path, decided())
    append(path, undo(1, person="eve", note="n"))
    with pytest.raises(InputError, match="undone before, by eve"):
        append(path, undo(1, person="max", note="n"))


def test_a_decision_meanwhile_is_told_and_nothing_is_kept_over_it(path):
    append(path, decided(note="first"))
    append(path, decided(TEAM), expecting=0)  # another case: no conflict
    with pytest.raises(ConflictError, match="meanwhile dismissed by eve.*first"):
        append(path, decided(decision="confirmed"), expecting=0)
    assert len(read_decisions(path).decisions) == 2


def test_hostile_words_are_kept_as_they_are_and_steer_no_terminal(path):
    evil = "\x1b[2J<script>\u202e=1+1\n王"
    append(path, decided(("account", evil), note=evil, person=evil))
    (kept,) = read_decisions(path).decisions
    assert kept.subject[1] == kept.note == kept.person == evil
    raw = path.read_bytes()
    assert raw.isascii() and b"\x1b" not in raw and raw.count(b"\n") == 1


def test_only_the_owner_can_read_it_even_if_it_was_open_before(path):
    append(path, decided())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o666)
    append(path, decided())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_not_followed(path):
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(OutputError):
        append(path, decided())
    assert not path.with_name("elsewhere").exists()


@pytest.mark.parametrize("kept_bytes", [1, 40, 300])
def test_a_torn_line_is_told_and_never_touched_again(path, kept_bytes):
    append(path, decided(note="x" * 500))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:kept_bytes])
    before = path.read_bytes()
    ledger = read_decisions(path)
    assert len(ledger.decisions) == 1
    assert "line 2 is torn" in ledger.faults[0]
    append(path, decided(TEAM))
    assert path.read_bytes().startswith(before)
    ledger = read_decisions(path)
    assert [d.number for d in ledger.decisions] == [1, 3]
    assert len(ledger.faults) == 1


def test_a_line_without_its_end_was_never_kept(path):
    append(path, decided())
    path.write_bytes(path.read_bytes()[:-1])
    assert not read_decisions(path).decisions
    append(path, decided(TEAM))
    ledger = read_decisions(path)
    assert [d.subject for d in ledger.decisions] == [TEAM]


def test_a_line_that_was_changed_or_taken_out_is_noticed(path):
    for number in range(3):
        append(path, decided(note=f"note {number}"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines).replace(b"note 0", b"note 9"))
    assert "line 2 does not follow" in read_decisions(path).faults[0]
    path.write_bytes(lines[0] + lines[2])
    assert "changed by hand" in read_decisions(path).faults[0]


@pytest.mark.parametrize(
    "line", ["{}", "[]", "null", "nonsense", '{"number": 1}', "[" * 100_000]
)
def test_what_is_no_decision_is_told(path, line):
    path.write_text(line + "\n")
    ledger = read_decisions(path)
    assert not ledger.decisions and ledger.faults == (
        "decisions.jsonl, line 1 is no decision",
    )


def in_another_process(program, path):
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


MANY = """
import sys, os
from pathlib import Path
from analyses.casework.decisions import Decision, append
for i in range(30):
    decision = Decision(("account", str(i)), "open", str(os.getpid()), "n")
    append(Path(sys.argv[1]), decision)
"""


def test_two_at_once_lose_nothing(path):
    both = [in_another_process(MANY, path) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0], both[0].stderr.read()
    for process in both:
        process.communicate()
    ledger = read_decisions(path)
    assert not ledger.faults
    assert [d.number for d in ledger.decisions] == list(range(1, 61))
    people = {d.person for d in ledger.decisions}
    for person in people:
        mine = [d.subject[1] for d in ledger.decisions if d.person == person]
        assert mine == [str(i) for i in range(30)]
    assert len(people) == 2


FULL = """
import resource, signal, sys
from pathlib import Path
from analyses.casework.decisions import Decision, append
from graph.errors import OutputError
path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
room = path.stat().st_size + 100
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
try:
    append(path, Decision(("account", "late"), "open", "eve", "x" * 500))
except OutputError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
append(path, Decision(("account", "later"), "open", "eve", "there is room again"))
"""


def test_a_full_disk_is_told_and_loses_nothing(path):
    append(path, decided())
    process = in_another_process(FULL, path)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, wrong
    assert "was not kept" in said and "nothing that was decided before is lost" in said
    ledger = read_decisions(path)
    assert [d.subject[1] for d in ledger.decisions] == ["ann", "later"]
    assert "line 2 is torn: 100 bytes" in ledger.faults[0]


def test_a_decision_is_on_the_disk_before_it_is_told(path, monkeypatch):
    flushed = []
    real = os.fsync

    def fsync(descriptor):
        flushed.append(os.fstat(descriptor))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    append(path, decided())
    assert os.stat(path).st_ino in {one.st_ino for one in flushed}
    assert path.parent.stat().st_ino in {one.st_ino for one in flushed}


def test_each_line_is_json_that_others_can_read(path):
    append(path, decided(), at=0)
    record = json.loads(path.read_text())
    assert record | {"follows": ""} == {
        "number": 1,
        "at": "1970-01-01T00:00:00Z",
        "person": "eve",
        "subject": {"kind": "account", "id": "ann"},
        "decision": "dismissed",
        "note": "a shop",
        "seen": {},
        "follows": "",
    }
