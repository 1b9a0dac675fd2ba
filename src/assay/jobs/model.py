"""The nouns of background work: what runs by the clock, and a piece of work asked for by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from assay.storage import Actor, Database, Session, Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Timed:
    """A verb that is run for every organisation, each in its own transaction, again and again."""

    name: str
    every_seconds: float
    work: Callable[[Session], object]


@dataclass(frozen=True)
class Job:
    """One piece of long work. It may be run again after a crash, so its effect must bear repeating."""

    database: Database
    settings: Settings
    organisation_id: UUID
    subject_id: UUID
    body: dict[str, Any]

    def transact(self, work: Callable[[Session], T]) -> T:
        """Run a step of the work in a transaction of the job's organisation."""
        return self.database.transact(self.organisation_id, Actor("job"), work)
