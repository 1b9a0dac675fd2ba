"""Review, adjudication and settling through the front door, by people of different roles."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from assay import identity
from assay.api.main import create_app
from assay.identity import found_organisation, issue_token
from assay.identity.model import Role
from assay.kernel import new_id
from assay.storage import Actor, Database


class Office:
    """One organisation seen through HTTP: a manager, two reviewers, an auditor."""

    def __init__(self, client: TestClient, project_id: UUID, tokens: dict[str, str]) -> None:
        self.client = client
        self.project_id = project_id
        self.tokens = tokens

    def call(self, who: str, method: str, path: str, **options: Any) -> Any:
        path = path.replace("{p}", str(self.project_id))
        return self.client.request(method, path, headers={"Authorization": f"Bearer {self.tokens[who]}"}, **options)


@pytest.fixture
def office(database: Database, house) -> Iterator[Office]:
    """One task that is disputed, one whose two responses wait for review."""
    organisation_id, owner = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="Olga"
    )
    tokens: dict[str, str] = {}
    with database.transaction(organisation_id, Actor("person", owner)) as session:
        tokens["manager"] = issue_token(session, owner)[1]
        for name, role in {"rita": Role.REVIEWER, "rolf": Role.REVIEWER, "audit": Role.AUDITOR}.items():
            person = identity.add_member(session, f"{new_id()}@example.org", name, [role])
            tokens[name] = issue_token(session, person)[1]
        here = type(house)(session, type(house.make)(session))
        here.open(2, overlap_min=2, confidence_wanted=0.8, review={"first_n": 1})
        for name, second in {"ann": "cat", "bob": "dog"}.items():
            here.answer(name, "cat")
            here.answer(name, second)
        here.hear()
    with TestClient(create_app(database), base_url="https://testserver/api/v1/") as client:
        yield Office(client, here.project_id, tokens)


def test_the_queues_are_counted(office: Office) -> None:
    waiting = office.call("manager", "GET", "projects/{p}/reviews").json()
    assert waiting["reviews"] == {"disagreement": 0, "gold_miss": 0, "newcomer": 2, "random": 0}
    assert (waiting["adjudications"], waiting["reviews_held"]) == (1, 0)


def test_a_review_goes_from_claim_to_verdict(office: Office) -> None:
    review = office.call("rita", "POST", "projects/{p}/reviews/claim", json={}).json()
    assert review["payload"] == {"text": "a cat"}
    assert not {"author_id", "annotator_id", "response_id", "queue"} & set(review)
    body = {"fence": review["fence"], "verdict": "approve"}
    other = office.call("rolf", "POST", f"reviews/{review['id']}/finalise", json=body)
    assert other.status_code == 404
    done = office.call("rita", "POST", f"reviews/{review['id']}/finalise", json=body)
    assert done.json() == {"review_id": review["id"], "outcome": "approved"}
    late = office.call("rita", "POST", f"reviews/{review['id']}/finalise", json=body | {"verdict": "correct"})
    assert late.status_code == 409


def test_a_released_review_goes_to_the_next(office: Office) -> None:
    review = office.call("rita", "POST", "projects/{p}/reviews/claim", json={"queue": "newcomer"}).json()
    held = {"fence": review["fence"]}
    assert office.call("rita", "POST", f"reviews/{review['id']}/heartbeat", json=held).status_code == 200
    assert office.call("rita", "POST", f"reviews/{review['id']}/release", json=held).status_code == 204
    again = office.call("rolf", "POST", "projects/{p}/reviews/claim", json={}).json()
    assert again["id"] == review["id"]


def test_an_adjudicator_settles_what_differs(office: Office) -> None:
    held = office.call("rolf", "POST", "projects/{p}/adjudications/claim").json()
    assert [one["alias"] for one in held["responses"]] == ["A", "B"]
    body = {"fence": held["fence"], "answers": [{"question": "animal", "value": "dog"}], "causes": {"A": "ambiguous"}}
    wrong = office.call("rolf", "POST", f"adjudications/{held['id']}/settle", json=body | {"fence": 0})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "LeaseLost")
    assert office.call("rolf", "POST", f"adjudications/{held['id']}/settle", json=body).status_code == 204
    task = office.call("manager", "GET", f"tasks/{held['task_id']}").json()
    assert (task["state"], task["settled"][0]["value"], task["settled"][0]["how"]) == ("settled", "dog", "adjudicated")
    assert office.call("rolf", "POST", "projects/{p}/adjudications/claim").status_code == 204


def test_a_broken_item_is_parked(office: Office) -> None:
    held = office.call("rolf", "POST", "projects/{p}/adjudications/claim").json()
    body = {"fence": held["fence"], "note": "the picture is missing"}
    assert office.call("rolf", "POST", f"adjudications/{held['id']}/park", json=body).status_code == 204
    assert office.call("manager", "GET", f"tasks/{held['task_id']}").json()["state"] == "needs_fix"


def test_progress_counts_as_it_stands(office: Office) -> None:
    before = office.call("manager", "GET", "projects/{p}/progress").json()
    assert (before["items"], before["tasks"], before["responses"]) == (2, {"complete": 2}, 4)
    assert (before["disputed"], before["reviews_waiting"], before["leases"]) == (1, {"newcomer": 2}, 0)
    for _ in range(2):
        review = office.call("rita", "POST", "projects/{p}/reviews/claim", json={}).json()
        body = {"fence": review["fence"], "verdict": "approve"}
        office.call("rita", "POST", f"reviews/{review['id']}/finalise", json=body)
    settled = office.call("manager", "POST", "projects/{p}/settle", json={"even_disputed": True}).json()
    after = office.call("manager", "GET", "projects/{p}/progress").json()
    assert after["settled"] == 2
    assert settled["settled"] == 1
    assert after["outcomes"] == {"approved": 2, "unreviewed": 2}


def test_auditors_and_strangers_do_not_review(office: Office) -> None:
    assert office.call("audit", "POST", "projects/{p}/reviews/claim", json={}).status_code == 403
    assert office.call("rita", "POST", "projects/{p}/settle", json={}).status_code == 403
    stranger = f"projects/{new_id()}/reviews/claim"
    assert office.call("rita", "POST", stranger, json={}).status_code == 404
