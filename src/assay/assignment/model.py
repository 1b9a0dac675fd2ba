"""An assignment: one task given to one annotator under a lease."""

import random
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from assay.kernel import Conflict, Lease, NotAllowed, NotFound
from assay.kernel.lease import LeaseOver


class State(StrEnum):
    LEASED = "leased"
    STARTED = "started"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    EXPIRED = "expired"
    REVISING = "revising"
    LAPSED = "lapsed"


LIVE = frozenset({State.LEASED, State.STARTED, State.REVISING})


class NothingToDo(NotFound):
    """No open task suits this annotator now."""


class NotEligible(NotAllowed):
    """The annotator may not work on this project; the message says why."""


class TooManyHeld(Conflict):
    """The annotator holds as many tasks as they may; submit or give one back."""


class NoSuchAssignment(NotFound):
    """No such assignment of this annotator."""


class NotLive(Conflict):
    """The assignment has ended: submitted, given back or expired."""


class DraftChanged(Conflict):
    """The draft was saved from somewhere else meanwhile; the stored one is in the problem's text."""


class TooLateToRecall(Conflict):
    """The time in which a response can be taken back is over."""


@dataclass(frozen=True)
class Assignment:
    """One task in one annotator's hands, with what is needed to show it and to answer it."""

    id: UUID
    project_id: UUID
    task_id: UUID
    item_id: UUID
    version_id: UUID
    annotator_id: UUID
    person_id: UUID
    state: State
    holds_seat: bool
    lease: Lease
    order_seed: int
    elapsed_seconds: float  # since it was leased, on the database's clock
    active_seconds: float  # of earlier sittings
    idle_seconds: float
    payload: dict[str, Any]

    def check_live(self, fence: int) -> None:
        """Raise unless work may be done under this token: LeaseOver, LeaseLost, NotLive."""
        if self.state is State.EXPIRED:
            raise LeaseOver(
                f"the lease ended at {self.lease.until:%H:%M:%S} UTC; resume it to go on, your draft is kept"
            )
        self.lease.check(holder=self.annotator_id, fence=fence)
        if self.state not in LIVE:
            raise NotLive(f"the assignment is {self.state}; claim another task")


def candidate_order(seed: int, candidates: dict[str, list[str]]) -> dict[str, list[str]]:
    """The order in which each field's candidates are shown: fixed by the assignment's seed, fair over seeds."""
    order: dict[str, list[str]] = {}
    for field, ids in sorted(candidates.items()):
        shuffled = sorted(ids)
        random.Random(f"{seed}/{field}").shuffle(shuffled)  # noqa: S311 - an order on screen, no secret
        order[field] = shuffled
    return order


@dataclass(frozen=True)
class Standing:
    """The annotator and the project as they are at the moment of a claim."""

    annotator_id: UUID
    pseudonym: str
    annotator_state: str
    languages: tuple[str, ...]
    qualifications: frozenset[str]
    project_state: str
    version_id: UUID | None
    excluded_because: str | None


@dataclass(frozen=True)
class NewLease:
    """What a claim asks for, and what the assignment will carry when a task is found."""

    assignment_id: UUID
    project_id: UUID
    annotator_id: UUID
    languages: tuple[str, ...]  # primary languages read by the annotator; none given: any
    held_max: int
    lease_seconds: int
    order_seed: int
    price_minor: int | None
    currency: str | None
    estimated_seconds: int


@dataclass(frozen=True)
class Leased:
    """The task that was found, locked and leased."""

    task_id: UUID
    item_id: UUID
    version_id: UUID
    rank: int
    payload: dict[str, Any]
    fence: int
    lease_until: datetime


@dataclass(frozen=True)
class Draft:
    """What was saved so far; `version` grows by one with each save."""

    answers: list[dict[str, Any]]
    version: int
    updated_at: datetime
