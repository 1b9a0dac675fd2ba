"""The numbers of a project can be asked for; each comes with its n, method and interval."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.identity import found_organisation, issue_token
from assay.kernel import new_id
from assay.scoring import refit
from assay.storage import Actor, Database


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(database), base_url="https://testserver/api/v1/") as opened:
        yield opened


@pytest.fixture
def project_id(database: Database, client: TestClient, make, crowd) -> UUID:
    """Sixty tasks with three answers each, the first of them with a key; the client is its manager."""
    organisation_id, person_id = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="Olga"
    )
    with database.transaction(organisation_id, Actor("person", person_id)) as session:
        client.headers["Authorization"] = f"Bearer {issue_token(session, person_id)[1]}"
        people, made = type(crowd)(session), type(make)(session)
        project = made.project(overlap_min=3, overlap_max=3, recall_seconds=0)
        for i, task in enumerate(made.tasks(project, 60)):
            truth = "cat" if i % 2 else "dog"
            said = {"ann": truth, "bob": truth, "cem": "cat"}
            for name, value in said.items():
                people.answer(task, name, value)
            if i == 0:
                people.put_key(task, [truth])
        refit(session, project)
    return project


def test_quality_names_the_run_of_every_number(client: TestClient, project_id: UUID) -> None:
    reply = client.get(f"projects/{project_id}/quality").json()
    assert (reply["responses"], reply["annotators"]) == (180, 3)
    assert reply["run"]["version"].startswith("assay ")
    assert (reply["run"]["responses"], reply["run"]["seed"]) == (180, 0)
    (question,) = reply["questions"]
    (agreement,) = question["agreement"]
    assert agreement["low"] <= agreement["value"] <= agreement["high"]
    assert (agreement["n_items"], agreement["run_id"]) == (60, reply["run"]["id"])
    assert question["accuracy"] | {"low": 0} == question["accuracy"] | {"value": 1.0, "n": 1, "low": 0}
    assert {gold["source"]: (gold["right"], gold["n"]) for gold in question["gold"]} == {"graded here": (2, 3)}


def test_gold_and_inferred_skills_stand_apart(client: TestClient, project_id: UUID) -> None:
    page = client.get(f"projects/{project_id}/quality/annotators", params={"limit": 2}).json()
    assert [one["pseudonym"] for one in page["items"]] == ["ann", "bob"]
    skills = {skill["evidence"]: skill for skill in page["items"][0]["skills"]}
    assert set(skills) == {"gold", "inferred"}
    assert (skills["gold"]["n"], skills["gold"]["mean"]) == (1, 1.0)
    assert skills["inferred"]["low"] < skills["inferred"]["mean"]
    rest = client.get(f"projects/{project_id}/quality/annotators", params={"limit": 2, "after": page["next"]}).json()
    assert [one["pseudonym"] for one in rest["items"]] == ["cem"]
    assert rest["next"] is None


def test_tasks_show_what_their_answers_say(client: TestClient, project_id: UUID) -> None:
    page = client.get(f"projects/{project_id}/quality/tasks", params={"state": "confident", "limit": 5}).json()
    assert len(page["items"]) == 5
    (posterior,) = page["items"][0]["posteriors"]
    assert (posterior["n"], posterior["method"]) == (3, "Dawid-Skene")
    assert sum(posterior["probabilities"].values()) == pytest.approx(1)


def test_a_refit_runs_at_once_or_behind(client: TestClient, project_id: UUID) -> None:
    queued = client.post(f"projects/{project_id}/refit").json()
    assert queued["state"] == "queued"
    assert client.post(f"projects/{project_id}/refit").json()["id"] == queued["id"]
    done = client.post(f"projects/{project_id}/refit", params={"wait": True, "seed": 7}).json()
    assert (done["state"], done["seed"], done["responses"]) == ("done", 7, 180)
    assert client.get(f"runs/{done['id']}").json() == done
    assert client.get(f"runs/{project_id}").status_code == 404


def test_the_same_seed_gives_the_same_numbers(client: TestClient, project_id: UUID) -> None:
    def numbers() -> Any:
        client.post(f"projects/{project_id}/refit", params={"wait": True, "seed": 3})
        quality = client.get(f"projects/{project_id}/quality").json()["questions"]
        skills = client.get(f"projects/{project_id}/quality/annotators").json()["items"]
        return [without_run(quality), without_run(skills)]

    assert numbers() == numbers()


def without_run(value: Any) -> Any:
    if isinstance(value, list):
        return [without_run(one) for one in value]
    return {k: without_run(v) for k, v in value.items() if k != "run_id"} if isinstance(value, dict) else value
