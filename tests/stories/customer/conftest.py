"""A real `assay serve` in processes of its own, for stories told the way a customer lives them: by HTTP and CLI."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import pytest

import assay
from assay.kernel import new_id

ASSAY = Path(sys.executable).with_name("assay")
START_SECONDS = 60
SECONDS_MAX = 300  # for one verb of the command line


@dataclass
class Served:
    """An installation that is up, and ways in."""

    url: str
    environment: dict[str, str]
    process: psutil.Process
    opened: ExitStack = field(default_factory=ExitStack)

    def found(self) -> assay.Client:
        """The owner of a new organisation."""
        done = self.type("organisation", "add", "House", "--owner", f"{new_id()}@example.org")
        link = re.search(r"/enter(#assay_\S+)", done.stdout)
        assert link, done.stderr
        return self.opened.enter_context(assay.sign_in(self.url, link=link[1]))

    def join(self, owner: assay.Client, *roles: str) -> assay.Client:
        """A new member of the owner's organisation."""
        invited = owner.members.invite(f"{new_id()}@example.org", " ".join(roles).title(), list(roles))
        return self.opened.enter_context(assay.sign_in(self.url, link=invited.link))

    def annotator(self, owner: assay.Client, pseudonym: str) -> assay.Client:
        invited = owner.annotators.invite(
            f"{new_id()}@example.org", pseudonym, pseudonym=pseudonym, languages=["en", "zh"]
        )
        return self.opened.enter_context(assay.sign_in(self.url, link=invited.link))

    def type(self, *words: object, token: str | None = None) -> subprocess.CompletedProcess[str]:
        """A verb of the command line, however it ends."""
        environment = self.environment | {"ASSAY_TOKEN": token or ""}
        command = [ASSAY, *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX)

    def by(self, client: assay.Client) -> Callable[..., str]:
        """What a verb typed by this person prints; it must succeed."""
        token = client.tokens.issue("command line").token

        def typed(*words: object) -> str:
            done = self.type(*words, token=token)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout.strip()

        return typed

    def processes(self) -> set[int]:
        """Those that serve; one that died and came again has another number."""
        return {self.process.pid, *(child.pid for child in self.process.children(recursive=True))}


@pytest.fixture(scope="session")
def served(
    empty_database: Callable[[], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with empty_database() as database:
        data = tmp_path_factory.mktemp("served")
        environment = {**os.environ, "ASSAY_DATA": str(data), "ASSAY_DATABASE_URL": database, "ASSAY_URL": url}
        with (data / "serve.log").open("w") as log:
            process = subprocess.Popen([ASSAY, "serve", "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            wait_until_up(url, process, data / "serve.log")
            house = Served(url, environment, psutil.Process(process.pid))
            with house.opened:
                yield house
        finally:
            process.terminate()
            process.wait(60)


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with suppress(httpx2.TransportError):
            if httpx2.get(f"{url}/health").status_code == 200:
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
