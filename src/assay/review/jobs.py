"""What review does when it hears of something."""

from typing import Any
from uuid import UUID

from assay.review.finalise import revision_lapsed
from assay.review.queue import queue_adjudications, queue_reviews
from assay.review.settle import settle_ready
from assay.storage import Session
from assay.storage.outbox import Message


def on_scoring_finished(session: Session, messages: list[Message]) -> None:
    """Queue what is to be reviewed and adjudicated, then settle what is ready."""
    for message in messages:
        body = message.body
        project_id = UUID(body["project"])
        queue_reviews(
            session,
            project_id,
            responses=_ids(body, "responses"),
            gold_missed=_ids(body, "gold_missed"),
            differing=_ids(body, "differing"),
        )
        queue_adjudications(session, project_id, _ids(body, "disputed"), reason="disputed")
        settle_ready(session, _ids(body, "confident"))


def on_assignment_lapsed(session: Session, messages: list[Message]) -> None:
    for message in messages:
        revision_lapsed(session, message.subject)


def _ids(body: dict[str, Any], name: str) -> list[UUID]:
    return [UUID(id) for id in body[name]]
