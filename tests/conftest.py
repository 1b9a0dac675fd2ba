"""What every test may ask for: a real PostgreSQL, an organisation in it, a session that is rolled back."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from assay.identity import found_organisation
from assay.jobs import wiring
from assay.kernel import new_id
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
