"""Give an annotator their next task under a lease."""

import secrets
from uuid import UUID

from assay import audit, projects
from assay.assignment import cursor, store
from assay.assignment.eligibility import primary_language, refusal
from assay.assignment.expire import expire
from assay.assignment.gold_turn import is_gold_turn
from assay.assignment.model import (
    Assignment,
    Leased,
    NewLease,
    NotEligible,
    NothingToDo,
    Standing,
    State,
    TooManyHeld,
)
from assay.kernel import Lease, NotFound, new_id
from assay.projects import ProjectFile
from assay.storage import Session


def claim(session: Session, person_id: UUID, project_id: UUID) -> Assignment:
    """Lease the first task that suits the annotator: by priority, then in order of arrival, gold at its share.

    Raises NotEligible with the reason, TooManyHeld, or NothingToDo when no open task suits.
    Records `assignment.leased`.
    """
    begun = store.begin_claim(session, person_id, project_id)
    if begun is None or begun[0].version_id is None:
        raise NotFound("no such project, or you are not an annotator of this organisation")
    standing, seed, claims_before = begun
    file = projects.version(session, begun[0].version_id).file
    if reason := refusal(standing, file.quality.qualifications):
        raise NotEligible(reason)
    new = _new_lease(project_id, standing, file)
    leased = None
    if is_gold_turn(seed, claims_before, file.quality.gold_share):
        leased = store.lease_gold(session, new, seed=seed)
    leased = leased or _lease_work(session, new)
    if leased is None:
        raise _nothing(session, new)
    audit.record(session, "assignment.leased", subject=new.assignment_id, body={"task": str(leased.task_id)})
    return _assignment(person_id, new, leased)


def _new_lease(project_id: UUID, standing: Standing, file: ProjectFile) -> NewLease:
    return NewLease(
        assignment_id=new_id(),
        project_id=project_id,
        annotator_id=standing.annotator_id,
        languages=tuple(primary_language(tag) for tag in standing.languages),
        held_max=file.quality.held_max,
        lease_seconds=file.quality.lease_seconds,
        order_seed=secrets.randbits(62),
        price_minor=file.pay.price_minor if file.pay else None,
        currency=file.pay.currency if file.pay else None,
        estimated_seconds=file.quality.estimated_seconds,
    )


def _lease_work(session: Session, new: NewLease) -> Leased | None:
    """From where the annotator's walk has come to; else from the head; else among the seats of overdue leases."""
    after = cursor.position(new.project_id, new.annotator_id)
    leased = _lease_after(session, new, after)
    if leased is None and after != cursor.HEAD:
        leased = _lease_after(session, new, cursor.HEAD)
    if leased is None and expire(session):
        leased = _lease_after(session, new, cursor.HEAD)
    return leased


def _lease_after(session: Session, new: NewLease, after: int) -> Leased | None:
    leased = store.lease_work(session, new, after=after)
    if leased is not None:
        cursor.advance(new.project_id, new.annotator_id, leased.rank, from_head=after == cursor.HEAD)
    return leased


def _nothing(session: Session, new: NewLease) -> NothingToDo | TooManyHeld:
    held = store.count_held(session, new.project_id, new.annotator_id)
    if held >= new.held_max:
        return TooManyHeld(f"you hold {held} tasks of this project; submit or give one back first")
    return NothingToDo("no open task suits you now; look again later")


def _assignment(person_id: UUID, new: NewLease, leased: Leased) -> Assignment:
    return Assignment(
        id=new.assignment_id,
        project_id=new.project_id,
        task_id=leased.task_id,
        item_id=leased.item_id,
        version_id=leased.version_id,
        annotator_id=new.annotator_id,
        person_id=person_id,
        state=State.LEASED,
        holds_seat=True,
        lease=Lease(new.annotator_id, leased.lease_until, leased.fence),
        order_seed=new.order_seed,
        elapsed_seconds=0,
        active_seconds=0,
        idle_seconds=0,
        payload=leased.payload,
    )
