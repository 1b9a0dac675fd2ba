"""`assay serve` comes up with one command, survives the death of its parts, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

WAIT_SECONDS = 60
ASSAY = Path(sys.executable).with_name("assay")


def wait_for(what: Callable[[], bool], *, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@dataclass
class Installation:
    """An installation in a folder of its own, without a database given."""

    data: Path
    port: int
    client: httpx2.Client

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "ASSAY_DATABASE_URL"}
        return kept | {"ASSAY_DATA": str(self.data)}

    def run(self, *words: str) -> str:
        done = subprocess.run([ASSAY, *words], env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def serve(self) -> subprocess.Popen[str]:
        command = [ASSAY, "serve", "--port", str(self.port)]
        with (self.data / "serve.log").open("a") as log:
            served = subprocess.Popen(command, env=self.environment, stdout=log, stderr=subprocess.STDOUT, text=True)
        wait_for(lambda: self.answers() or served.poll() is not None)
        assert served.poll() is None, self.log()
        return served

    def log(self) -> str:
        return (self.data / "serve.log").read_text()

    def answers(self) -> bool:
        with suppress(httpx2.HTTPError):
            return self.client.get("/health").status_code == 200
        return False

    def knows(self, token: str) -> bool:
        """Whether a signed-in request is answered, which takes the database too."""
        with suppress(httpx2.HTTPError):
            return self.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        return False

    def postmaster(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("d")
    for folder in (data, *data.parents[:2]):
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
        yield Installation(data, port, client)
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("ASSAY_DATA") == str(data):
            process.kill()


def test_a_server_survives_the_death_of_its_database_and_of_itself(installation: Installation) -> None:
    first = installation.serve()
    wait_for(lambda: "assay organisation add" in installation.log())
    founded = installation.run("organisation", "add", "Acme", "--owner", "olga@example.org")
    assert re.search(r"/enter#assay_[0-9a-f]{32}_\S+", founded)
    token = installation.run("token", "olga@example.org").strip()
    wait_for(lambda: installation.knows(token))

    os.kill(installation.postmaster(), signal.SIGKILL)
    wait_for(lambda: not installation.knows(token), seconds=5)
    wait_for(lambda: installation.knows(token))

    serving = psutil.Process(first.pid).children()
    assert len(serving) >= 2
    first.kill()
    first.wait()
    _, alive = psutil.wait_procs(serving, timeout=3)
    assert not alive

    second = installation.serve()
    wait_for(lambda: installation.knows(token))
    database = psutil.Process(installation.postmaster())
    second.terminate()
    assert second.wait(20) == 0
    psutil.wait_procs([database], timeout=5)
    assert not database.is_running()


def test_a_port_that_is_taken_is_said_in_a_sentence(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        refused = subprocess.run(
            [ASSAY, "serve", "--port", str(installation.port)],
            env=installation.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert refused.returncode == 1
    assert "choose another --port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_background_work_can_run_in_a_process_of_its_own(installation: Installation) -> None:
    with subprocess.Popen([ASSAY, "worker"], env=installation.environment, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert any("Working" in line for line in worker.stdout)
        database = psutil.Process(installation.postmaster())
        worker.terminate()
        assert worker.wait(20) == 0
    psutil.wait_procs([database], timeout=5)
    assert not database.is_running()
