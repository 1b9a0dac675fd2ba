"""Rows that have been checked and go into the database as they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class NewItem:
    """`sha256` is of the whole row, so that a change is seen."""

    id: UUID
    external_id: str
    payload: str  # the whole row as canonical JSON
    slices: dict[str, Any]
    language: str | None
    sha256: str


@dataclass(frozen=True)
class NewTasks:
    """How the tasks of new items are put out."""

    batch_id: UUID
    version_id: UUID
    state: str
    is_paused: bool
    overlap_min: int
    overlap_max: int
    priority: int


@dataclass(frozen=True)
class NewGold:
    item_id: UUID
    question: str
    target: str | None
    accept: dict[str, Any]  # {"accept": [...], "tolerance": …, "because": …}
    is_hidden: bool


@dataclass(frozen=True)
class NewSuggestion:
    item_id: UUID
    question: str
    target: str | None
    value: Any
    score: float | None
    agent: str
    agent_version: str


@dataclass(frozen=True)
class ReadResponse:
    """A response as its row tells it; `body_hash` shows whether the same came before."""

    item_id: UUID
    annotator: str  # the pseudonym
    answers: list[dict[str, Any]]
    body_hash: str
    active_seconds: float
    submitted_at: datetime | None


@dataclass(frozen=True)
class NewResponse:
    """A recorded response with the task it belongs to."""

    task_id: UUID
    annotator_id: UUID
    version_id: UUID
    read: ReadResponse


@dataclass(frozen=True)
class ReadGoldResult:
    """A result as its row tells it."""

    item_id: UUID
    annotator: str  # the pseudonym
    question: str
    verdict: str


@dataclass(frozen=True)
class NewGoldResult:
    item_id: UUID
    annotator_id: UUID
    question: str
    verdict: str
