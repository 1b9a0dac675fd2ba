"""Return a response to its author for a revision; the seat is kept and the earlier version stands until then."""

from uuid import UUID

from assay import audit
from assay.assignment import store
from assay.assignment.model import NotLive, State
from assay.storage import Session

REVISION_SECONDS = 3 * 86_400


def ask_for_revision(session: Session, assignment_id: UUID) -> None:
    """Give a submitted assignment back to its author, under a new token, for three days.

    Records `assignment.reopened`. Raises NotLive unless it was submitted.
    """
    assignment = store.to_change(session, assignment_id)
    if assignment is None or assignment.state is not State.SUBMITTED:
        raise NotLive("only a submitted response can be returned to its author")
    stored = store.draft(session, assignment_id)
    response = store.counted_answers(session, assignment_id)
    if response is not None:
        store.save_draft(session, assignment_id, response, stored.version + 1 if stored else 1)
    store.reopen(
        session, assignment_id, State.REVISING, holds_seat=assignment.holds_seat, lease_seconds=REVISION_SECONDS
    )
    audit.record(session, "assignment.reopened", subject=assignment_id, body={"task": str(assignment.task_id)})
