"""What every test may ask for: a real PostgreSQL, an organisation in it, a session that is rolled back."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from assay import projects, tasks, workforce
from assay.identity import Role, add_member, found_organisation
from assay.jobs import wiring
from assay.kernel import new_id
from assay.projects import project_file
from assay.storage import Actor, Database, Session, embedded
from assay.storage.migrate import migrate

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real labels by real people, which are not part of the repository."""
    folder = Path(os.environ.get("ASSAY_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the shared data is not in {folder}; set ASSAY_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: ASSAY_TEST_DATABASE_URL, or an embedded one of its own for this run."""
    if given := os.environ.get("ASSAY_TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="assay-tests-"))
    folder.chmod(0o755)
    yield embedded.start(folder / "postgres")
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """A fresh database with the present tables."""
    name = f"assay_test_{new_id().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = make_conninfo(server_url, dbname=name)
    migrate(url)
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Database]:
    """The pool under the application's role."""
    wiring.subscribe()
    opened = Database(database_url, connections=8)
    yield opened
    opened.close()


@pytest.fixture
def organisation_id(database: Database) -> UUID:
    """A new, empty organisation."""
    return found_organisation(database, "Test house", owner_email=f"{new_id()}@example.org", owner_name="Owner")[0]


@pytest.fixture
def session(database: Database, organisation_id: UUID) -> Iterator[Session]:
    """A session whose changes are rolled back after the test."""
    with suppress(_Undo), database.transaction(organisation_id, Actor("person", new_id())) as opened:
        yield opened
        opened.finish()
        raise _Undo


class _Undo(Exception):
    pass


class Make:
    """Makes what a test needs, in its session; a test names only what matters to it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def project(self, *, is_open: bool = True, questions: list[dict[str, Any]] | None = None, **quality: Any) -> UUID:
        """A project that asks one choice, answered within the quality plan's `quality`."""
        file = project_file.of_values(
            {
                "name": f"Project {new_id()}",
                "version": "1.0.0",
                "guideline": {"version": "1.0.0", "markdown": "Say what you see."},
                "fields": [{"key": "text", "type": "text", "from": "item.text"}],
                "questions": questions or [CHOICE],
                "quality": {"gold_share": 0, **quality},
            }
        )
        project_id = projects.create(self.session, file)
        if is_open:
            projects.move(self.session, project_id, "open")
        return project_id

    def tasks(
        self, project_id: UUID, n: int = 1, *, is_gold: bool = False, priority: int = 0, language: str | None = None
    ) -> list[UUID]:
        """Open tasks of the project's overlap, in the order of the returned ids."""
        version_id = projects.get(self.session, project_id).version_id
        assert version_id is not None
        plan = projects.version(self.session, version_id).file.quality
        batch = tasks.batch_for_import(self.session, project_id, f"batch {priority}")
        ids = [new_id() for _ in range(n)]
        for task_id in ids:
            item_id = new_id()
            self.session.execute(
                """insert into tasks_item (organisation_id, id, project_id, external_id, payload, sha256, language)
                values (%s, %s, %s, %s, '{"text": "a cat"}', '', %s)""",
                (self.session.organisation_id, item_id, project_id, str(item_id), language),
            )
            wanted, most = (10_000, 10_000) if is_gold else (plan.overlap_min, plan.overlap_max)
            self.session.execute(
                """insert into tasks_task (organisation_id, id, project_id, item_id, batch_id, version_id, state, is_gold,
                overlap_min, overlap_wanted, overlap_max, priority) values (%s, %s, %s, %s, %s, %s, 'open', %s, %s, %s, %s, %s)""",
                (
                    self.session.organisation_id,
                    task_id,
                    project_id,
                    item_id,
                    batch.id,
                    version_id,
                    is_gold,
                    wanted,
                    wanted,
                    most,
                    priority,
                ),
            )
        return ids

    def annotator(self, *qualifications: str, languages: tuple[str, ...] = ()) -> UUID:
        """The person id of a new annotator."""
        person_id = add_member(self.session, f"{new_id()}@example.org", "Ann", [Role.ANNOTATOR])
        annotator_id = workforce.add_annotator(
            self.session, person_id, pseudonym=f"P {new_id()}", languages=languages
        )
        for kind in qualifications:
            workforce.grant(self.session, annotator_id, kind)
        return person_id

    def annotator_id(self, person_id: UUID) -> UUID:
        found = workforce.annotator_of(self.session, person_id)
        assert found is not None
        return found.id


CHOICE = {
    "key": "animal",
    "type": "choice",
    "title": "Which animal?",
    "options": [{"id": "cat", "title": "Cat"}, {"id": "dog", "title": "Dog"}],
}


@pytest.fixture
def make(session: Session) -> Make:
    return Make(session)
