"""A real Neo4j Community server for the tests, started by them on a free port.

It needs Java 17 or newer, and Maven the first time: the jars are kept in the user's
cache folder, outside the project. Where one of them is missing the tests are skipped
and say so; where `SCANRING_REQUIRE` names `neo4j` they fail instead.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

VERSION = "5.26.30"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "scanring")
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>scanring</groupId>
  <artifactId>neo4j-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.neo4j</groupId><artifactId>neo4j</artifactId>
    <version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""
CONF = """server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size=256m
"""
TLS = """server.bolt.tls_level=OPTIONAL
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory={home}/certificates
dbms.ssl.policy.bolt.client_auth=NONE
"""
"""It takes both: TLS where an address asks for it, and none where it does not."""
SECONDS_TO_START = 120


@dataclass(frozen=True)
class Server:
    """A server that runs: its address, folder, jars, certificate, and process.

    The certificate is signed by itself, for 127.0.0.1; None: there is no openssl.
    """

    uri: str
    home: Path
    jars: Path
    certificate: Path | None
    pid: int


def unavailable(what: str, reason: str) -> None:
    """Skip with the reason, or fail where `SCANRING_REQUIRE` names what is missing."""
    if what in os.environ.get("SCANRING_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required: {reason}")
    pytest.skip(f"no {what}: {reason}")


def jars() -> Path:
    """Return the folder of Neo4j's jars, downloaded if they are not there yet."""
    if shutil.which("java") is None:
        unavailable("neo4j", "there is no java (17 or newer)")
    folder = CACHE / f"neo4j-{VERSION}"
    done = folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            if shutil.which("mvn") is None:
                unavailable("neo4j", "there is no mvn to download it with")
            (folder / "pom.xml").write_text(POM)
            command = ["mvn", "-B", "-q", "-ntp", "dependency:copy-dependencies"]
            command += ["-DincludeScope=runtime", "-DoutputDirectory=lib"]
            found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if found.returncode:
                unavailable("neo4j", f"it cannot be downloaded: {found.stdout[:300]}")
            done.touch()
    return folder / "lib"


@contextmanager
def server() -> Iterator[Server]:
    """Start a server in a temporary folder; it is stopped and removed afterwards."""
    lib = jars()
    with tempfile.TemporaryDirectory(prefix="scanring-neo4j") as name:
        home = Path(name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (home / "conf").mkdir()
        certificate = _certify(home / "certificates")
        conf = CONF.format(port=port) + (TLS.format(home=home) if certificate else "")
        (home / "conf" / "neo4j.conf").write_text(conf)
        command = ["java", "-Xmx1g", "-cp", f"{lib}/*"]
        command += ["org.neo4j.server.CommunityEntryPoint"]
        command += [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
        with (home / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(port, process, home / "log")
            uri = f"bolt://127.0.0.1:{port}"
            yield Server(uri, home, lib, certificate, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _certify(folder: Path) -> Path | None:
    """Make a key and a certificate for 127.0.0.1 where Neo4j looks for them."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    folder.mkdir()
    words = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    words += ["-keyout", "private.key", "-out", "public.crt"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder / "public.crt"


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.3)
    unavailable("neo4j", f"it did not start: {log.read_text()[-500:]}")
