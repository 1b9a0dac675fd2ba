"""What scoring does when it hears of something."""

from uuid import UUID

from assay.scoring.refit import refit_queued
from assay.scoring.refresh import hear, queue_refit
from assay.storage import Session
from assay.storage.outbox import Message

TELLING = ("responses", "gold", "gold_results")  # kinds of import after which all numbers are due again


def on_response_submitted(session: Session, messages: list[Message]) -> None:
    hear(session, [message.subject for message in messages])


def on_import_loaded(session: Session, messages: list[Message]) -> None:
    for message in messages:
        if message.body["kind"] in TELLING:
            queue_refit(session, UUID(message.body["project"]))


def run_refit(session: Session, run_id: UUID) -> None:
    refit_queued(session, run_id)
