"""The sample's files go in by the same door as everyone's, without a bad row, and once only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from assay import projects
from assay.kernel import new_id
from assay.projects import project_file
from assay.storage import Actor, Database, Session
from assay.tasks.imports import Import, ImportKind, Options, load, receive
from assay.tasks.imports.store import find
from assay.tasks.reading import FileFormat

SAMPLE = Path(__file__).parents[2] / "examples" / "expert_preferences"
Transact = Callable[[Callable[[Session], Any]], Any]


@pytest.fixture
def transact(database: Database, organisation_id: UUID) -> Transact:
    actor = Actor("person", new_id())
    return lambda work: database.transact(organisation_id, actor, work)


def take(transact: Transact, folder: Path, project_id: UUID, kind: ImportKind) -> tuple[int, int, int]:
    """Accepted, known and bad rows of one file of the sample."""
    content = (SAMPLE / f"{kind}.jsonl").read_bytes()
    new = Import(new_id(), project_id, kind, FileFormat.JSONL, Options(), f"{kind}.jsonl", len(content), "0")
    upload = folder / str(new.id)  # a loaded upload is removed
    upload.write_bytes(content)
    transact(lambda session: receive(session, new, created_by=None))
    load(transact, new.id, upload)
    done = transact(lambda session: find(session, new.id))
    return done.accepted, done.known, done.problems


def test_items_and_gold_go_in_once(transact: Transact, tmp_path: Path) -> None:
    file = project_file.load(SAMPLE / "project.yaml")
    project_id = transact(lambda session: projects.create(session, file))
    assert take(transact, tmp_path, project_id, ImportKind.ITEMS) == (76, 0, 0)
    assert take(transact, tmp_path, project_id, ImportKind.GOLD) == (11, 0, 0)
    assert take(transact, tmp_path, project_id, ImportKind.ITEMS) == (0, 76, 0)
    assert take(transact, tmp_path, project_id, ImportKind.GOLD) == (0, 11, 0)
    tasks = transact(
        lambda session: session.all(
            "select is_gold, count(*) as n from tasks_task where organisation_id = %s and project_id = %s group by 1",
            (session.organisation_id, project_id),
        )
    )
    assert {row["is_gold"]: row["n"] for row in tasks} == {False: 65, True: 11}
