"""Reviews, adjudications, settling and progress over HTTP."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from assay import projects
from assay.identity.routes import Call, Router, Strict
from assay.review import adjudicate, claim, store
from assay.review.finalise import finalise
from assay.review.model import Adjudication, Cause, NothingToReview, Outcome, Queue, Review, Verdict
from assay.review.settle import settle_all
from assay.storage import Session

router = Router(tags=["review"])

NOTE_MAX = 20_000


class WaitingOut(BaseModel):
    """What waits for reviewers and adjudicators; `held` is in someone's hands now."""

    reviews: dict[Queue, int]
    reviews_held: int
    adjudications: int
    adjudications_held: int


@router.get("/projects/{project_id}/reviews")
def get_review_queues(project_id: UUID, call: Call) -> WaitingOut:
    """How much waits, by queue."""
    projects.get(call.session, project_id)
    rows = store.waiting(call.session, project_id)
    reviews = {queue: sum(r["n"] for r in rows if r["queue"] == queue) for queue in Queue}
    of_adjudication = [row for row in rows if row["kind"] == "adjudication"]
    return WaitingOut(
        reviews=reviews,
        reviews_held=sum(r["n"] for r in rows if r["kind"] == "review" and r["is_held"]),
        adjudications=sum(r["n"] for r in of_adjudication),
        adjudications_held=sum(r["n"] for r in of_adjudication if r["is_held"]),
    )


class WantedReview(Strict):
    """Which queue to take from; none: the oldest of all. (Missed checks are mixed in, so that nobody knows them.)"""

    queue: Literal[Queue.DISAGREEMENT, Queue.NEWCOMER, Queue.RANDOM] | None = None


class ReviewOut(BaseModel):
    """One response to review. Who wrote it and why it is reviewed are not told."""

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    guideline_version: str
    fence: int
    lease_until: datetime
    alias: str
    payload: dict[str, Any]
    order: dict[str, list[str]] = Field(description="the order in which candidates were shown to the author")
    answers: list[dict[str, Any]]

    @staticmethod
    def of(session: Session, review: Review) -> "ReviewOut":
        file = projects.version(session, review.version_id).file
        return ReviewOut(
            id=review.id,
            project_id=review.project_id,
            task_id=review.task_id,
            version_id=review.version_id,
            guideline_version=file.guideline.version,
            fence=review.lease.fence,
            lease_until=review.lease.until,
            alias=review.alias,
            payload=projects.blind_payload(file, review.payload),
            order=review.shown,
            answers=review.answers,
        )


NOTHING: dict[int | str, dict[str, Any]] = {204: {"description": "nothing waits that the caller may take"}}


@router.post("/projects/{project_id}/reviews/claim", status_code=201, response_model=ReviewOut, responses=NOTHING)
def claim_review(project_id: UUID, body: WantedReview, call: Call) -> ReviewOut | Response:
    """The review in hand, else the next that waits and is not about the caller's own work."""
    projects.get(call.session, project_id)
    try:
        found = claim.claim_review(call.session, project_id, call.caller.person_id, queue=body.queue)
    except NothingToReview:
        return Response(status_code=204)
    return ReviewOut.of(call.session, found)


class Held(Strict):
    fence: int


@router.post("/reviews/{review_id}/heartbeat")
def extend_review(review_id: UUID, body: Held, call: Call) -> ReviewOut:
    """Keep a review for longer."""
    found = claim.extend_review(call.session, review_id, call.caller.person_id, body.fence)
    return ReviewOut.of(call.session, found)


@router.post("/reviews/{review_id}/release", status_code=204)
def release_review(review_id: UUID, body: Held, call: Call) -> Response:
    """Give a review back."""
    claim.release_review(call.session, review_id, call.caller.person_id, body.fence)
    return Response(status_code=204)


class FinalReview(Held):
    """A verdict. `answers` are the corrected ones; a note is needed to return a response or call it not usable."""

    verdict: Verdict
    answers: list[dict[str, Any]] | None = None
    note: str = Field(default="", max_length=NOTE_MAX)
    tags: list[str] = Field(default=[], max_length=50)


class OutcomeOut(BaseModel):
    review_id: UUID
    outcome: Outcome


@router.post("/reviews/{review_id}/finalise")
def finalise_review(review_id: UUID, body: FinalReview, call: Call) -> OutcomeOut:
    """Approve, correct, return or refuse the response."""
    outcome = finalise(
        call.session,
        review_id,
        call.caller.person_id,
        fence=body.fence,
        verdict=body.verdict,
        answers=body.answers,
        note=body.note,
        tags=body.tags,
    )
    return OutcomeOut(review_id=review_id, outcome=outcome)


class AliasedOut(BaseModel):
    alias: str
    answers: list[dict[str, Any]]


class AdjudicationOut(BaseModel):
    """A task whose responses differ, with these under blind names."""

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    guideline_version: str
    fence: int
    lease_until: datetime
    payload: dict[str, Any]
    responses: list[AliasedOut]

    @staticmethod
    def of(session: Session, held: Adjudication) -> "AdjudicationOut":
        file = projects.version(session, held.version_id).file
        return AdjudicationOut(
            id=held.id,
            project_id=held.project_id,
            task_id=held.task_id,
            version_id=held.version_id,
            guideline_version=file.guideline.version,
            fence=held.lease.fence,
            lease_until=held.lease.until,
            payload=projects.blind_payload(file, held.payload),
            responses=[AliasedOut(alias=one.alias, answers=one.answers) for one in held.responses],
        )


@router.post(
    "/projects/{project_id}/adjudications/claim",
    status_code=201,
    response_model=AdjudicationOut,
    responses=NOTHING,
)
def claim_adjudication(project_id: UUID, call: Call) -> AdjudicationOut | Response:
    """The adjudication in hand, else the next of which the caller wrote or reviewed no response."""
    projects.get(call.session, project_id)
    try:
        found = claim.claim_adjudication(call.session, project_id, call.caller.person_id)
    except NothingToReview:
        return Response(status_code=204)
    return AdjudicationOut.of(call.session, found)


@router.post("/adjudications/{adjudication_id}/heartbeat")
def extend_adjudication(adjudication_id: UUID, body: Held, call: Call) -> AdjudicationOut:
    """Keep an adjudication for longer."""
    found = claim.extend_adjudication(call.session, adjudication_id, call.caller.person_id, body.fence)
    return AdjudicationOut.of(call.session, found)


@router.post("/adjudications/{adjudication_id}/release", status_code=204)
def release_adjudication(adjudication_id: UUID, body: Held, call: Call) -> Response:
    """Give an adjudication back."""
    claim.release_adjudication(call.session, adjudication_id, call.caller.person_id, body.fence)
    return Response(status_code=204)


class FinalAdjudication(Held):
    """The answers that settle the task, and by alias why a response differs from them."""

    answers: list[dict[str, Any]]
    causes: dict[str, Cause] = Field(default_factory=dict)
    note: str = Field(default="", max_length=NOTE_MAX)
    make_gold: bool = False


@router.post("/adjudications/{adjudication_id}/settle", status_code=204)
def settle_adjudication(adjudication_id: UUID, body: FinalAdjudication, call: Call) -> Response:
    """Settle the task by one's own answers."""
    adjudicate.settle_adjudication(
        call.session,
        adjudication_id,
        call.caller.person_id,
        fence=body.fence,
        answers=body.answers,
        causes=body.causes,
        note=body.note,
        make_gold=body.make_gold,
    )
    return Response(status_code=204)


class Parked(Held):
    note: str = Field(max_length=NOTE_MAX)


@router.post("/adjudications/{adjudication_id}/park", status_code=204)
def park_adjudication(adjudication_id: UUID, body: Parked, call: Call) -> Response:
    """Set the task aside, because its item is broken."""
    adjudicate.park(call.session, adjudication_id, call.caller.person_id, fence=body.fence, note=body.note)
    return Response(status_code=204)


class Settling(Strict):
    """`even_disputed`: where annotators differ the likeliest answer stands, with the confidence that it has."""

    even_disputed: bool = False
    seed: int = 0


class SettledOut(BaseModel):
    settled: int


@router.post("/projects/{project_id}/settle")
def settle_project(project_id: UUID, body: Settling, call: Call) -> SettledOut:
    """Refit the project and settle every task that is ready."""
    return SettledOut(settled=settle_all(call.session, project_id, even_disputed=body.even_disputed, seed=body.seed))


class ProgressOut(BaseModel):
    """How far a project is, as it stands now. Hidden checks are counted by themselves."""

    items: int
    tasks: dict[str, int] = Field(description="by state")
    gold_tasks: int
    disputed: int
    responses: int
    leases: int
    reviews_waiting: dict[str, int] = Field(description="by queue")
    reviews_finalised: int
    adjudications_waiting: int
    adjudications_settled: int
    outcomes: dict[str, int] = Field(description="quality verdicts on responses")
    settled: int
    at: datetime


@router.get("/projects/{project_id}/progress")
def get_progress(project_id: UUID, call: Call) -> ProgressOut:
    """Live counts."""
    projects.get(call.session, project_id)
    row = store.progress(call.session, project_id)
    return ProgressOut(**row, settled=row["tasks"].get("settled", 0), at=call.now())
