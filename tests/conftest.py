"""What every test may ask for: a real PostgreSQL, an organisation in it, a session that is rolled back."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.sql import Composable

from assay import projects, tasks, workforce
from assay.identity import Role, add_member, found_organisation
from assay.jobs import wiring
from assay.kernel import new_id
from assay.projects import project_file
from assay.storage import Actor, Database, Session, embedded
from assay.storage.migrate import migrate

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parent
NO_SKIPS = bool(os.environ.get("ASSAY_NO_SKIPS"))  # where everything is installed, a skipped test is a failure


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skips are refused here (ASSAY_NO_SKIPS): {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIPS and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skips are refused here (ASSAY_NO_SKIPS): {report.longrepr}"  # pyright: ignore[reportAttributeAccessIssue]
    return report


class WallOne:
    """Refuses SQL of a session that names a table of organisations and does not say which organisation.

    The database's own policies (wall two) would hide such a slip, so the tests look at every statement themselves.
    """

    RUN = ("_run", "later", "many", "stream")  # the methods of Session that take SQL
    SAYS_WHICH = re.compile(r"organisation_id\s*=\s*%|%(\(\w+\))?s\s*=\s*(\w+\.)?organisation_id")
    BRINGS_IT = re.compile(r"insert\s+into\s+\w+\s*(as\s+\w+\s*)?\(\s*organisation_id\b")

    def __init__(self) -> None:
        self.tables: re.Pattern[str] | None = None
        self.passed: set[str] = set()

    def check(self, session: Session, query: str | Composable) -> None:
        text = query if isinstance(query, str) else query.as_string(None)
        if text not in self.passed and self._is_asked_by_the_house():
            named = self._fenced(session).findall(text.lower())
            says = self.SAYS_WHICH.search(text) or self.BRINGS_IT.search(text.lower())
            assert says or not named, f"{', '.join(sorted(set(named)))} without its organisation_id in:\n{text}"
            self.passed.add(text)

    @staticmethod
    def _is_asked_by_the_house() -> bool:
        """Tests may look across; what is in src may not."""
        frame = sys._getframe(2)
        while frame.f_back and Path(frame.f_code.co_filename).name in ("conftest.py", "session.py"):
            frame = frame.f_back
        return "assay" in Path(frame.f_code.co_filename).parts and not frame.f_code.co_filename.startswith(str(TESTS))

    def _fenced(self, session: Session) -> re.Pattern[str]:
        if self.tables is None:
            rows = session._raw.execute(
                """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'organisation_id'"""
            )
            self.tables = re.compile(rf"\b({'|'.join(row['relname'] for row in rows)})\b")
        return self.tables

    def watch(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def checked(session: Session, query: str | Composable, *arguments: Any, **options: Any) -> Any:
            self.check(session, query)
            return method(session, query, *arguments, **options)

        return checked


@pytest.fixture(autouse=True, scope="session")
def wall_one() -> Iterator[WallOne]:
    """Every test runs behind the first wall."""
    wall = WallOne()
    with pytest.MonkeyPatch.context() as patch:
        for name in WallOne.RUN:
            patch.setattr(Session, name, wall.watch(getattr(Session, name)))
        yield wall


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
def empty_database(server_url: str) -> Callable[[], AbstractContextManager[str]]:
    """Makes an empty database, which is dropped at the end of its block."""

    @contextmanager
    def made() -> Iterator[str]:
        name = f"assay_test_{new_id().hex}"
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield make_conninfo(server_url, dbname=name)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    return made


@pytest.fixture(scope="session")
def database_url(empty_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """A fresh database with the present tables."""
    with empty_database() as url:
        migrate(url)
        yield url


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
                """insert into tasks_task (organisation_id, id, project_id, item_id, batch_id, version_id, state,
                is_gold, overlap_min, overlap_wanted, overlap_max, priority)
                values (%s, %s, %s, %s, %s, %s, 'open', %s, %s, %s, %s, %s)""",
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
        annotator_id = workforce.add_annotator(self.session, person_id, pseudonym=f"P {new_id()}", languages=languages)
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


@pytest.fixture(scope="session")
def make_in() -> type[Make]:
    """For a test that opens sessions of its own, whose changes stay."""
    return Make
