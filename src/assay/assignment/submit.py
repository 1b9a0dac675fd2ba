"""Submit a response: once, valid, under the current token; and take it back within the time of grace."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from assay import audit, projects, tasks
from assay.assignment import store
from assay.assignment.model import Assignment, NotLive, State, TooLateToRecall
from assay.assignment.present import order_shown
from assay.assignment.work import honest_seconds, mine
from assay.kernel import canonical_json, sha256_hex
from assay.storage import Session
from assay.tasks import NewResponse, NoSuchResponse, ResponseIdReused


@dataclass(frozen=True)
class Submission:
    """What a client sends; it made the response id itself and repeats it until it hears."""

    response_id: UUID
    fence: int
    answers: list[dict[str, Any]]
    active_seconds: float
    idle_seconds: float

    def hash(self, assignment_id: UUID) -> str:
        return sha256_hex(canonical_json([str(assignment_id), self.answers]))


@dataclass(frozen=True)
class Receipt:
    """The response is stored."""

    response_id: UUID
    task_id: UUID
    is_counted: bool  # false: surplus, because the seat went to someone else; it is paid all the same
    recall_seconds: int


def submit(session: Session, assignment_id: UUID, person_id: UUID, submission: Submission) -> Receipt:
    """Store the response, count it, and close the task when it has all it wants.

    The same response id with the same answers again gives the same receipt.
    Records `response.submitted` (heard once it can no longer be recalled), `assignment.submitted`, `task.completed`.
    Raises InvalidAnswers, LeaseOver, LeaseLost, NotLive, ResponseIdReused.
    """
    assignment = mine(session, assignment_id, person_id)
    version = projects.version(session, assignment.version_id)
    body_hash = submission.hash(assignment_id)
    if assignment.state is State.SUBMITTED:
        return _again(session, assignment, submission, body_hash, version.file.quality.recall_seconds)
    assignment.check_live(submission.fence)
    definition = version.file
    answers = projects.check_answers(definition, assignment.payload, submission.answers)
    active, idle = honest_seconds(assignment, submission.active_seconds, submission.idle_seconds)
    is_revision = assignment.state is State.REVISING
    response = NewResponse(
        id=submission.response_id,
        project_id=assignment.project_id,
        task_id=assignment.task_id,
        item_id=assignment.item_id,
        annotator_id=assignment.annotator_id,
        assignment_id=assignment_id,
        version_id=assignment.version_id,
        answers=answers,
        shown=order_shown(definition, assignment.payload, assignment.order_seed),
        body_hash=body_hash,
        is_counted=assignment.holds_seat,
        active_seconds=active,
        idle_seconds=idle,
        revises=tasks.replace_counted(session, assignment.task_id, assignment.annotator_id) if is_revision else None,
    )
    stored = store.submit(session, response, fills_seat=assignment.holds_seat and not is_revision)
    if not stored["was_added"]:
        raise ResponseIdReused("this response id is taken; make a fresh one")
    if stored["is_complete"]:
        audit.record(session, "task.completed", subject=assignment.task_id)
    recall_seconds = version.file.quality.recall_seconds
    body = {"task": str(assignment.task_id), "project": str(assignment.project_id), "counted": response.is_counted}
    audit.record(session, "response.submitted", subject=response.id, body=body, delay_seconds=recall_seconds)
    audit.record(session, "assignment.submitted", subject=assignment_id)
    return Receipt(response.id, assignment.task_id, response.is_counted, recall_seconds)


def _again(
    session: Session, assignment: Assignment, submission: Submission, body_hash: str, recall_seconds: int
) -> Receipt:
    stored = tasks.response(session, submission.response_id)
    if stored is None or stored["assignment_id"] != assignment.id:
        raise NotLive("this task was submitted already under another response id")
    if stored["body_hash"] != body_hash:
        raise ResponseIdReused("these answers differ from those submitted under this response id")
    return Receipt(submission.response_id, assignment.task_id, stored["is_counted"], recall_seconds)


def recall(session: Session, response_id: UUID, person_id: UUID) -> Assignment:
    """Take a response back while nobody has read it: its answers become the draft again.

    Records `response.recalled`, `assignment.recalled`, `task.reopened`. Raises NoSuchResponse, TooLateToRecall.
    """
    stored = tasks.response(session, response_id)
    if stored is None or stored["assignment_id"] is None:
        raise NoSuchResponse("no such response of yours")
    assignment = mine(session, stored["assignment_id"], person_id)
    plan = projects.version(session, assignment.version_id).file.quality
    waited: datetime = session.now()
    is_late = (waited - stored["submitted_at"]).total_seconds() > plan.recall_seconds
    is_late = is_late or assignment.state is not State.SUBMITTED or stored["state"] != "submitted" or stored["revises"]
    if is_late or not audit.forget(session, "response.submitted", subject=response_id):  # it may be heard just now
        raise TooLateToRecall(f"a response can be taken back for {plan.recall_seconds} seconds")
    tasks.uncount(session, response_id, state="recalled")
    if stored["is_counted"] and tasks.uncount_response(session, assignment.task_id):
        audit.record(session, "task.reopened", subject=assignment.task_id, body={"why": "a response was recalled"})
    stored_draft = store.draft(session, assignment.id)
    store.save_draft(session, assignment.id, stored["answers"], stored_draft.version + 1 if stored_draft else 1)
    store.reopen(
        session, assignment.id, State.STARTED, holds_seat=assignment.holds_seat, lease_seconds=plan.lease_seconds
    )
    audit.record(session, "response.recalled", subject=response_id)
    audit.record(session, "assignment.recalled", subject=assignment.id)
    return mine(session, assignment.id, person_id)
