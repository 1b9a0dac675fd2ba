"""The job queue's tables, which belong to procrastinate; written through its own function."""

from typing import Any

from psycopg.types.json import Jsonb

from assay.storage import Session

QUEUE = "default"


def add_job(session: Session, name: str, *, key: str, arguments: dict[str, Any]) -> None:
    """Add a job. One of each key waits at most, and one of each key runs at a time.

    Raises UniqueViolation when one waits already.
    """
    session.execute(
        """
        select procrastinate_defer_jobs_v1(array[
            row(%(queue)s, %(name)s, 0, %(key)s, %(key)s, %(arguments)s, null)::procrastinate_job_to_defer_v1])
        """,
        {"queue": QUEUE, "name": name, "key": key, "arguments": Jsonb(arguments)},
    )
