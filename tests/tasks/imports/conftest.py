"""A small project with most types of question, and files loaded into it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from assay import projects
from assay.kernel import new_id
from assay.projects import project_file
from assay.storage import Actor, Database, Session
from assay.storage.session import Row
from assay.tasks.imports import Import, ImportKind, Options, load, receive, store
from assay.tasks.reading import FileFormat

PROJECT = {
    "name": "Tax questions",
    "version": "1.0.0",
    "guideline": {"version": "1.0.0", "markdown": "Judge what the text says."},
    "quality": {"overlap_min": 2, "overlap_max": 3},
    "fields": [
        {"key": "q", "type": "text", "from": "item.prompt"},
        {"key": "answers", "type": "candidates", "from": "item.candidates", "min": 2, "max": 2, "optional": True},
    ],
    "questions": [
        {"key": "safe", "type": "choice", "title": "Safe?", "options": [{"id": "yes"}, {"id": "no"}]},
        {"key": "stars", "type": "rating", "title": "Stars", "scale": {"min": 1, "max": 5}, "required": False},
        {
            "key": "harms",
            "type": "choices",
            "title": "Harms",
            "options": [{"id": "bio"}, {"id": "cyber"}],
            "required": False,
        },
        {"key": "total", "type": "number", "title": "Total", "decimals": 2, "required": False},
    ],
}


class Desk:
    """Loads files into the project, as the doors do: each block in a committed transaction."""

    def __init__(self, database: Database, organisation_id: UUID, folder: Path) -> None:
        self.database = database
        self.organisation_id = organisation_id
        self.folder = folder
        self.project_id = self.transact(lambda s: projects.create(s, project_file.of_values(PROJECT)))

    def transact(self, work: Callable[[Session], Any]) -> Any:
        return self.database.transact(self.organisation_id, Actor("person", new_id()), work)

    def received(self, content: bytes | list[dict[str, Any]], kind: str, form: str = "jsonl", **said: Any) -> UUID:
        """An import that waits to be loaded."""
        if isinstance(content, list):
            content = as_csv(content) if form == "csv" else b"".join(json.dumps(r).encode() + b"\n" for r in content)
        new = Import(
            new_id(),
            self.project_id,
            ImportKind(kind),
            FileFormat(form),
            Options(**said),
            f"upload.{form}",
            len(content),
            "0",
        )
        (self.folder / str(new.id)).write_bytes(content)
        self.transact(lambda s: receive(s, new, created_by=None))
        return new.id

    def load(self, import_id: UUID) -> Import:
        load(self.transact, import_id, self.folder / str(import_id))
        return self.found(import_id)

    def take(self, content: bytes | list[dict[str, Any]], kind: str, form: str = "jsonl", **said: Any) -> Import:
        return self.load(self.received(content, kind, form, **said))

    def found(self, import_id: UUID) -> Import:
        return self.transact(lambda s: store.find(s, import_id))

    def problems(self, found: Import) -> list[tuple[int | None, str]]:
        rows = self.transact(lambda s: store.problems(s, found.id, after=0, limit=200))
        return [(row["line"], row["reason"]) for row in rows]

    def rows(self, sql: Any) -> list[Row]:
        """What the organisation has, seen through the database's own wall."""
        return self.transact(lambda s: s._connection.execute(sql).fetchall())

    def change(self, sql: Any) -> None:
        self.transact(lambda s: s._connection.execute(sql))


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def items(count: int) -> list[dict[str, Any]]:
    return [{"external_id": f"q{n}", "prompt": f"When is VAT due? {n}"} for n in range(count)]


def counts(found: Import) -> tuple[int, int, int]:
    return found.accepted, found.known, found.problems


@pytest.fixture
def desk(database: Database, organisation_id: UUID, tmp_path: Path) -> Desk:
    return Desk(database, organisation_id, tmp_path)


@pytest.fixture
def full_desk(desk: Desk) -> Desk:
    """With three items in."""
    desk.take(items(3), "items")
    return desk
