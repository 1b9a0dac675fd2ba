"""Give an annotator their next task under a lease."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from assay import audit, projects, tasks
from assay.assignment import cursor, store
from assay.assignment.eligibility import primary_language, refusal
from assay.assignment.expire import expire
from assay.assignment.gold_turn import is_gold_turn
from assay.assignment.model import Assignment, NotEligible, NothingToDo, Seat, Standing, State, TooManyHeld
from assay.kernel import Lease, NotFound, new_id
from assay.projects import QualityPlan
from assay.storage import Session


@dataclass(frozen=True)
class Claim:
    """Who asks, for which project, under which plan."""

    project_id: UUID
    annotator_id: UUID
    languages: list[str]
    plan: QualityPlan


def claim(session: Session, person_id: UUID, project_id: UUID) -> Assignment:
    """Lease the first task that suits the annotator: by priority, then in order of arrival, gold at its share.

    Raises NotEligible with the reason, TooManyHeld, or NothingToDo when no open task suits.
    Records `assignment.leased`.
    """
    standing = store.standing(session, person_id, project_id)
    if standing is None or standing.version_id is None:
        raise NotFound("no such project, or you are not an annotator of this organisation")
    file = projects.version(session, standing.version_id).file
    if reason := refusal(standing, file.quality.qualifications):
        raise NotEligible(reason)
    asked = Claim(
        project_id, standing.annotator_id, [primary_language(tag) for tag in standing.languages], file.quality
    )
    seat = find_seat(session, asked)
    if seat is None:
        raise _nothing(session, asked)
    return _lease(session, standing, asked, seat, file.pay)


def find_seat(session: Session, asked: Claim) -> Seat | None:
    """Lock the next task for this annotator; their own claims wait for each other."""
    seed, before = store.next_claim(session, asked.project_id, asked.annotator_id)
    work = _find_work(session, asked)
    if work is not None and is_gold_turn(seed, before, asked.plan.gold_share):
        gold = store.pick_gold(
            session,
            asked.project_id,
            asked.annotator_id,
            seed=seed,
            languages=asked.languages,
            held_max=asked.plan.held_max,
        )
        return gold or work
    return work


def _find_work(session: Session, asked: Claim) -> Seat | None:
    """From where the annotator's walk has come to; else from the head; else among the seats of overdue leases."""
    after = cursor.position(asked.project_id, asked.annotator_id)
    seat = _pick(session, asked, after)
    if seat is None and after != cursor.HEAD:
        seat = _pick(session, asked, cursor.HEAD)
    if seat is None and expire(session):
        seat = _pick(session, asked, cursor.HEAD)
    return seat


def _pick(session: Session, asked: Claim, after: int) -> Seat | None:
    seat = store.pick_work(
        session,
        asked.project_id,
        asked.annotator_id,
        after=after,
        languages=asked.languages,
        held_max=asked.plan.held_max,
    )
    if seat is not None:
        cursor.advance(asked.project_id, asked.annotator_id, seat.rank, from_head=after == cursor.HEAD)
    return seat


def _nothing(session: Session, asked: Claim) -> NothingToDo | TooManyHeld:
    held = store.count_held(session, asked.project_id, asked.annotator_id)
    if held >= asked.plan.held_max:
        return TooManyHeld(f"you hold {held} tasks of this project; submit or give one back first")
    return NothingToDo("no open task suits you now; look again later")


def _lease(session: Session, standing: Standing, asked: Claim, seat: Seat, pay: projects.PayPlan | None) -> Assignment:
    assert seat.version_id is not None
    taken = tasks.take_seat(session, seat.task_id)
    assert taken, "the task is locked, so its seat cannot be gone"
    assignment_id = new_id()
    order_seed = secrets.randbits(62)
    row = store.lease(
        session,
        assignment_id,
        project_id=asked.project_id,
        task_id=seat.task_id,
        annotator_id=standing.annotator_id,
        order_seed=order_seed,
        lease_seconds=asked.plan.lease_seconds,
        price_minor=pay.price_minor if pay else None,
        currency=pay.currency if pay else None,
        estimated_seconds=asked.plan.estimated_seconds,
    )
    audit.record(session, "assignment.leased", subject=assignment_id, body={"task": str(seat.task_id)})
    return Assignment(
        id=assignment_id,
        project_id=asked.project_id,
        task_id=seat.task_id,
        item_id=seat.item_id,
        version_id=seat.version_id,
        annotator_id=standing.annotator_id,
        state=State.LEASED,
        holds_seat=True,
        lease=Lease(standing.annotator_id, row["lease_until"], row["fence"]),
        order_seed=order_seed,
        elapsed_seconds=0,
        active_seconds=0,
        idle_seconds=0,
        payload=seat.payload,
    )
