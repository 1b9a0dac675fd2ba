"""Items, batches, tasks and responses: the states they can be in, and what may go wrong with them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from assay.kernel import Conflict, NotFound


class TaskState(StrEnum):
    STAGED = "staged"
    OPEN = "open"
    COMPLETE = "complete"
    SETTLED = "settled"
    NEEDS_FIX = "needs_fix"
    CANCELLED = "cancelled"


class BatchState(StrEnum):
    STAGED = "staged"
    OPEN = "open"
    PAUSED = "paused"
    DRAINING = "draining"
    CLOSED = "closed"


BATCH_MOVES: dict[str, tuple[frozenset[str], BatchState]] = {  # wish -> (states it may be made in, state after)
    "open": (frozenset({"staged", "paused"}), BatchState.OPEN),
    "pause": (frozenset({"open"}), BatchState.PAUSED),
    "drain": (frozenset({"open", "paused"}), BatchState.DRAINING),
    "close": (frozenset({"draining"}), BatchState.CLOSED),
}


class NoSuchItem(NotFound):
    """No such item in this project."""


class NoSuchTask(NotFound):
    """No such task in this organisation."""


class NoSuchBatch(NotFound):
    """No such batch in this organisation."""


class NoSuchResponse(NotFound):
    """No such response, or it is someone else's."""


class BatchMoveRefused(Conflict):
    """The batch's state does not allow this."""


class TaskMoveRefused(Conflict):
    """The task's state does not allow this."""


class ResponseIdReused(Conflict):
    """Another response has this id; make a fresh one."""


class AlreadyAnswered(Conflict):
    """This annotator has a counted response on this task already."""


@dataclass(frozen=True)
class NewResponse:
    """A response about to be written; the id comes from the client."""

    id: UUID
    project_id: UUID
    task_id: UUID
    item_id: UUID
    annotator_id: UUID
    assignment_id: UUID | None
    version_id: UUID
    answers: list[dict[str, Any]]
    shown: dict[str, list[str]]
    body_hash: str
    is_counted: bool
    active_seconds: float
    idle_seconds: float
    revises: UUID | None = None


@dataclass(frozen=True)
class Settlement:
    """The value that a task ends with for one question and target, and how it came to be."""

    question: str
    target: str | None
    value: Any
    how: str  # single, aggregated or adjudicated
    confidence: float | None
    method: str
    responses: tuple[UUID, ...] = field(default=())
    source_id: UUID | None = None  # the scoring run or the adjudication


@dataclass(frozen=True)
class Batch:
    id: UUID
    project_id: UUID
    name: str
    purpose: str
    priority: int
    state: str
    created_at: datetime
