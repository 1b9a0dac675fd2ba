"""What an annotator does with a task in hand: open it, stay on it, save a draft, give it back, take it up again."""

from typing import Any
from uuid import UUID

from assay import audit, projects, tasks
from assay.assignment import store
from assay.assignment.model import (
    Assignment,
    Draft,
    DraftChanged,
    NoSuchAssignment,
    NotLive,
    State,
)
from assay.kernel import Invalid, Lease, Problem
from assay.kernel.lease import LeaseLost
from assay.storage import Session


def open_task(session: Session, assignment_id: UUID, person_id: UUID, *, fence: int) -> Lease:
    """The task is on screen: its time begins. Records `assignment.started` the first time."""
    assignment = mine(session, assignment_id, person_id)
    assignment.check_live(fence)
    row = store.start(session, assignment_id, _plan(session, assignment).lease_seconds)
    if assignment.state is State.LEASED:
        audit.record(session, "assignment.started", subject=assignment_id)
    return Lease(assignment.annotator_id, row["lease_until"], row["fence"])


def heartbeat(session: Session, assignment_id: UUID, person_id: UUID, *, fence: int) -> Lease:
    """Still at work: moves the end of the lease. Raises LeaseLost, LeaseOver, NotLive."""
    assignment = mine(session, assignment_id, person_id)
    assignment.check_live(fence)
    row = store.extend(session, assignment_id, fence, _plan(session, assignment).lease_seconds)
    if row is None:
        raise LeaseLost("the lease is gone; claim the task again")
    return Lease(assignment.annotator_id, row["lease_until"], row["fence"])


def give_back(
    session: Session,
    assignment_id: UUID,
    person_id: UUID,
    *,
    fence: int,
    reason: str,
    is_fault: bool,
    active_seconds: float,
    idle_seconds: float,
) -> None:
    """Return a task with a reason; no mark is left, and the same task is not offered again.

    With `is_fault` the reason is a report that the item or the guideline is broken.
    Records `assignment.returned`, and `fault.reported`.
    """
    assignment = mine(session, assignment_id, person_id)
    assignment.check_live(fence)
    if not 0 < len(reason.strip()) <= 2000:
        raise Invalid("say in a few words why you give the task back")
    if assignment.state is State.REVISING:
        raise NotLive("a returned response cannot be given back; revise it, or let the earlier version stand")
    active, idle = honest_seconds(assignment, active_seconds, idle_seconds)
    store.end(
        session,
        assignment_id,
        State.RETURNED,
        holds_seat=False,
        active_seconds=active,
        idle_seconds=idle,
        reason=reason.strip(),
    )
    store.drop_draft(session, assignment_id)
    if assignment.holds_seat:
        tasks.free_seats(session, [assignment.task_id])
    audit.record(session, "assignment.returned", subject=assignment_id, body={"task": str(assignment.task_id)})
    if is_fault:
        fault_id = tasks.add_fault(session, assignment.task_id, assignment.annotator_id, reason.strip())
        audit.record(session, "fault.reported", subject=fault_id, body={"task": str(assignment.task_id)})


def resume(session: Session, assignment_id: UUID, person_id: UUID) -> Assignment:
    """Take up an expired task again under a new token: in its seat if that is still free, else as surplus.

    Records `assignment.resumed`. Raises NotLive unless it had expired.
    """
    assignment = mine(session, assignment_id, person_id)
    if assignment.state is not State.EXPIRED:
        raise NotLive(f"the assignment is {assignment.state}; only an expired one can be resumed")
    seat = tasks.take_seat(session, assignment.task_id)
    plan = _plan(session, assignment)
    store.reopen(session, assignment_id, State.STARTED, holds_seat=seat, lease_seconds=plan.lease_seconds)
    audit.record(session, "assignment.resumed", subject=assignment_id, body={"seat": seat})
    return mine(session, assignment_id, person_id)


def save_draft(
    session: Session,
    assignment_id: UUID,
    person_id: UUID,
    *,
    fence: int,
    answers: list[dict[str, Any]],
    version_known: int,
) -> int:
    """Save what was typed so far, if nobody saved since `version_known` (0: nothing yet); returns the new version.

    Drafts may be incomplete, so answers are checked only when they are submitted. Raises DraftChanged.
    """
    assignment = mine(session, assignment_id, person_id)
    assignment.check_live(fence)
    stored = store.draft(session, assignment_id)
    version = stored.version if stored else 0
    if version != version_known:
        raise DraftChanged(
            f"the draft is at version {version}, you changed version {version_known}; load it and merge",
            [Problem("version", str(version))],
        )
    store.save_draft(session, assignment_id, answers, version + 1)
    return version + 1


def draft(session: Session, assignment_id: UUID) -> Draft | None:
    return store.draft(session, assignment_id)


def mine(session: Session, assignment_id: UUID, person_id: UUID) -> Assignment:
    """The annotator's own assignment, locked. Raises NoSuchAssignment."""
    found = store.to_change(session, assignment_id)
    if found is None or found.person_id != person_id:
        raise NoSuchAssignment("no such assignment of yours")
    return found


def honest_seconds(assignment: Assignment, active: float, idle: float) -> tuple[float, float]:
    """What the client measured, added to earlier sittings, and never more than has passed since the lease began."""
    if not (active >= 0 and idle >= 0):  # also refuses NaN
        raise Invalid("active_seconds and idle_seconds are numbers of 0 or more")
    total_active = min(assignment.active_seconds + active, assignment.elapsed_seconds)
    return total_active, min(assignment.idle_seconds + idle, assignment.elapsed_seconds - total_active)


def _plan(session: Session, assignment: Assignment) -> projects.QualityPlan:
    return projects.version(session, assignment.version_id).file.quality
