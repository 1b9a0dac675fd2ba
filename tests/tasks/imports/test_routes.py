"""Files over HTTP: by body and by form, once under one key, and only for those who may."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.identity import Role, add_member, found_organisation, issue_token
from assay.kernel import new_id
from assay.storage import Actor, Database, Settings

ROWS = [{"external_id": f"q{n}", "prompt": f"When? {n}"} for n in range(3)]
CONTENT = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)
PROJECT = {
    "name": "Uploads",
    "version": "1.0.0",
    "guideline": {"version": "1.0.0", "markdown": "Read."},
    "fields": [{"key": "q", "type": "text", "from": "item.prompt"}],
    "questions": [{"key": "safe", "type": "choice", "title": "Safe?", "options": [{"id": "yes"}, {"id": "no"}]}],
}


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data=tmp_path, database_url=None, public_url="http://test", import_bytes_max=100_000)


@pytest.fixture
def http(database: Database, settings: Settings) -> Iterator[TestClient]:
    """Signed in as the owner of a new organisation."""
    with TestClient(create_app(database, settings)) as client:
        organisation_id, owner = found_organisation(database, "House", owner_email=f"{new_id()}@e.org", owner_name="O")
        client.headers["authorization"] = f"Bearer {token(database, organisation_id, owner)}"
        client.extra = {"organisation": organisation_id}  # type: ignore[attr-defined]
        yield client


def token(database: Database, organisation_id: Any, person_id: Any) -> str:
    work = lambda session: issue_token(session, person_id, label="test")[1]  # noqa: E731
    return database.transact(organisation_id, Actor("person", person_id), work)


@pytest.fixture
def project(http: TestClient) -> str:
    return http.post("/api/v1/projects", json=PROJECT).raise_for_status().json()["id"]


def test_a_body_is_loaded_while_the_caller_waits(http: TestClient, project: str, settings: Settings) -> None:
    reply = http.post(f"/api/v1/projects/{project}/imports?kind=items&name=my.jsonl&wait=true", content=CONTENT)
    assert reply.status_code == 201
    body = reply.json()
    assert (body["state"], body["accepted"], body["format"], body["file_name"]) == ("loaded", 3, "jsonl", "my.jsonl")
    assert list(settings.folder("imports").iterdir()) == []
    assert http.get(f"/api/v1/projects/{project}/imports").json()["items"] == [body]


def test_a_form_is_taken_too(http: TestClient, project: str) -> None:
    files = {"file": ("items.csv", b"id,prompt\n1,=1+1\n2\n")}
    body = http.post(f"/api/v1/projects/{project}/imports?kind=items&wait=true", files=files).json()
    assert (body["accepted"], body["problems_count"], body["format"]) == (1, 1, "csv")
    problems = http.get(f"/api/v1/imports/{body['id']}/problems").json()["items"]
    assert [(problem["where"], problem["line"]) for problem in problems] == [("line 3", 3)]


def test_without_waiting_the_import_is_received_and_its_file_kept(http, project: str, settings: Settings) -> None:
    body = http.post(f"/api/v1/projects/{project}/imports?kind=items", content=CONTENT).json()
    assert body["state"] == "received"
    assert (settings.folder("imports") / body["id"]).read_bytes() == CONTENT


@pytest.mark.parametrize("wait", ["true", "false"])
def test_the_same_key_sends_the_file_once(http: TestClient, project: str, settings: Settings, wait: str) -> None:
    url = f"/api/v1/projects/{project}/imports?kind=items&wait={wait}"
    first = http.post(url, content=CONTENT, headers={"idempotency-key": "k1"})
    again = http.post(url, content=CONTENT, headers={"idempotency-key": "k1"})
    other = http.post(url, content=CONTENT + b"\n", headers={"idempotency-key": "k1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == again.json()
    assert len(http.get(f"/api/v1/projects/{project}/imports").json()["items"]) == 1


@pytest.mark.parametrize(
    ("query", "content", "part"),
    [
        ("kind=items", b"", "no file"),
        ("kind=items", b"x" * 100_001, "at most 100,000 bytes"),
        ("kind=items&separator=ab", CONTENT, "separated by"),
        ("kind=items&encoding=rot13", CONTENT, "encodings"),
        ("kind=items&columns=[1]", CONTENT, "renamed"),
        ("kind=gold&question=colour", CONTENT, "cannot be made"),
    ],
)
def test_what_cannot_be_taken_is_said_and_leaves_nothing(http, project, settings, query, content, part) -> None:
    reply = http.post(f"/api/v1/projects/{project}/imports?{query}", content=content)
    assert reply.status_code == 422
    assert part in reply.json()["detail"]
    assert list(settings.folder("imports").iterdir()) == []


def test_an_annotator_may_not_send_files(http: TestClient, project: str, database: Database, settings) -> None:
    organisation_id = http.extra["organisation"]  # type: ignore[attr-defined]
    actor = Actor("person")
    person = database.transact(
        organisation_id, actor, lambda s: add_member(s, f"{new_id()}@e.org", "A", [Role.ANNOTATOR])
    )
    headers = {"authorization": f"Bearer {token(database, organisation_id, person)}"}
    reply = http.post(f"/api/v1/projects/{project}/imports?kind=items", content=CONTENT, headers=headers)
    assert reply.status_code == 403
    assert list(settings.folder("imports").iterdir()) == []


def test_an_unknown_import_is_not_found(http: TestClient, project: str) -> None:
    assert http.get(f"/api/v1/imports/{new_id()}").status_code == 404
    assert http.get(f"/api/v1/imports/{new_id()}/problems").status_code == 404
    assert http.post(f"/api/v1/projects/{new_id()}/imports?kind=items", content=CONTENT).status_code == 404
