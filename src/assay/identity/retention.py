"""What is kept for a stated time only."""

from assay.identity import store
from assay.storage import Session

REPLIES_DAYS = 30  # a client may repeat a request with its key for so long


def forget_old_replies(session: Session) -> int:
    """Forget replies that were kept for repeated requests; returns how many."""
    return store.forget_replies(session, days=REPLIES_DAYS)
