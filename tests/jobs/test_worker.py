"""The worker runs what was asked for, again after a crash, and stops when told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from assay import audit
from assay.jobs import wiring
from assay.jobs.defer import defer
from assay.jobs.model import Job, Timed
from assay.jobs.worker import Worker
from assay.kernel import new_id
from assay.storage import Actor, Database, Session, Settings, outbox
from assay.storage.outbox import Message

WAIT_SECONDS = 15


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    return Settings(data=tmp_path, database_url=database.url, public_url="http://127.0.0.1:8400")


@contextmanager
def at_work(database: Database, settings: Settings) -> Iterator[None]:
    worker = Worker(database, settings)
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield
    worker.stop()
    thread.join(WAIT_SECONDS)
    assert not thread.is_alive()


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def ask_for(database: Database, organisation_id: UUID, name: str, subject: UUID) -> bool:
    return database.transact(organisation_id, Actor("test"), lambda session: defer(session, name, subject, {"n": 1}))


def jobs_left(database: Database, name: str) -> list[str]:
    with database.connection() as connection:
        rows = connection.execute("select status::text from procrastinate_jobs where task_name = %s", (name,))
        return [row["status"] for row in rows]


def test_a_job_runs_outside_the_transaction_that_asked_for_it(
    database: Database, settings: Settings, organisation_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Job] = []
    monkeypatch.setitem(wiring.JOBS, "test.note", done.append)
    subject = new_id()
    ask_for(database, organisation_id, "test.note", subject)
    with at_work(database, settings):
        wait_for(lambda: bool(done) and not jobs_left(database, "test.note"))
    assert (done[0].organisation_id, done[0].subject_id, done[0].body) == (organisation_id, subject, {"n": 1})


def test_the_same_job_waits_once(database: Database, organisation_id: UUID) -> None:
    subject = new_id()
    assert ask_for(database, organisation_id, "test.once", subject)
    assert not ask_for(database, organisation_id, "test.once", subject)
    assert jobs_left(database, "test.once") == ["todo"]


def test_a_transaction_that_fails_asks_for_nothing(database: Database, organisation_id: UUID) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction(organisation_id, Actor("test")) as session:
        defer(session, "test.never", new_id())
        _ = 1 / 0
    assert jobs_left(database, "test.never") == []


def test_a_job_of_a_dead_worker_is_run_again(
    database: Database, settings: Settings, organisation_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Job] = []
    monkeypatch.setitem(wiring.JOBS, "test.again", done.append)
    ask_for(database, organisation_id, "test.again", new_id())
    with database.connection() as connection:  # a worker takes it and is never heard of again
        connection.execute(
            """
            with dead as (
                insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id
            )
            update procrastinate_jobs set status = 'doing', worker_id = dead.id from dead where task_name = 'test.again'
            """
        )
    with at_work(database, settings):
        wait_for(lambda: bool(done))


def test_an_event_reaches_its_listener(
    database: Database, settings: Settings, organisation_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Message] = []

    def listen(session: Session, messages: list[Message]) -> None:
        heard.extend(messages)

    monkeypatch.setitem(wiring.LISTENERS, "test.listener", (listen, ("test.happened",)))
    outbox.subscribe("test.happened", "test.listener")
    with database.transaction(organisation_id, Actor("test")) as session:
        audit.record(session, "test.happened", subject=new_id())
    with at_work(database, settings):
        wait_for(lambda: len(heard) == 1)


def test_a_timed_verb_visits_every_organisation_though_one_fails(
    database: Database, settings: Settings, organisation_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: list[UUID] = []

    def visit(session: Session) -> None:
        visited.append(session.organisation_id)
        if len(visited) == 1:
            raise RuntimeError("the first one fails")

    monkeypatch.setattr(wiring, "TIMED", (Timed("test.visit", 0.05, visit),))
    with at_work(database, settings):
        wait_for(lambda: visited.count(organisation_id) >= 2)
