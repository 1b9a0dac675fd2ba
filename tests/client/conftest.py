"""A real server on a port of its own, and clients of it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import uvicorn

import assay
from assay.api.main import create_app
from assay.identity import found_organisation, issue_token
from assay.kernel import new_id
from assay.storage import Actor, Database, Settings

PROJECT = """\
name: {name}
version: 1.0.0
guideline: {{version: 1.0.0, markdown: Judge what the text says.}}
quality: {{overlap_min: 1, overlap_max: 2, gold_share: 0, recall_seconds: 30}}
fields:
  - {{key: q, type: text, from: item.prompt}}
questions:
  - {{key: safe, type: choice, title: Safe?, options: [{{id: "yes"}}, {{id: "no"}}]}}
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Settings(tmp_path_factory.mktemp("data"), None, f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def url(database: Database, settings: Settings) -> Iterator[str]:
    port = int(settings.public_url.rpartition(":")[2])
    server = uvicorn.Server(
        uvicorn.Config(create_app(database, settings), host="127.0.0.1", port=port, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield settings.public_url
    server.should_exit = True
    thread.join()


@pytest.fixture
def owner_token(database: Database) -> str:
    organisation_id, person_id = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="Owner"
    )
    return _token(database, organisation_id, person_id)


def _token(database: Database, organisation_id: UUID, person_id: UUID) -> str:
    actor = Actor("person", person_id)
    return database.transact(organisation_id, actor, lambda session: issue_token(session, person_id, label="t")[1])


@pytest.fixture
def client(url: str, owner_token: str) -> Iterator[assay.Client]:
    """Signed in as the owner of a new organisation."""
    with assay.Client(url, owner_token) as opened:
        yield opened


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    path = tmp_path / "project.yaml"
    path.write_text(PROJECT.format(name=f"Tax {new_id().hex[:6]}"))
    return path


class BrokenLine(httpx2.BaseTransport):
    """The request arrives and is carried out, but the first so many answers are lost on the way back."""

    def __init__(self, lose: int) -> None:
        self.lose = lose
        self.inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = self.inner.handle_request(request)
        if self.lose > 0:
            self.lose -= 1
            reply.read()
            reply.close()
            raise httpx2.ReadError("the line broke", request=request)
        return reply

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def over_broken_line(url: str, owner_token: str) -> Iterator[Callable[[int], assay.Client]]:
    opened: list[assay.Client] = []

    def make(lose: int) -> assay.Client:
        opened.append(assay.Client(url, owner_token, transport=BrokenLine(lose), tries=4))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
