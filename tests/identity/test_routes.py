"""Requests are answered inside one transaction, for one organisation, once per key."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.identity import found_organisation, issue_link, issue_token
from assay.kernel import new_id
from assay.storage import Actor, Database


@pytest.fixture
def owner(database: Database) -> tuple[UUID, UUID, str]:
    organisation_id, person_id = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="Olga"
    )
    with database.transaction(organisation_id, Actor("operator")) as session:
        return organisation_id, person_id, issue_token(session, person_id)[1]


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(database), base_url="https://testserver") as opened:
        yield opened


def test_a_token_says_who_i_am(client: TestClient, owner: tuple[UUID, UUID, str]) -> None:
    reply = client.get("/api/v1/me", headers={"Authorization": f"Bearer {owner[2]}"})
    assert reply.status_code == 200, reply.text
    assert reply.json()["organisation"] == "House"
    assert reply.json()["roles"] == ["manager", "owner"]


def test_a_stranger_is_asked_to_sign_in(client: TestClient) -> None:
    reply = client.get("/api/v1/me")
    assert reply.status_code == 401
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == "NotSignedIn"


def test_a_link_signs_in_once(client: TestClient, database: Database, owner: tuple[UUID, UUID, str]) -> None:
    with database.transaction(owner[0], Actor("operator")) as session:
        link = issue_link(session, owner[1])
    assert client.post("/api/v1/sessions", json={"link": link}).status_code == 201
    assert client.get("/api/v1/me").json()["person"]["name"] == "Olga"
    client.cookies.clear()
    assert client.post("/api/v1/sessions", json={"link": link}).status_code == 401


def test_a_repeated_request_does_its_work_once(client: TestClient, owner: tuple[UUID, UUID, str]) -> None:
    headers = {"Authorization": f"Bearer {owner[2]}", "Idempotency-Key": "k1"}
    body = {"email": f"{new_id()}@example.org", "name": "Mia", "roles": ["viewer"]}
    first = client.post("/api/v1/members", json=body, headers=headers)
    again = client.post("/api/v1/members", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = client.post("/api/v1/members", json=body | {"name": "Max"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "KeyReused")


def test_a_password_signs_in_and_a_wrong_one_does_not(client: TestClient, owner: tuple[UUID, UUID, str]) -> None:
    headers = {"Authorization": f"Bearer {owner[2]}"}
    email = client.get("/api/v1/me", headers=headers).json()["person"]["email"]
    assert client.put("/api/v1/me/password", json={"password": "short"}, headers=headers).status_code == 422
    assert client.put("/api/v1/me/password", json={"password": "correct horse"}, headers=headers).status_code == 204
    wrong = client.post("/api/v1/sessions", json={"email": email, "password": "wrong horse"})
    right = client.post("/api/v1/sessions", json={"email": email, "password": "correct horse"})
    assert (wrong.status_code, right.status_code) == (401, 201)


def test_a_revoked_token_ends_before_the_next_request(client: TestClient, owner: tuple[UUID, UUID, str]) -> None:
    headers = {"Authorization": f"Bearer {owner[2]}"}
    issued = client.post("/api/v1/tokens", json={}, headers=headers).json()
    mine = {"Authorization": f"Bearer {issued['token']}"}
    assert client.get("/api/v1/me", headers=mine).status_code == 200
    assert client.delete(f"/api/v1/tokens/{issued['id']}", headers=headers).status_code == 204
    assert client.get("/api/v1/me", headers=mine).status_code == 401


def test_a_change_asked_for_by_another_site_is_refused(
    client: TestClient, database: Database, owner: tuple[UUID, UUID, str]
) -> None:
    with database.transaction(owner[0], Actor("operator")) as session:
        link = issue_link(session, owner[1])
    client.post("/api/v1/sessions", json={"link": link})
    foreign = client.post("/api/v1/tokens", json={}, headers={"Origin": "https://elsewhere.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "NotPermitted")
