"""Projects through the front door."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.identity import Role, add_member, found_organisation, issue_token
from assay.kernel import new_id
from assay.projects import project_file
from assay.storage import Actor, Database

FILE = """\
name: Preference
version: 1.0.0
guideline: {version: 1.0.0, markdown: 选择更好的。}
fields: [{key: text, type: text, from: item.text}]
questions: [{key: safe, type: choice, title: Safe?, options: [{id: yes}, {id: no}]}]
"""
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    """The owner of a new organisation, signed in by a token."""
    organisation_id, person_id = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="Olga"
    )
    with database.transaction(organisation_id, Actor("operator")) as session:
        token = issue_token(session, person_id)[1]
        annotator = issue_token(session, add_member(session, f"{new_id()}@example.org", "Ann", [Role.ANNOTATOR]))[1]
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(create_app(database), base_url="https://testserver/api/v1/", headers=headers) as opened:
        opened.annotator = {"Authorization": f"Bearer {annotator}"}  # type: ignore[attr-defined]
        yield opened


@pytest.fixture
def project(client: TestClient) -> str:
    reply = client.post("projects", content=FILE.encode(), headers=YAML)
    assert reply.status_code == 201, reply.text
    assert (reply.json()["state"], reply.json()["version"]) == ("draft", "1.0.0")
    return reply.json()["id"]


def test_a_project_sent_as_yaml_comes_back_in_both_forms(client: TestClient, project: str) -> None:
    sent = project_file.load(FILE)
    yaml = client.get(f"projects/{project}/file")
    assert yaml.headers["content-type"].startswith("application/yaml")
    assert yaml.text == project_file.dump(sent)
    assert client.get(f"projects/{project}/file?format=json").json() == sent.as_json()
    assert client.get(f"projects/{project}/file", headers={"Accept": "application/json"}).json() == sent.as_json()


def test_a_project_sent_as_json_is_the_same(client: TestClient) -> None:
    reply = client.post("projects", json=project_file.load(FILE).as_json())
    assert reply.status_code == 201, reply.text
    assert client.get(f"projects/{reply.json()['id']}/file").text == project_file.dump(project_file.load(FILE))


def test_a_second_project_of_the_name_is_a_conflict(client: TestClient, project: str) -> None:
    reply = client.post("projects", content=FILE, headers=YAML)
    assert (reply.status_code, reply.json()["code"]) == (409, "ProjectNameTaken")
    assert len(client.get("projects").json()["items"]) == 1


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        ("a: &a [*a]", "InvalidFile", "line 1"),
        (FILE.replace("choice", "hologram"), "InvalidDefinition", "questions[0] (line 5)"),
        ('{"name": "\\ud800"}', "InvalidDefinition", "name"),
        ('{"\\ud800": "\\ud800"}', "InvalidDefinition", "file"),
        ("x" * 1_000_001, "InvalidFile", "file"),
        ("", "InvalidFile", "file"),
    ],
)
def test_a_broken_file_is_refused_by_place_and_leaves_nothing(client: TestClient, content, code, where) -> None:
    reply = client.post("projects", content=content.encode(), headers=YAML)
    assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert reply.json()["problems"][0]["where"] == where
    assert client.get("projects").json()["items"] == []


def test_a_new_version_is_put_and_listed(client: TestClient, project: str) -> None:
    new = FILE.replace("version: 1.0.0\n", "version: 1.1.0\n").replace("Safe?", "Is it safe?")
    assert client.put(f"projects/{project}/file", content=new.encode(), headers=YAML).json()["version"] == "1.1.0"
    versions = client.get(f"projects/{project}/versions").json()["items"]
    assert [(version["number"], version["state"]) for version in versions] == [
        ("1.0.0", "superseded"),
        ("1.1.0", "published"),
    ]
    taken = client.put(f"projects/{project}/file", content=new.replace("Is", "Was").encode(), headers=YAML)
    assert (taken.status_code, taken.json()["code"]) == (409, "VersionTaken")


def test_it_is_opened_and_closed(client: TestClient, project: str) -> None:
    assert client.post(f"projects/{project}/open").json()["state"] == "live"
    assert client.post(f"projects/{project}/open").json()["code"] == "ProjectMoveRefused"
    assert client.post(f"projects/{project}/close").json()["state"] == "closed"


def test_annotators_read_the_guideline_and_the_version_and_no_more(client: TestClient, project: str) -> None:
    version_id = client.get(f"projects/{project}").json()["version_id"]
    guideline = client.get(f"projects/{project}/guidelines/1.0.0", headers=client.annotator)
    assert guideline.json()["markdown"] == "选择更好的。"
    version = client.get(f"versions/{version_id}", headers=client.annotator).json()
    assert [question["key"] for question in version["questions"]] == ["safe"]
    assert "quality" not in version
    assert client.get(f"projects/{project}/file", headers=client.annotator).status_code == 403
    assert client.post("projects", content=FILE, headers=client.annotator).status_code == 403


def test_what_is_missing_or_foreign_is_not_found(client: TestClient, project: str) -> None:
    for path in (f"projects/{new_id()}", f"projects/{new_id()}/file", f"versions/{new_id()}"):
        assert client.get(path).status_code == 404
    assert client.get(f"projects/{project}/guidelines/9.9.9").json()["code"] == "NoSuchGuideline"
    assert client.post(f"projects/{new_id()}/open").status_code == 404
