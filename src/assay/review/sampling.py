"""Is a review due for a response, and why? Pure. Chance follows from a secret and the response's id."""

import hashlib
import hmac
from uuid import UUID

from assay.projects import ReviewShare
from assay.review.model import Queue

DISAGREEMENT_WEIGHT = 3.0  # how much likelier than others a response is drawn that differs from its task's answer


def draw(secret: bytes, response_id: UUID) -> float:
    """A number in 0..1 that nobody without the secret can foresee, the same at every asking."""
    digest = hmac.digest(secret, response_id.bytes, hashlib.sha256)
    return int.from_bytes(digest[:8]) / 2**64


def due(
    plan: ReviewShare, *, responses_before: int, chance: float, missed_gold: bool = False, differs: bool = False
) -> Queue | None:
    """The queue that a response goes to; None when no review is due."""
    if missed_gold:
        return Queue.GOLD_MISS
    share = plan.share_at(responses_before)
    if responses_before < plan.first_n:
        return Queue.NEWCOMER
    if differs and chance < min(DISAGREEMENT_WEIGHT * share, 1.0):
        return Queue.DISAGREEMENT
    return Queue.RANDOM if chance < share else None
