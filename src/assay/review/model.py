"""A review, an adjudication, and the quality verdict on a response."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from assay.kernel import Conflict, Invalid, Lease, NotFound

LEASE_SECONDS = 1800
RETURNS_MAX = 2  # how often one annotator's work on one task may be returned


class Queue(StrEnum):
    """Why a response is reviewed."""

    DISAGREEMENT = "disagreement"
    GOLD_MISS = "gold_miss"
    NEWCOMER = "newcomer"
    RANDOM = "random"


class Verdict(StrEnum):
    """What a reviewer does with a response."""

    APPROVE = "approve"
    CORRECT = "correct"
    RETURN = "return"
    NOT_USABLE = "not_usable"


class Outcome(StrEnum):
    """The quality verdict on a response."""

    PENDING = "pending"
    APPROVED = "approved"
    CORRECTED = "corrected"
    RETURNED = "returned"
    NOT_USABLE = "not_usable"
    UNREVIEWED = "unreviewed"


OUTCOME_OF = {
    Verdict.APPROVE: Outcome.APPROVED,
    Verdict.CORRECT: Outcome.CORRECTED,
    Verdict.RETURN: Outcome.RETURNED,
    Verdict.NOT_USABLE: Outcome.NOT_USABLE,
}


class Cause(StrEnum):
    """Why a response differs from what was settled."""

    SLIP = "slip"
    SKILL = "skill"
    GUIDELINE_UNCLEAR = "guideline_unclear"
    ITEM_BROKEN = "item_broken"
    AMBIGUOUS = "ambiguous"


class NothingToReview(NotFound):
    """Nothing waits that this person may review."""


class NoSuchReview(NotFound):
    """No such review of this person."""


class NoSuchAdjudication(NotFound):
    """No such adjudication of this person."""


class ReviewOver(Conflict):
    """The review or adjudication has been finished or taken back."""


class CannotReturn(Conflict):
    """The response cannot be returned to its author (again)."""


class NoteMissing(Invalid):
    """The author is owed a reason."""


class NothingCorrected(Invalid):
    """The corrected answers are those that were given."""


@dataclass(frozen=True)
class Review:
    """One response in a reviewer's hands. Who wrote it and why it is reviewed are not told."""

    id: UUID
    project_id: UUID
    task_id: UUID
    response_id: UUID
    version_id: UUID
    state: str
    lease: Lease
    is_over: bool
    alias: str
    payload: dict[str, Any]
    answers: list[dict[str, Any]]
    shown: dict[str, list[str]]
    verdict: str | None


@dataclass(frozen=True)
class Aliased:
    """A response under a name that says nothing about its author."""

    alias: str
    response_id: UUID
    annotator_id: UUID
    answers: list[dict[str, Any]]


@dataclass(frozen=True)
class Adjudication:
    """The responses of one task in an adjudicator's hands."""

    id: UUID
    project_id: UUID
    task_id: UUID
    version_id: UUID
    state: str
    lease: Lease
    is_over: bool
    payload: dict[str, Any]
    responses: tuple[Aliased, ...]


@dataclass(frozen=True)
class Waiting:
    """How much waits for reviewers and adjudicators."""

    reviews: dict[str, int]  # by queue
    reviews_leased: int
    adjudications: int
    adjudications_leased: int
