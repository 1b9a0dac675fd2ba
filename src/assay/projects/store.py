"""Tables of projects, guidelines and versions. Versions are immutable, so their parsed form is kept in memory."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.kernel import new_id
from assay.projects import project_file
from assay.projects.model import NoSuchProject, NoSuchVersion, Project, ProjectState, Version
from assay.storage import Session
from assay.storage.session import Row

VERSIONS_KEPT = 1000

_versions: dict[tuple[UUID, UUID], Version] = {}


def add_project(session: Session, project_id: UUID, name: str, languages: list[str]) -> bool:
    """False when the name is taken."""
    return bool(
        session.execute(
            """
            insert into projects_project (organisation_id, id, name, languages) values (%s, %s, %s, %s)
            on conflict (organisation_id, name) do nothing
            """,
            (session.organisation_id, project_id, name, languages),
        )
    )


_PROJECT = "select id, name, languages, state, version_id, created_at from projects_project "


def get(session: Session, project_id: UUID) -> Project:
    """Raises NoSuchProject."""
    return _project(
        session.first(_PROJECT + "where organisation_id = %s and id = %s", (session.organisation_id, project_id))
    )


def get_to_change(session: Session, project_id: UUID) -> Project:
    """The project, locked. Raises NoSuchProject."""
    return _project(
        session.first(
            _PROJECT + "where organisation_id = %s and id = %s for update", (session.organisation_id, project_id)
        )
    )


def projects(session: Session, *, after: UUID | None, limit: int) -> list[Project]:
    rows = session.all(
        _PROJECT + "where organisation_id = %s and (%s::uuid is null or id > %s) order by id limit %s",
        (session.organisation_id, after, after, limit),
    )
    return [_project(row) for row in rows]


def set_state(session: Session, project_id: UUID, state: ProjectState) -> None:
    session.execute(
        "update projects_project set state = %s where organisation_id = %s and id = %s",
        (state, session.organisation_id, project_id),
    )


def set_version(session: Session, project_id: UUID, version_id: UUID, languages: list[str]) -> None:
    """Put a version in force; the one before is superseded."""
    session.execute(
        "update projects_version set state = 'superseded' where organisation_id = %s and project_id = %s and id <> %s",
        (session.organisation_id, project_id, version_id),
    )
    session.execute(
        "update projects_project set version_id = %s, languages = %s where organisation_id = %s and id = %s",
        (version_id, languages, session.organisation_id, project_id),
    )


def guideline(session: Session, project_id: UUID, version: str) -> Row | None:
    return session.first(
        """
        select id, version, markdown, change_note, state, published_at from projects_guideline
        where organisation_id = %s and project_id = %s and version = %s
        """,
        (session.organisation_id, project_id, version),
    )


def add_guideline(session: Session, project_id: UUID, version: str, markdown: str, change_note: str) -> UUID:
    session.execute(
        "update projects_guideline set state = 'superseded' where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )
    return session.one(
        """
        insert into projects_guideline (organisation_id, id, project_id, version, markdown, change_note, state,
            published_at)
        values (%s, %s, %s, %s, %s, %s, 'published', clock_timestamp()) returning id
        """,
        (session.organisation_id, new_id(), project_id, version, markdown, change_note),
    )["id"]


def version_numbered(session: Session, project_id: UUID, number: str) -> Row | None:
    return session.first(
        "select id, hash from projects_version where organisation_id = %s and project_id = %s and number = %s",
        (session.organisation_id, project_id, number),
    )


def add_version(
    session: Session, project_id: UUID, *, number: str, guideline_id: UUID, definition: dict[str, Any], hash: str
) -> UUID:
    return session.one(
        """
        insert into projects_version (organisation_id, id, project_id, number, guideline_id, definition, hash, state,
            published_at)
        values (%s, %s, %s, %s, %s, %s, %s, 'published', clock_timestamp()) returning id
        """,
        (session.organisation_id, new_id(), project_id, number, guideline_id, Jsonb(definition), hash),
    )["id"]


def version(session: Session, version_id: UUID) -> Version:
    """A published version with its parsed file. Raises NoSuchVersion."""
    key = (session.organisation_id, version_id)
    found = _versions.get(key)
    if found is None:
        row = session.first(
            "select id, project_id, number, hash, definition from projects_version "
            "where organisation_id = %s and id = %s",
            key,
        )
        if row is None:
            raise NoSuchVersion("no such version of a project in this organisation")
        file = project_file.of_values(row["definition"])
        found = Version(row["id"], row["project_id"], row["number"], row["hash"], file)
        if len(_versions) >= VERSIONS_KEPT:
            _versions.clear()
        _versions[key] = found
    return found


def versions(session: Session, project_id: UUID) -> list[Row]:
    return session.all(
        """
        select v.id, v.number, v.hash, v.state, v.published_at, g.version as guideline_version
        from projects_version v
        join projects_guideline g on g.organisation_id = v.organisation_id and g.id = v.guideline_id
        where v.organisation_id = %s and v.project_id = %s order by v.id
        """,
        (session.organisation_id, project_id),
    )


def _project(row: Row | None) -> Project:
    if row is None:
        raise NoSuchProject("no such project in this organisation")
    return Project(
        row["id"],
        row["name"],
        tuple(row["languages"]),
        ProjectState(row["state"]),
        row["version_id"],
        row["created_at"],
    )
