"""Judgement: reviews of single responses, adjudication where they differ, and the settled answers that follow.

Only this room settles a task. The reviewer is never the author, and the adjudicator neither of them.
"""

from assay.review.adjudicate import settle_adjudication
from assay.review.claim import claim_adjudication, claim_review, expire
from assay.review.finalise import finalise
from assay.review.model import Cause, Queue, Verdict
from assay.review.settle import review_again, settle_all, settle_ready

__all__ = [
    "Cause",
    "Queue",
    "Verdict",
    "claim_adjudication",
    "claim_review",
    "expire",
    "finalise",
    "review_again",
    "settle_adjudication",
    "settle_all",
    "settle_ready",
]
