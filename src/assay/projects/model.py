"""A project, its versions, and the states they move through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from assay.kernel import Conflict, NotFound
from assay.projects.project_file import ProjectFile


class ProjectState(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    CLOSED = "closed"
    ARCHIVED = "archived"


MOVES: dict[str, tuple[frozenset[ProjectState], ProjectState, str]] = {  # wish -> (from, to, event)
    "open": (frozenset({ProjectState.DRAFT, ProjectState.CLOSED}), ProjectState.LIVE, "project.opened"),
    "close": (frozenset({ProjectState.LIVE}), ProjectState.CLOSED, "project.closed"),
}


class NoSuchProject(NotFound):
    """No such project in this organisation."""


class NoSuchVersion(NotFound):
    """No such version of a project in this organisation."""


class NoSuchGuideline(NotFound):
    """No such version of a project's guideline in this organisation."""


class ProjectNameTaken(Conflict):
    """The organisation has a project of this name."""


class VersionTaken(Conflict):
    """This version, or this guideline version, is published with other content; it never changes."""


class ProjectNotLive(Conflict):
    """The project must be open for this."""


class ProjectMoveRefused(Conflict):
    """The project's state does not allow this."""


@dataclass(frozen=True)
class Project:
    id: UUID
    name: str
    languages: tuple[str, ...]
    state: ProjectState
    version_id: UUID | None
    created_at: datetime


@dataclass(frozen=True)
class Version:
    """A published version never changes; `file` is the whole project as it was published."""

    id: UUID
    project_id: UUID
    number: str
    hash: str
    file: ProjectFile
