"""End leases whose time is over and free their seats. The lease itself decides by the database's clock; this tidies."""

from assay import audit, tasks
from assay.assignment import store
from assay.storage import Session

BLOCK = 500


def expire(session: Session, *, limit: int = BLOCK) -> int:
    """End overdue leases of the organisation; their drafts are kept. Returns how many.

    Records `assignment.expired`, or `assignment.lapsed` for a revision that never came (the earlier version stands).
    """
    overdue = store.take_overdue(session, limit=limit)
    freed = [row["task_id"] for row in overdue if row["held_seat"] and row["was"] != "revising"]
    tasks.free_seats(session, freed)
    for row in overdue:
        kind = "assignment.lapsed" if row["was"] == "revising" else "assignment.expired"
        audit.record(session, kind, subject=row["id"], body={"task": str(row["task_id"])})
    return len(overdue)
