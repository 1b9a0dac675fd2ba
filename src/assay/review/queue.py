"""Put work into the queues: responses whose review is due, tasks to be adjudicated."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from assay import audit, projects
from assay.kernel import new_id
from assay.projects import ReviewShare
from assay.review import sampling, store
from assay.review.model import Queue
from assay.storage import Session

Row = dict[str, Any]


def queue_reviews(
    session: Session,
    project_id: UUID,
    *,
    responses: Iterable[UUID],
    gold_missed: Iterable[UUID],
    differing: Iterable[UUID],
) -> int:
    """Queue those responses whose review is due; returns how many.

    Records `review.queued`, and `response.resubmitted` for a revision of what was returned.
    """
    plan = review_share(session, project_id)
    heard, missed, other = set(responses), set(gold_missed), set(differing)
    rows = store.responses(session, sorted(heard | missed | other))
    if plan is None or not rows:
        return 0
    before = store.count_experience(session, project_id, _heard_of_each(rows, heard))
    secret = store.secret(session, project_id)
    chosen: list[Row] = []
    for row in rows:
        so_far = before[row["annotator_id"]]
        if row["id"] in heard and not row["is_gold"]:
            before[row["annotator_id"]] = so_far + 1
        queue = _queue(plan, row, so_far, secret, missed, other)
        if row["returned_queue"] and row["id"] in heard:
            audit.record(session, "response.resubmitted", subject=row["id"], body={"task": str(row["task_id"])})
        if queue is not None:
            chosen.append(row | {"queue": queue, "review_id": new_id()})
    added = store.add_reviews(session, project_id, [row | {"alias": alias(row["review_id"])} for row in chosen])
    for row in added:
        audit.record(session, "review.queued", subject=row["id"], body={"response": str(row["response_id"])})
    return len(added)


def _heard_of_each(rows: Sequence[Row], heard: set[UUID]) -> dict[UUID, int]:
    """How many of these are new to us, by annotator; 0 for those whose responses were heard of before."""
    counts: dict[UUID, int] = {}
    for row in rows:
        is_new = row["id"] in heard and not row["is_gold"]
        counts[row["annotator_id"]] = counts.get(row["annotator_id"], 0) + is_new
    return counts


def _queue(
    plan: ReviewShare, row: Row, so_far: int, secret: bytes, missed: set[UUID], differing: set[UUID]
) -> Queue | None:
    """A revision of what was returned is always seen again; hidden checks only when they were missed."""
    if row["returned_queue"]:
        return Queue(row["returned_queue"])
    if row["is_gold"]:
        return Queue.GOLD_MISS if row["id"] in missed else None
    return sampling.due(
        plan,
        responses_before=so_far,
        chance=sampling.draw(secret, row["id"]),
        missed_gold=row["id"] in missed,
        differs=row["id"] in differing,
    )


def queue_adjudications(session: Session, project_id: UUID, task_ids: Sequence[UUID], *, reason: str) -> int:
    """Queue tasks for adjudication, each once; returns how many are new. Records `adjudication.queued`."""
    added = store.add_adjudications(session, project_id, task_ids, reason)
    for row in added:
        audit.record(session, "adjudication.queued", subject=row["id"], body={"task": str(row["task_id"])})
    return len(added)


def review_share(session: Session, project_id: UUID) -> ReviewShare | None:
    """How much is reviewed by the version in force; None while there is none."""
    version_id = projects.get(session, project_id).version_id
    return projects.version(session, version_id).file.quality.review if version_id else None


def alias(id: UUID) -> str:
    """A name on screen that says nothing about the author."""
    return f"R-{id.hex[-6:]}"
