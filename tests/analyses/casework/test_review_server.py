"""The review server: only for us, loses no decision, and says what happened.

A real server in a process of its own, asked over a real connection.
"""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from analyses.casework.decisions import read_decisions

ROOT = Path(__file__).parents[3]
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Review:
    """A review server, and a browser of the simplest kind."""

    def __init__(self, run, decisions, *, before=""):
        self.decisions = decisions
        program = (
            f"{before}\nimport sys; sys.argv = ['scanring', 'review', {str(run)!r}, "
            f"'--no-browser', '--person', 'eve', '--decisions', {str(decisions)!r}]\n"
            "from analyses.cli import main; main()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        address = urlsplit(self.process.stdout.readline().strip())
        assert address.hostname and address.port, self.process.stdout.read()
        self.host, self.port = address.hostname, address.port
        self.base = address.path.rstrip("/")

    def ask(self, path="/", form=None, *, base=None, **headers):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if form is not None:
            sent = FORM | {"origin": f"http://{self.host}:{self.port}"} | sent
        connection.request(
            "GET" if form is None else "POST",
            (self.base if base is None else base) + path,
            None if form is None else urlencode(form),
            {name: value for name, value in sent.items() if value},
        )
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(
            answer.status, {k.lower(): v for k, v in answer.getheaders()}, text
        )

    def form(self, kind="account", name="farm07", **more):
        """Load the page of a case and fill in its form."""
        page = self.ask(f"/case?{urlencode({'kind': kind, 'id': name})}")
        assert page.status == 200, page.text
        hidden = dict(
            re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        )
        wanted = {"csrf", "expecting"}
        filled = {name: value for name, value in hidden.items() if name in wanted}
        return (
            filled
            | {
                "kind": kind,
                "id": name,
                "decision": "dismissed",
                "person": "eve",
                "note": "a shop",
            }
            | more
        )

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture(scope="module")
def folder(farm_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("review") / "run"
    shutil.copytree(farm_run.folder, folder)
    return folder


@pytest.fixture
def path(folder):
    """Where decisions are kept; there are none at first."""
    path = folder.with_name("decisions.jsonl")
    path.unlink(missing_ok=True)
    return path


@pytest.fixture(scope="module")
def server(folder):
    """One server for all tests that do not stop it: it reads the file each time."""
    server = Review(folder, folder.with_name("decisions.jsonl"))
    yield server
    server.close()


@pytest.fixture
def review(server, path):
    """The server, and nothing decided yet."""
    return server


def test_nobody_without_the_address_sees_anything(review):
    for base in ("", "/", "/guess", review.base + "x", review.base[:-1]):
        answer = review.ask("/", base=base)
        assert answer.status == 404 and "farm" not in answer.text, base
    for host in ("evil.example", f"evil.example:{review.port}", "127.0.0.1", ""):
        assert review.ask(host=host or "x").status == 421
    assert review.ask().status == 200
    assert review.ask(host=f"localhost:{review.port}").status == 200


def test_it_listens_on_this_machine_alone(review):
    opened = Path(f"/proc/{review.process.pid}/net/tcp").read_text().splitlines()
    port = f":{review.port:04X}"
    listening = [x.split()[1] for x in opened if x.split()[3] == "0A"]
    assert [place for place in listening if place.endswith(port)] == [f"0100007F{port}"]


def test_a_page_may_load_nothing_and_run_nothing(review):
    for page in ("/", "/allowed", "/case?kind=account&id=farm07", "/nothing"):
        answer = review.ask(page)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "script-src" not in policy and "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "<script" not in answer.text


def test_the_case_file_runs_its_own_script_and_sends_nothing(review):
    answer = review.ask("/report.html")
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert re.search(r"script-src 'sha256-[\w+/=]+';", policy)
    assert "form-action 'none'" in policy and "connect-src" not in policy


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"csrf": "guess"}, {}),
        ({"csrf": ""}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"origin": "null"}),
        ({}, {"origin": ""}),
        ({"note": "x" * 70_000}, {}),
    ],
    ids=["guessed", "no secret", "other site", "no site", "no origin", "too long"],
)
def test_no_other_site_can_decide(review, path, change, headers):
    answer = review.ask("/decide", review.form(**change), **headers)
    assert answer.status == 403
    assert not path.exists()


def test_a_decision_is_kept_and_shown(review, path):
    answer = review.ask("/decide", review.form())
    assert answer.status == 303
    (kept,) = read_decisions(path).decisions
    assert kept.subject == ("account", "farm07") and kept.note == "a shop"
    assert kept.seen["role"] == "batch_registered" and kept.seen["evidence"]
    page = review.ask("/case?kind=account&id=farm07")
    assert '<strong id="state">dismissed</strong>' in page.text
    assert "a shop" in page.text
    assert "farm07" in review.ask("/?state=dismissed").text
    assert "farm07" not in review.ask("/?state=open").text


def test_what_is_missing_is_said_and_what_was_written_stays(review, path):
    answer = review.ask("/decide", review.form(note=" ", person="Zoë"))
    assert answer.status == 400
    assert "needs a note" in answer.text and 'value="Zoë"' in answer.text
    answer = review.ask("/decide", review.form(decision="", note="because"))
    assert answer.status == 400 and ">because</textarea>" in answer.text
    assert review.ask("/decide", review.form() | {"id": "nobody"}).status == 404
    assert not path.exists()


def test_two_reviewers_at_once_lose_nothing_and_hear_of_each_other(review, path):
    first, second = review.form(note="I say so"), review.form(decision="confirmed")
    assert review.ask("/decide", first).status == 303
    answer = review.ask("/decide", second | {"person": "max", "note": "and I not"})
    assert answer.status == 409
    assert "meanwhile dismissed by eve" in answer.text and "I say so" in answer.text
    assert ">and I not</textarea>" in answer.text
    assert len(read_decisions(path).decisions) == 1
    again = review.form(decision="confirmed", person="max", note="and I not")
    assert review.ask("/decide", again).status == 303
    assert [d.person for d in read_decisions(path).decisions] == ["eve", "max"]


def test_many_at_once_and_two_servers_lose_nothing(review, folder, path):
    other = Review(folder, path)
    try:
        jobs = []
        for number in range(12):
            server = review if number % 2 else other
            form = server.form(name=f"farm{number:02}", note=f"note {number}")
            jobs.append(threading.Thread(target=server.ask, args=("/decide", form)))
        for job in jobs:
            job.start()
        for job in jobs:
            job.join(60)
    finally:
        other.close()
    ledger = read_decisions(path)
    assert not ledger.faults
    assert {d.note for d in ledger.decisions} == {f"note {n}" for n in range(12)}


def test_a_killed_server_loses_nothing_that_it_said_was_kept(folder, path):
    server = Review(folder, path)
    said: list[str] = []

    def decide():
        for number in range(200):
            try:
                form = forms[number % 12] | {"note": f"note {number}"}
                form["expecting"] = "9999"
                if server.ask("/decide", form).status == 303:
                    said.append(f"note {number}")
            except (OSError, http.client.HTTPException):
                return

    forms = [server.form(name=f"farm{n:02}") for n in range(12)]
    worker = threading.Thread(target=decide)
    worker.start()
    while len(said) < 5:
        time.sleep(0.01)
    server.process.kill()
    worker.join(60)
    server.close()
    kept = [d.note for d in read_decisions(path).decisions]
    assert len(said) >= 5 and kept[: len(said)] == said
    again = Review(folder, path)
    try:
        assert kept[-1] in again.ask("/").text
        assert again.ask("/decide", again.form(note="after")).status == 303
    finally:
        again.close()
    assert [d.note for d in read_decisions(path).decisions] == [*kept, "after"]


SMALL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
"""


def test_a_full_disk_is_said_and_loses_nothing(folder, path):
    server = Review(folder, path, before=SMALL_DISK)
    try:
        statuses = []
        for number in range(6):
            form = server.form(name=f"farm{number:02}", note=f"note {number}")
            answer = server.ask("/decide", form)
            statuses.append(answer.status)
        assert statuses[0] == 303 and statuses[-1] == 507, statuses
        assert "Not kept" in answer.text and "make room" in answer.text
        assert ">note 5</textarea>" in answer.text
        assert "is torn" in answer.text
    finally:
        server.close()
    ledger = read_decisions(path)
    assert len(ledger.decisions) == statuses.count(303)
    assert ledger.decisions[0].note == "note 0"


def test_undo_and_the_allow_list_work_by_forms(review, path):
    review.ask("/decide", review.form())
    form = review.form()
    undo = {k: form[k] for k in ("csrf", "expecting", "person")}
    undo |= {"number": "1", "note": "mistaken"}
    assert review.ask("/undo", undo).status == 303
    assert not read_decisions(path).standing()
    thing = {"csrf": form["csrf"], "kind": "wifi", "value": "<b>shop", "person": "eve"}
    assert review.ask("/allow", thing | {"note": ""}).status == 400
    assert review.ask("/allow", thing | {"note": "a shop"}).status == 303
    assert ("wifi", "<b>shop") in read_decisions(path).allowed()
    page = review.ask("/allowed").text
    assert "&lt;b&gt;shop" in page and "<b>shop" not in page


def test_hostile_notes_are_shown_harmlessly(review, path):
    evil = "<script>alert(1)</script>\x1b[2J\u202e=HYPERLINK(1)"
    assert review.ask("/decide", review.form(note=evil, person=evil)).status == 303
    for page in ("/", "/case?kind=account&id=farm07"):
        text = review.ask(page).text
        assert "&lt;script&gt;" in text and "<script>" not in text
        assert "\x1b" not in text and "\u202e" not in text and "U+202E" in text


def test_the_exported_list_leaves_out_what_was_dismissed(review):
    before = review.ask("/list.csv").text
    assert "farm07" in before and "farm08" in before
    review.ask("/decide", review.form())
    review.ask("/decide", review.form(name="farm08", decision="confirmed", note="=1+1"))
    answer = review.ask("/list.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert not re.search(r'^"farm07"', answer.text, re.M)
    (row,) = re.findall(r'^"farm08".*$', answer.text, re.M)
    assert "confirmed by eve" in row


def test_the_port_can_be_chosen_and_a_taken_one_is_said(review, folder, path):
    done = subprocess.run(
        [sys.executable, "-m", "analyses.cli", "review", folder, "--no-browser"]
        + ["--port", str(review.port), "--decisions", path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "leave --port out" in done.stderr
