"""The SDK against a real server: from a project file to submitted responses, and what happens when the line breaks."""

import json
from pathlib import Path

import pytest

import assay
from assay.client.http import wait_seconds
from assay.kernel import new_id

ANSWERS = [{"question": "safe", "value": "yes"}]


def items_file(folder: Path, count: int) -> Path:
    path = folder / "items.jsonl"
    rows = [{"external_id": f"q{n}", "prompt": f"When? {n}"} for n in range(count)]
    path.write_text("\n".join(map(json.dumps, [*rows, {"external_id": "bad"}])))
    return path


@pytest.fixture
def annotator(client: assay.Client, url: str):
    """Someone who signed in by the link of their invitation."""
    invited = client.annotators.invite(f"{new_id()}@example.org", "Ann", languages=["en"])
    with assay.sign_in(url, link=f"{url}/enter#{invited.link}") as opened:
        assert opened.annotators.me() == invited.annotator
        yield opened


@pytest.fixture
def project(client: assay.Client, project_file: Path, tmp_path: Path):
    """Open, with two items out."""
    made = client.projects.create(project_file)
    client.imports.send(made.id, items_file(tmp_path, 2))
    client.projects.open(made.id)
    client.batches.open(client.batches.list(made.id)[0].id)
    return made


def test_a_project_comes_back_as_the_file_it_was_made_from(client: assay.Client, project_file: Path) -> None:
    made = client.projects.create(project_file)
    text = client.projects.file(made.id)
    assert client.projects.find(made.name) == client.projects.get(made.id) == made
    assert client.projects.publish(made.id, text).version_id == made.version_id
    assert [version.number for version in client.projects.versions(made.id)] == ["1.0.0"]


def test_a_file_goes_in_and_its_bad_rows_come_back(client: assay.Client, project_file: Path, tmp_path: Path) -> None:
    project = client.projects.create(project_file)
    path = items_file(tmp_path, 250)
    loaded = client.imports.send(project.id, path)
    assert (loaded.state, loaded.accepted, loaded.problems_count) == ("loaded", 250, 1)
    assert [(p.where, p.line) for p in client.imports.problems(loaded.id)] == [("line 251", 251)]
    assert client.imports.send(project.id, path).known == 250
    assert len(list(client.items.list(project.id))) == 250
    assert len(list(client.tasks.list(project.id, state="staged"))) == 250
    assert client.items.get(next(client.items.list(project.id)).id).payload is not None


def test_a_task_is_claimed_drafted_submitted_and_recalled(project, annotator: assay.Client) -> None:
    work = annotator.work
    assert [one.project_id for one in work.open()] == [project.id]
    task = work.claim(project.id)
    assert task is not None
    lease = work.start(task)
    assert work.heartbeat(task).lease_until >= lease.lease_until
    assert work.save_draft(task, ANSWERS) == 1
    with pytest.raises(assay.ApiError) as conflict:
        work.save_draft(task, [], version=0)
    assert conflict.value.status == 409
    assert [held.draft.answers for held in work.held() if held.draft] == [ANSWERS]
    with pytest.raises(assay.ApiError) as refused:
        work.submit(task, [{"question": "safe", "value": "perhaps"}])
    assert refused.value.code == "InvalidAnswers"
    assert refused.value.problems[0].where.startswith("safe")
    response_id = new_id()
    receipt = work.submit(task, ANSWERS, active_seconds=3, response_id=response_id)
    assert work.submit(task, ANSWERS, active_seconds=3, response_id=response_id) == receipt
    again = work.recall(response_id)
    assert again.fence > task.fence
    work.submit(again, ANSWERS)


def test_a_task_can_be_given_back_and_work_runs_out(client: assay.Client, project, annotator: assay.Client) -> None:
    first = annotator.work.claim(project.id)
    assert first is not None
    annotator.work.start(first)
    annotator.work.give_back(first, "outside my field")
    second = annotator.work.claim(project.id)
    assert second is not None
    annotator.work.submit(second, ANSWERS)
    assert annotator.work.claim(project.id) is None
    assert client.projects.progress(project.id)["responses"] == 1


def test_a_request_whose_answer_was_lost_is_carried_out_once(
    over_broken_line, project_file: Path, tmp_path: Path
) -> None:
    client = over_broken_line(2)
    made = client.projects.create(project_file)
    assert [project.name for project in client.projects.list()] == [made.name]
    client._http._client._transport.lose = 2
    loaded = client.imports.send(made.id, items_file(tmp_path, 5))
    assert loaded.accepted == 5
    assert len(list(client.imports.list(made.id))) == 1


def test_no_answer_at_all_says_that_the_outcome_is_unknown(over_broken_line, project_file: Path) -> None:
    with pytest.raises(assay.Unreachable) as unknown:
        over_broken_line(99).projects.create(project_file)
    made = over_broken_line(0).projects.create(project_file, key=unknown.value.key)
    assert made.state == "draft"


def test_refusals_carry_code_sentence_and_places(client: assay.Client) -> None:
    with pytest.raises(assay.ApiError) as refused:
        client.projects.create("name: [")
    assert refused.value.status == 422
    with pytest.raises(assay.ApiError, match="NoSuchProject"):
        client.projects.find("nowhere")
    with pytest.raises(assay.ApiError, match="NoSuchImport"):
        client.imports.get(new_id())


def test_people_tokens_and_the_log(client: assay.Client, url: str) -> None:
    me = client.members.me()
    invited = client.members.invite(f"{new_id()}@example.org", "Rev", ["reviewer"])
    assert len(list(client.members.list())) == 2
    issued = client.tokens.issue("laptop")
    assert issued.token is not None
    with assay.Client(url, issued.token) as other:
        assert other.members.me() == me
        client.tokens.revoke(issued.id)
        with pytest.raises(assay.ApiError, match="NotSignedIn"):
            other.members.me()
    client.members.end(invited.person_id)
    assert "organisation" in {event.kind.split(".")[0] for event in client.events.list()}


def test_waits_grow_and_heed_the_server() -> None:
    assert wait_seconds(0, None) < 0.2
    assert 2.5 <= wait_seconds(10, None) <= 7.5
    assert wait_seconds(0, "3") >= 3
