"""A throw-away installation to measure: an embedded database, a server with two processes, people, tasks."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from assay import projects, workforce
from assay.identity import Role, add_member, found_organisation, issue_token
from assay.kernel import new_id
from assay.projects import project_file
from assay.storage import Actor, Database, Session, embedded
from assay.storage.migrate import migrate
from assay.tasks import batch_for_import

PROJECT = {
    "name": "Benchmark",
    "version": "1.0.0",
    "guideline": {"version": "1.0.0", "markdown": "Say what you see."},
    "fields": [{"key": "text", "type": "text", "from": "item.text"}],
    "questions": [
        {
            "key": "animal",
            "type": "choice",
            "title": "Which animal?",
            "options": [{"id": "cat", "title": "Cat"}, {"id": "dog", "title": "Dog"}],
        }
    ],
    "quality": {"gold_share": 0.05, "held_max": 3},
}


@dataclass(frozen=True)
class Installation:
    """Where it is and how to reach it."""

    folder: Path
    url: str  # of the database
    organisation_id: UUID
    port: int
    processes: int

    def database(self) -> Database:
        return Database(self.url, connections=2)


@contextmanager
def installation() -> Iterator[Installation]:
    """Database and organisation, without a server."""
    folder = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    folder.chmod(0o755)
    url = embedded.start(folder / "postgres")
    migrate(url)
    database = Database(url, connections=2)
    organisation_id, _ = found_organisation(database, "Bench", owner_email="owner@example.org", owner_name="Owner")
    database.close()
    try:
        yield Installation(folder, url, organisation_id, free_port(), 2)
    finally:
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def program(arguments: list[str], port: int, path: str, environment: dict[str, str] | None = None) -> Iterator[int]:
    """A Python program that serves on a port; yields its process id once it answers."""
    process = subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **(environment or {})}, start_new_session=True
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def serving(made: Installation, *, with_jobs: bool = True):
    """`assay serve` on the installation's port."""
    arguments = ["-c", "from assay.cli import main; main()", "serve", "--port", str(made.port)]
    arguments += [] if with_jobs else ["--no-jobs"]
    environment = {"ASSAY_DATA": str(made.folder), "ASSAY_DATABASE_URL": made.url}
    return program(arguments, made.port, "/health", environment)


def add_project(session: Session, name: str) -> UUID:
    project_id = projects.create(session, project_file.of_values({**PROJECT, "name": name}))
    projects.move(session, project_id, "open")
    return project_id


def add_tasks(session: Session, project_id: UUID, n: int, *, gold: int = 200) -> None:
    """Open tasks of overlap 1 and some hidden gold, loaded by the database itself; ids in order, as of an import."""
    version_id = projects.get(session, project_id).version_id
    batch = batch_for_import(session, project_id, "bench")
    session.execute(
        """
        insert into tasks_item (organisation_id, id, project_id, external_id, payload, sha256)
        select %(o)s, (lpad(to_hex(1785000000000 + n / 4096), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8'
                || substr(md5(random()::text), 1, 15))::uuid, %(p)s, n::text,
            jsonb_build_object('text', 'a cat number ' || n), ''
        from generate_series(1, %(n)s) n
        """,
        {"o": session.organisation_id, "p": project_id, "n": n + gold},
    )
    session.execute(
        """
        insert into tasks_task (organisation_id, id, project_id, item_id, batch_id, version_id, state, is_gold,
            overlap_min, overlap_wanted, overlap_max)
        select %(o)s, id, %(p)s, id, %(b)s, %(v)s, 'open', external_id::int > %(n)s, 1,
            case when external_id::int > %(n)s then 10000 else 1 end, 10000
        from tasks_item where organisation_id = %(o)s and project_id = %(p)s order by id
        """,
        {"o": session.organisation_id, "p": project_id, "b": batch.id, "v": version_id, "n": n},
    )


def add_annotators(session: Session, n: int) -> list[str]:
    """Their API tokens."""
    tokens: list[str] = []
    for _ in range(n):
        person_id = add_member(session, f"{new_id()}@example.org", "Ann", [Role.ANNOTATOR])
        workforce.add_annotator(session, person_id, pseudonym=f"P {new_id()}")
        tokens.append(issue_token(session, person_id)[1])
    return tokens


OPERATOR = Actor("operator")
