"""From settled tasks to an archive that verifies, over HTTP, each step by the role it is open to."""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.client.verify import verify
from assay.identity.model import Role
from assay.identity.people import add_member, issue_token
from assay.jobs.worker import Worker
from assay.kernel import new_id
from assay.storage import Actor, Database, Session, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database_url=None, public_url="http://testserver")


@pytest.fixture
def client(database: Database, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(database, settings), base_url="https://testserver") as opened:
        yield opened


@pytest.fixture
def house(database: Database, organisation_id: UUID, make_work) -> dict[str, Any]:
    """A project with settled tasks that are really there, and a token per role."""

    def build(session: Session) -> dict[str, Any]:
        project_id, _ = make_work(session).settled(
            30, acceptance={"error_limit": 0.3, "confidence": 0.9, "checks_min": 5, "checks_max": 30}
        )
        tokens = {}
        for role in (Role.MANAGER, Role.AUDITOR, Role.VIEWER):
            person = add_member(session, f"{new_id()}@example.org", role, [role])
            tokens[str(role)] = {"authorization": f"Bearer {issue_token(session, person)[1]}"}
        return {"project": project_id, **tokens}

    return database.transact(organisation_id, Actor("person", new_id()), build)


Lot = dict[str, Any]


def inspected(client: TestClient, house: dict[str, Any]) -> Lot:
    """The project's settled tasks as a lot, judged until it is decided."""
    manager, auditor = house["manager"], house["auditor"]
    lot = client.post(f"/api/v1/projects/{house['project']}/lots", json={}, headers=manager).json()
    assert (lot["size"], lot["state"]) == (30, "sealed")
    lot = client.post(f"/api/v1/lots/{lot['id']}/sample", headers=manager).json()
    while lot["state"] == "inspecting":
        check = client.post(f"/api/v1/lots/{lot['id']}/checks/claim", headers=auditor).json()
        answers = {"fence": check["fence"], "answers": [{"question": "animal", "value": "cat"}]}
        shown = client.post(f"/api/v1/checks/{check['id']}/answers", json=answers, headers=auditor)
        assert shown.json()["settled"] == [{"question": "animal", "target": None, "value": "cat"}]
        verdict = {"fence": check["fence"], "verdict": "conforming"}
        judged = client.post(f"/api/v1/checks/{check['id']}/judge", json=verdict, headers=auditor)
        assert judged.status_code == 200, judged.text
        lot = client.get(f"/api/v1/lots/{lot['id']}", headers=house["viewer"]).json()
    return lot


def written(client: TestClient, house: dict[str, Any], worker: Worker, release_id: str) -> dict[str, Any]:
    """The release, once the background has written it."""
    thread = Thread(target=worker.run)
    thread.start()
    try:
        for _ in range(300):
            release = client.get(f"/api/v1/releases/{release_id}", headers=house["viewer"]).json()
            if release["state"] != "prepared":
                return release
            time.sleep(0.1)
    finally:
        worker.stop()
        thread.join()
    raise AssertionError("the background did not write the release")


def test_a_project_is_inspected_certified_released_and_verified(
    client: TestClient, house: dict[str, Any], database: Database, settings: Settings, tmp_path: Path
) -> None:
    manager = house["manager"]
    lot = inspected(client, house)
    certificate = client.get(f"/api/v1/lots/{lot['id']}/certificate", headers=house["viewer"]).json()
    assert certificate["body"]["upper_bound"] <= 0.3
    asked = {"lots": [lot["id"]], "licence": "cc-by-4.0", "licence_text": "CC BY 4.0", "sheets": ["settled"]}
    release = client.post(f"/api/v1/projects/{house['project']}/releases", json=asked, headers=manager).json()
    assert release["state"] == "prepared"
    release = written(client, house, Worker(database, settings), release["id"])
    assert (release["state"], release["rows"]["data/responses.parquet"]) == ("available", 60), release["problem"]
    archive = client.get(f"/api/v1/releases/{release['id']}/archive", headers=manager)
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        files.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    assert verify(folder).problems == ()
    accepted = client.post(f"/api/v1/releases/{release['id']}/accept", headers=manager).json()
    assert accepted["state"] == "accepted"
    listed = client.get(f"/api/v1/projects/{house['project']}/releases", headers=manager).json()["items"]
    assert [row["id"] for row in listed] == [release["id"]]


def test_own_answers_and_verdict_may_come_together(client: TestClient, house: dict[str, Any]) -> None:
    manager, auditor = house["manager"], house["auditor"]
    lot = client.post(f"/api/v1/projects/{house['project']}/lots", json={}, headers=manager).json()
    client.post(f"/api/v1/lots/{lot['id']}/sample", headers=manager)
    check = client.post(f"/api/v1/lots/{lot['id']}/checks/claim", headers=auditor).json()
    answers = [{"question": "animal", "value": "dog"}]
    verdict = {"fence": check["fence"], "verdict": "nonconforming", "severity": "minor", "answers": answers}
    judged = client.post(f"/api/v1/checks/{check['id']}/judge", json=verdict, headers=auditor).json()
    assert (judged["decision"]["checked"], judged["decision"]["wrong"]) == (1, 1)


def test_only_auditors_check_and_only_managers_seal(client: TestClient, house: dict[str, Any]) -> None:
    url = f"/api/v1/projects/{house['project']}/lots"
    assert client.post(url, json={}, headers=house["auditor"]).status_code == 403
    lot = client.post(url, json={}, headers=house["manager"]).json()
    claim = f"/api/v1/lots/{lot['id']}/checks/claim"
    assert client.post(claim, headers=house["manager"]).status_code == 403
    assert client.post(claim, headers=house["auditor"]).status_code == 204  # nothing is drawn yet


def test_a_verdict_that_does_not_exist_is_refused(client: TestClient, house: dict[str, Any]) -> None:
    body = {"fence": 1, "verdict": "fine"}
    assert client.post(f"/api/v1/checks/{new_id()}/judge", json=body, headers=house["auditor"]).status_code == 422


@pytest.mark.parametrize(
    "path", ["lots/{}", "lots/{}/certificate", "releases/{}", "releases/{}/archive", "projects/{}/lots"]
)
def test_what_is_not_there_is_not_found(client: TestClient, house: dict[str, Any], path: str) -> None:
    assert client.get(f"/api/v1/{path.format(new_id())}", headers=house["manager"]).status_code == 404


def test_a_lot_that_has_not_passed_is_not_released(client: TestClient, house: dict[str, Any]) -> None:
    manager = house["manager"]
    lot = client.post(f"/api/v1/projects/{house['project']}/lots", json={}, headers=manager).json()
    refused = client.post(f"/api/v1/projects/{house['project']}/releases", json={"lots": [lot["id"]]}, headers=manager)
    assert (refused.status_code, refused.json()["code"]) == (409, "LotMoveRefused")
