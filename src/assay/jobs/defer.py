"""Ask for a job in the transaction that calls for it: it is there if and only if that transaction commits."""

from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from assay.jobs import store
from assay.storage import Session


def defer(session: Session, name: str, subject: UUID, body: dict[str, Any] | None = None) -> bool:
    """Have the job `name` run for this subject soon. False when the same is already waiting to be run."""
    subject_key = f"{name}:{session.organisation_id}:{subject}"
    arguments = {"organisation_id": str(session.organisation_id), "subject_id": str(subject), "body": body or {}}
    try:
        with session.savepoint():
            store.add_job(session, name, key=subject_key, arguments=arguments)
    except UniqueViolation:
        return False
    return True
