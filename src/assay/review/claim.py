"""Take the next review or adjudication under a lease, keep it, or give it back."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from assay import audit
from assay.kernel import Lease
from assay.kernel.lease import LeaseOver
from assay.review import store
from assay.review.model import (
    LEASE_SECONDS,
    Adjudication,
    Aliased,
    NoSuchAdjudication,
    NoSuchReview,
    NothingToReview,
    Queue,
    Review,
    ReviewOver,
)
from assay.storage import Session

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def claim_review(session: Session, project_id: UUID, person_id: UUID, *, queue: Queue | None = None) -> Review:
    """The review that this person holds, else the oldest that waits and is not of their own work.

    Whoever adjudicated the task, or wrote any of its responses, does not review it.
    Records `review.leased`. Raises NothingToReview.
    """
    review_id = store.held_review(session, project_id, person_id) or store.next_review(
        session, project_id, person_id, queue
    )
    if review_id is None:
        raise NothingToReview("nothing waits that you may review")
    store.lease_review(session, review_id, person_id, LEASE_SECONDS)
    audit.record(session, "review.leased", subject=review_id)
    return held_review(session, review_id, person_id)


def claim_adjudication(session: Session, project_id: UUID, person_id: UUID) -> Adjudication:
    """The adjudication that this person holds, else the oldest of which they wrote or reviewed no response.

    Records `adjudication.leased`. Raises NothingToReview.
    """
    id = store.held_adjudication(session, project_id, person_id) or store.next_adjudication(
        session, project_id, person_id
    )
    if id is None:
        raise NothingToReview("nothing waits that you may adjudicate")
    store.lease_adjudication(session, id, person_id, LEASE_SECONDS)
    audit.record(session, "adjudication.leased", subject=id)
    return held_adjudication(session, id, person_id)


def held_review(session: Session, review_id: UUID, person_id: UUID) -> Review:
    """The review, locked. Raises NoSuchReview unless it is this person's."""
    row = store.review(session, review_id)
    if row is None or row["reviewer_id"] != person_id:
        raise NoSuchReview("no such review of yours")
    return Review(
        **{name: row[name] for name in ("id", "project_id", "task_id", "response_id", "version_id", "state")},
        lease=_lease(row, "reviewer_id"),
        is_over=row["is_over"],
        **{name: row[name] for name in ("alias", "payload", "answers", "shown", "verdict")},
    )


def held_adjudication(session: Session, adjudication_id: UUID, person_id: UUID) -> Adjudication:
    """The adjudication, locked. Raises NoSuchAdjudication unless it is this person's."""
    row = store.adjudication(session, adjudication_id)
    if row is None or row["adjudicator_id"] != person_id:
        raise NoSuchAdjudication("no such adjudication of yours")
    return Adjudication(
        **{name: row[name] for name in ("id", "project_id", "task_id", "version_id", "state")},
        lease=_lease(row, "adjudicator_id"),
        is_over=row["is_over"],
        payload=row["payload"],
        responses=aliased(adjudication_id, store.responses_of_task(session, row["task_id"])),
    )


def aliased(adjudication_id: UUID, rows: Sequence[dict[str, Any]]) -> tuple[Aliased, ...]:
    """Responses as A, B, C … in an order that tells nothing and stays the same."""

    def place(row: dict[str, Any]) -> bytes:
        return hashlib.sha256(adjudication_id.bytes + row["id"].bytes).digest()

    return tuple(
        Aliased(_letters(i), row["id"], row["annotator_id"], row["answers"])
        for i, row in enumerate(sorted(rows, key=place))
    )


def _letters(number: int) -> str:
    turn, letter = divmod(number, len(LETTERS))
    return LETTERS[letter] + (str(turn + 1) if turn else "")


def _lease(row: dict[str, Any], holder: str) -> Lease:
    return Lease(row[holder], row["lease_until"], row["fence"])


def check_held(work: Review | Adjudication, person_id: UUID, fence: int) -> None:
    """Raise ReviewOver, LeaseLost or LeaseOver unless this person may write under this token now."""
    if work.state != "leased":
        raise ReviewOver(f"this is {work.state} by now; take the next one")
    work.lease.check(holder=person_id, fence=fence)
    if work.is_over:
        raise LeaseOver(f"the lease ended at {work.lease.until:%H:%M:%S} UTC; take it again")


def extend_review(session: Session, review_id: UUID, person_id: UUID, fence: int) -> Review:
    check_held(held_review(session, review_id, person_id), person_id, fence)
    store.extend_review(session, review_id, LEASE_SECONDS)
    return held_review(session, review_id, person_id)


def extend_adjudication(session: Session, adjudication_id: UUID, person_id: UUID, fence: int) -> Adjudication:
    check_held(held_adjudication(session, adjudication_id, person_id), person_id, fence)
    store.extend_adjudication(session, adjudication_id, LEASE_SECONDS)
    return held_adjudication(session, adjudication_id, person_id)


def release_review(session: Session, review_id: UUID, person_id: UUID, fence: int) -> None:
    """Give a review back. Records `review.released`."""
    check_held(held_review(session, review_id, person_id), person_id, fence)
    store.requeue_review(session, review_id)
    audit.record(session, "review.released", subject=review_id)


def release_adjudication(session: Session, adjudication_id: UUID, person_id: UUID, fence: int) -> None:
    """Give an adjudication back. Records `adjudication.released`."""
    check_held(held_adjudication(session, adjudication_id, person_id), person_id, fence)
    store.requeue_adjudication(session, adjudication_id)
    audit.record(session, "adjudication.released", subject=adjudication_id)


def expire(session: Session) -> int:
    """Put work whose lease is over back into its queue; returns how much. Records `review.expired` and the like."""
    reviews, adjudications = store.requeue_expired(session)
    for id in reviews:
        audit.record(session, "review.expired", subject=id)
    for id in adjudications:
        audit.record(session, "adjudication.expired", subject=id)
    return len(reviews) + len(adjudications)
