"""Responses are stored once, under the current token, and can be taken back for a while."""

from typing import Any
from uuid import UUID

import pytest

from assay import tasks
from assay.assignment import ask_for_revision, expire
from assay.assignment.claim import claim
from assay.assignment.model import Assignment, DraftChanged, NotLive, State, TooLateToRecall
from assay.assignment.submit import Receipt, Submission, recall, submit
from assay.assignment.work import draft, heartbeat, mine, open_task, resume, save_draft
from assay.kernel import new_id
from assay.kernel.lease import LeaseLost, LeaseOver
from assay.projects import InvalidAnswers
from assay.storage import Session
from assay.tasks import ResponseIdReused

CAT = [{"question": "animal", "value": "cat"}]
DOG = [{"question": "animal", "value": "dog"}]


def submission(held: Assignment, answers: list[dict[str, Any]] = CAT, response_id: UUID | None = None) -> Submission:
    return Submission(response_id or new_id(), held.lease.fence, answers, active_seconds=0, idle_seconds=0)


def send(session: Session, held: Assignment, answers: list[dict[str, Any]] = CAT) -> Receipt:
    return submit(session, held.id, held.person_id, submission(held, answers))


def state_of(session: Session, task_id: UUID) -> str:
    row = tasks.task(session, task_id)
    assert row is not None
    return row["state"]


def test_the_last_response_completes_the_task(session: Session, make) -> None:
    project = make.project(overlap_min=2)
    (task,) = make.tasks(project, 1)
    first, second = (claim(session, make.annotator(), project) for _ in range(2))
    send(session, first)
    assert state_of(session, task) == "open"
    send(session, second)
    assert state_of(session, task) == "complete"


def test_the_same_response_again_gives_the_same_receipt(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    once = submission(held)
    assert submit(session, held.id, held.person_id, once) == submit(session, held.id, held.person_id, once)
    assert len(tasks.responses_of_task(session, held.task_id)) == 1


def test_other_answers_under_the_same_id_are_a_conflict(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    receipt = send(session, held)
    with pytest.raises(ResponseIdReused):
        submit(session, held.id, held.person_id, submission(held, DOG, receipt.response_id))
    with pytest.raises(NotLive):
        send(session, held)


def test_a_response_id_cannot_serve_two_tasks(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 2)
    ann = make.annotator()
    first, second = (claim(session, ann, project) for _ in range(2))
    receipt = send(session, first)
    with pytest.raises(ResponseIdReused):
        submit(session, second.id, second.person_id, submission(second, CAT, receipt.response_id))


def test_answers_are_checked_against_the_questions(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    with pytest.raises(InvalidAnswers) as refused:
        send(session, held, [{"question": "animal", "value": "bird"}])
    assert "animal" in refused.value.problems[0].where
    assert state_of(session, held.task_id) == "open"


def expired(session: Session, make) -> Assignment:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    session.execute(
        "update assignment_assignment set lease_until = clock_timestamp() - interval '1 day' "
        "where organisation_id = %s and id = %s",
        (session.organisation_id, held.id),
    )
    save_draft(session, held.id, held.person_id, fence=held.lease.fence, answers=DOG, version_known=0)
    assert expire(session) == 1
    return held


def test_an_expired_lease_takes_no_response(session: Session, make) -> None:
    held = expired(session, make)
    with pytest.raises(LeaseOver, match="resume"):
        send(session, held)


def test_resumed_work_takes_its_seat_again_under_a_new_token(session: Session, make) -> None:
    held = expired(session, make)
    again = resume(session, held.id, held.person_id)
    assert again.holds_seat
    assert again.lease.fence > held.lease.fence
    kept = draft(session, held.id)
    assert kept is not None
    assert kept.answers == DOG
    with pytest.raises(LeaseLost):
        send(session, held)
    assert send(session, again).is_counted


def test_resumed_work_is_surplus_when_the_seat_is_gone(session: Session, make) -> None:
    held = expired(session, make)
    other = claim(session, make.annotator(), held.project_id)
    assert other.task_id == held.task_id
    again = resume(session, held.id, held.person_id)
    assert not again.holds_seat
    assert not send(session, again).is_counted
    assert send(session, other).is_counted
    assert len(tasks.responses_of_task(session, held.task_id)) == 1


def test_a_heartbeat_moves_the_end_of_the_lease(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    open_task(session, held.id, held.person_id, fence=held.lease.fence)
    assert heartbeat(session, held.id, held.person_id, fence=held.lease.fence).until > held.lease.until
    with pytest.raises(LeaseLost):
        heartbeat(session, held.id, held.person_id, fence=held.lease.fence - 1)


def test_a_draft_saved_elsewhere_is_reported_and_kept(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    save = {"fence": held.lease.fence}
    assert save_draft(session, held.id, held.person_id, **save, answers=CAT, version_known=0) == 1
    with pytest.raises(DraftChanged, match="version 1"):
        save_draft(session, held.id, held.person_id, **save, answers=DOG, version_known=0)
    kept = draft(session, held.id)
    assert kept is not None
    assert kept.answers == CAT


def test_a_response_can_be_taken_back_and_sent_again(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    receipt = send(session, held)
    again = recall(session, receipt.response_id, held.person_id)
    assert again.state is State.STARTED
    assert state_of(session, held.task_id) == "open"
    kept = draft(session, held.id)
    assert kept is not None
    assert kept.answers[0]["value"] == "cat"
    send(session, again, DOG)
    assert [r["answers"][0]["value"] for r in tasks.responses_of_task(session, held.task_id)] == ["dog"]


def test_a_response_cannot_be_taken_back_late(session: Session, make) -> None:
    project = make.project(recall_seconds=0)
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    receipt = send(session, held)
    with pytest.raises(TooLateToRecall):
        recall(session, receipt.response_id, held.person_id)


def test_time_reported_is_never_more_than_has_passed(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    submit(session, held.id, held.person_id, Submission(new_id(), held.lease.fence, CAT, 3600, 3600))
    (stored,) = tasks.responses_of_task(session, held.task_id)
    assert stored["active_seconds"] < 60
    assert mine(session, held.id, held.person_id).idle_seconds < 60


def test_a_returned_response_is_replaced_by_its_revision(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    first = send(session, held)
    ask_for_revision(session, held.id)
    again = mine(session, held.id, held.person_id)
    assert again.state is State.REVISING
    send(session, again, DOG)
    (counted,) = tasks.responses_of_task(session, held.task_id)
    assert counted["answers"][0]["value"] == "dog"
    assert (tasks.response(session, first.response_id) or {})["is_counted"] is False
    assert state_of(session, held.task_id) == "complete"
