"""What scoring speaks of: who gave which value to what, what follows from it, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from typing import Any
from uuid import UUID

from assay.kernel import NotFound
from assay.projects import Content

VERSION = f"assay {version('assay')}"  # stands beside every stored number


class NoSuchRun(NotFound):
    """No such scoring run in this organisation."""


class Verdict(StrEnum):
    """Whether the answers to a task are sure enough."""

    GATHERING = "gathering"  # it has fewer answers than it wants
    UNSURE = "unsure"  # one more answer was asked for
    CONFIDENT = "confident"
    DISPUTED = "disputed"  # unsure at the most answers it may get


@dataclass(frozen=True, slots=True)
class Unit:
    """What one answer is about: a task, and the part of its item where the question is asked for each."""

    task_id: UUID
    target: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """One value given by one annotator."""

    unit: Unit
    response_id: UUID
    annotator_id: UUID
    version_id: UUID
    value: Any


@dataclass
class Sheet:
    """All that was said to one question."""

    given: list[Given] = field(default_factory=list)
    missing: dict[Unit, int] = field(default_factory=dict)  # replies that it does not apply or cannot be assessed
    contents: Mapping[UUID, Content] = field(default_factory=dict)  # by task, where the categories depend on the item

    def by_unit(self) -> dict[Unit, list[Given]]:
        """In the order in which the units first appear."""
        units: dict[Unit, list[Given]] = {}
        for one in self.given:
            units.setdefault(one.unit, []).append(one)
        return units


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the answers so far say about one unit. A number that cannot be given is None, never a guess."""

    unit: Unit
    question: str
    n: int
    responses: tuple[UUID, ...]
    method: str
    value: Any = None
    probabilities: dict[str, float] | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    agreement: float | None = None
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a task; its confidence is the least over the questions that decide."""

    task_id: UUID
    verdict: Verdict
    confidence: float | None
    n: int
    method: str
    run_id: UUID | None
