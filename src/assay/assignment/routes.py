"""The annotator's work over HTTP: claim, start, heartbeat, draft, submit, recall, give back, resume."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Response
from pydantic import BaseModel, Field

from assay import projects
from assay.assignment import store, work
from assay.assignment.claim import claim
from assay.assignment.eligibility import refusal
from assay.assignment.model import Assignment, NothingToDo
from assay.assignment.present import order_shown, present
from assay.assignment.submit import Submission, recall, submit
from assay.identity.routes import Call, Router, Strict, Visit
from assay.kernel import Invalid, Lease

router = Router(tags=["assignment"])


class DraftOut(BaseModel):
    answers: list[dict[str, Any]]
    version: int


class AssignmentOut(BaseModel):
    """One task in hand: everything that the screen needs."""

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    guideline_version: str
    state: str
    holds_seat: bool
    fence: int
    lease_until: datetime
    active_seconds: float
    payload: dict[str, Any] = Field(description="what the item shows, blinded, candidates in their order")
    order: dict[str, list[str]]
    draft: DraftOut | None

    @staticmethod
    def of(call: Visit, assignment: Assignment, *, with_draft: bool = True) -> "AssignmentOut":
        file = projects.version(call.session, assignment.version_id).file
        order = order_shown(file, assignment.payload, assignment.order_seed)
        draft = work.draft(call.session, assignment.id) if with_draft else None
        return AssignmentOut(
            id=assignment.id,
            project_id=assignment.project_id,
            task_id=assignment.task_id,
            version_id=assignment.version_id,
            guideline_version=file.guideline.version,
            state=assignment.state,
            holds_seat=assignment.holds_seat,
            fence=assignment.lease.fence,
            lease_until=assignment.lease.until,
            active_seconds=assignment.active_seconds,
            payload=present(file, assignment.payload, order),
            order=order,
            draft=DraftOut(answers=draft.answers, version=draft.version) if draft else None,
        )


class Assignments(BaseModel):
    items: list[AssignmentOut]
    next: None = None


class OpenWork(BaseModel):
    """A project that takes answers now, and whether the caller may work on it."""

    project_id: UUID
    name: str
    version_id: UUID
    tasks_open: int = Field(description="open tasks with a free seat, counted up to 1,000")
    estimated_seconds: int
    price_minor: int | None
    currency: str | None
    refusal: str | None = Field(description="why the caller may not work on it; null when they may")


class Work(BaseModel):
    items: list[OpenWork]
    next: None = None


@router.get("/work")
def list_work(call: Call) -> Work:
    """What is open for the caller, with its price and the reason where it is closed to them."""
    found: list[OpenWork] = []
    for project in store.live_projects(call.session):
        standing = store.standing(call.session, call.caller.person_id, project["id"])
        if standing is None or standing.version_id is None:
            continue
        file = projects.version(call.session, standing.version_id).file
        found.append(
            OpenWork(
                project_id=project["id"],
                name=project["name"],
                version_id=standing.version_id,
                tasks_open=project["tasks_open"],
                estimated_seconds=file.quality.estimated_seconds,
                price_minor=file.pay.price_minor if file.pay else None,
                currency=file.pay.currency if file.pay else None,
                refusal=refusal(standing, file.quality.qualifications),
            )
        )
    return Work(items=found)


@router.post(
    "/projects/{project_id}/assignments",
    status_code=201,
    response_model=AssignmentOut,
    responses={204: {"description": "nothing to do now"}},
)
def claim_next(project_id: UUID, call: Call) -> AssignmentOut | Response:
    """Take the next task; 204 when no open task suits."""
    try:
        assignment = claim(call.session, call.caller.person_id, project_id)
    except NothingToDo:
        return Response(status_code=204)
    return AssignmentOut.of(call, assignment, with_draft=False)


@router.get("/assignments")
def list_my_assignments(call: Call) -> Assignments:
    """The tasks in the caller's hands, with their drafts."""
    return Assignments(items=[AssignmentOut.of(call, a) for a in store.held(call.session, call.caller.person_id)])


class Fence(Strict):
    fence: int


class LeaseOut(BaseModel):
    fence: int
    lease_until: datetime

    @staticmethod
    def of(lease: Lease) -> "LeaseOut":
        return LeaseOut(fence=lease.fence, lease_until=lease.until)


@router.post("/assignments/{assignment_id}/start")
def start_assignment(assignment_id: UUID, body: Fence, call: Call) -> LeaseOut:
    """The task is on screen: its time begins."""
    return LeaseOut.of(work.open_task(call.session, assignment_id, call.caller.person_id, fence=body.fence))


@router.post("/assignments/{assignment_id}/heartbeat")
def extend_lease(assignment_id: UUID, body: Fence, call: Call) -> LeaseOut:
    """Still at work: moves the end of the lease."""
    return LeaseOut.of(work.heartbeat(call.session, assignment_id, call.caller.person_id, fence=body.fence))


class GivenBack(Strict):
    fence: int
    reason: str
    is_fault: bool = False
    active_seconds: float = 0
    idle_seconds: float = 0


@router.post("/assignments/{assignment_id}/return", status_code=204)
def return_assignment(assignment_id: UUID, body: GivenBack, call: Call) -> Response:
    """Give a task back with a reason; `is_fault` reports that the item is broken."""
    work.give_back(
        call.session,
        assignment_id,
        call.caller.person_id,
        fence=body.fence,
        reason=body.reason,
        is_fault=body.is_fault,
        active_seconds=body.active_seconds,
        idle_seconds=body.idle_seconds,
    )
    return Response(status_code=204)


@router.post("/assignments/{assignment_id}/resume")
def resume_assignment(assignment_id: UUID, call: Call) -> AssignmentOut:
    """Take up an expired task again, with its draft, under a new token."""
    return AssignmentOut.of(call, work.resume(call.session, assignment_id, call.caller.person_id))


class NewDraft(Strict):
    fence: int
    answers: list[dict[str, Any]] = Field(max_length=5000)


class DraftVersion(BaseModel):
    version: int


@router.put("/assignments/{assignment_id}/draft")
def save_draft(
    assignment_id: UUID, body: NewDraft, call: Call, if_match: Annotated[str, Header()] = "0"
) -> DraftVersion:
    """Save what was typed so far. `If-Match` names the version that was changed; 0 for the first."""
    known = if_match.strip('"')
    if not known.isdecimal():
        raise Invalid("If-Match holds the version of the draft that you changed, or 0")
    version = work.save_draft(
        call.session,
        assignment_id,
        call.caller.person_id,
        fence=body.fence,
        answers=body.answers,
        version_known=int(known),
    )
    return DraftVersion(version=version)


class NewResponseIn(Strict):
    response_id: UUID
    fence: int
    answers: list[dict[str, Any]] = Field(max_length=5000)
    active_seconds: float = Field(default=0, ge=0, allow_inf_nan=False)
    idle_seconds: float = Field(default=0, ge=0, allow_inf_nan=False)


class ReceiptOut(BaseModel):
    response_id: UUID
    task_id: UUID
    is_counted: bool
    recall_seconds: int


@router.post("/assignments/{assignment_id}/response", status_code=201)
def submit_response(assignment_id: UUID, body: NewResponseIn, call: Call) -> ReceiptOut:
    """Submit all answers. The client makes the response id; the same id again does the work once."""
    submission = Submission(body.response_id, body.fence, body.answers, body.active_seconds, body.idle_seconds)
    return ReceiptOut(**vars(submit(call.session, assignment_id, call.caller.person_id, submission)))


@router.post("/responses/{response_id}/recall")
def recall_response(response_id: UUID, call: Call) -> AssignmentOut:
    """Take a response back while it can still be: its answers become the draft."""
    return AssignmentOut.of(call, recall(call.session, response_id, call.caller.person_id))
