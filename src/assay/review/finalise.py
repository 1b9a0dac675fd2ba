"""Finish a review: the response is approved, corrected, returned to its author, or not usable."""

from typing import Any
from uuid import UUID

from assay import assignment, audit, projects, scoring, tasks
from assay.review import store
from assay.review.claim import check_held, held_review
from assay.review.model import (
    OUTCOME_OF,
    RETURNS_MAX,
    CannotReturn,
    NoteMissing,
    NothingCorrected,
    Outcome,
    Review,
    Verdict,
)
from assay.review.settle import settle_ready
from assay.storage import Session

Answers = list[dict[str, Any]]


def finalise(
    session: Session,
    review_id: UUID,
    person_id: UUID,
    *,
    fence: int,
    verdict: Verdict,
    answers: Answers | None = None,
    note: str = "",
    tags: list[str] | None = None,
) -> Outcome:
    """Write the verdict; the version before review is always kept. A repeat of the same is the same.

    Records `review.finalised`, `response.approved` (or corrected, returned, not_usable), and what follows for the task.
    Raises NoSuchReview, ReviewOver, LeaseLost, LeaseOver, NoteMissing, InvalidAnswers, NothingCorrected, CannotReturn.
    """
    review = held_review(session, review_id, person_id)
    if review.state == "finalised" and review.verdict == verdict and review.lease.fence == fence:
        return OUTCOME_OF[verdict]
    check_held(review, person_id, fence)
    if verdict in (Verdict.RETURN, Verdict.NOT_USABLE) and not note.strip():
        raise NoteMissing("say why in a note; the author reads it")
    corrected = _corrected(session, review, answers) if verdict is Verdict.CORRECT else None
    outcome = OUTCOME_OF[verdict]
    store.finalise(session, review_id, verdict=verdict, answers=corrected, note=note, tags=tags or [])
    set_outcome(session, review.project_id, review.task_id, review.response_id, outcome, review_id)
    audit.record(session, "review.finalised", subject=review_id, body={"verdict": verdict.value})
    if verdict is Verdict.RETURN:
        _return(session, review)
    elif verdict is Verdict.NOT_USABLE:
        discard(session, review.project_id, review.task_id, review.response_id)
    else:
        _note_evidence(session, review, corrected or review.answers)
        settle_ready(session, [review.task_id])
    return outcome


def _corrected(session: Session, review: Review, answers: Answers | None) -> Answers:
    file = projects.version(session, review.version_id).file
    checked = projects.check_answers(file, review.payload, answers)
    if checked == review.answers:
        raise NothingCorrected("these are the answers that were given; approve them, or change what is wrong")
    return checked


def _return(session: Session, review: Review) -> None:
    """The author has three days to revise; the seat is theirs meanwhile."""
    response = tasks.response(session, review.response_id)
    if response is None or response["assignment_id"] is None:
        raise CannotReturn("this response was recorded elsewhere; correct it, or say that it is not usable")
    if store.returns(session, response["assignment_id"]) > RETURNS_MAX:
        raise CannotReturn(f"it was returned {RETURNS_MAX} times; correct it, or say that it is not usable")
    assignment.ask_for_revision(session, response["assignment_id"])


def _note_evidence(session: Session, review: Review, right: Answers) -> None:
    response = tasks.response(session, review.response_id)
    file = projects.version(session, review.version_id).file
    if response is not None:
        scoring.note_review(session, review.project_id, review.id, file, responses=[response], right=right)


def set_outcome(
    session: Session, project_id: UUID, task_id: UUID, response_id: UUID, outcome: Outcome, source_id: UUID
) -> None:
    """Write the quality verdict on a response. Records `response.approved` and the like."""
    store.set_outcome(session, project_id, task_id, response_id, outcome, source_id)
    body = {"task": str(task_id), "source": str(source_id)}
    audit.record(session, f"response.{outcome}", subject=response_id, body=body)


def discard(session: Session, project_id: UUID, task_id: UUID, response_id: UUID) -> None:
    """Count a response no longer: its seat is free for someone else, and the task is scored without it."""
    response = tasks.response(session, response_id)
    if response is None or not response["is_counted"]:
        return
    tasks.uncount(session, response_id, state="submitted")
    tasks.uncount_response(session, task_id)
    tasks.free_seats(session, [task_id])
    audit.record(session, "task.reopened", subject=task_id, body={"why": "a response was not usable"})
    scoring.rescore_tasks(session, project_id, [task_id])


def revision_lapsed(session: Session, assignment_id: UUID) -> None:
    """The revision that was asked for never came: the returned version is not usable. (It is paid all the same.)"""
    row = store.returned_response(session, assignment_id)
    if row is not None:
        set_outcome(session, row["project_id"], row["task_id"], row["id"], Outcome.NOT_USABLE, row["source_id"])
        discard(session, row["project_id"], row["task_id"], row["id"])
