"""What the rows of an import are measured against: the project as it stands, and the names that columns may have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from assay import projects
from assay.kernel import Invalid, Problem
from assay.projects import Definition, Question, Version
from assay.storage import Session
from assay.storage.session import Row as Stored
from assay.tasks.imports import store
from assay.tasks.imports.cells import answer_columns
from assay.tasks.imports.model import BadLine, ImportKind, Options, Taken, optional_text_of, sentence, text_of
from assay.tasks.reading import FileFormat, Row, propose_mapping, rename

T = TypeVar("T")

WANTED: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.ITEMS: ("external_id", "language", "slices"),
    ImportKind.GOLD: ("external_id", "question", "target", "accept", "tolerance", "because", "hidden"),
    ImportKind.SUGGESTIONS: ("external_id", "question", "target", "value", "score", "agent", "agent_version"),
    ImportKind.RESPONSES: ("external_id", "annotator", "answers", "active_seconds", "version", "submitted_at"),
    ImportKind.GOLD_RESULTS: ("external_id", "annotator", "question", "verdict", "found"),
}


@dataclass
class Setting:
    """One import at work on one version of a project."""

    import_id: UUID
    project_id: UUID
    version: Version
    kind: ImportKind
    format: FileFormat
    options: Options
    _mappings: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict[tuple[str, ...], dict[str, str]])

    @property
    def definition(self) -> Definition:
        return self.version.file

    def wanted(self) -> tuple[str, ...]:
        """The names that a row of this kind can have here; known words for them are accepted too."""
        names = WANTED[self.kind]
        if self.kind is ImportKind.ITEMS:
            return (*names, *(field.from_.split(".")[1] for field in self.definition.fields))
        if self.kind is ImportKind.RESPONSES:
            only = self.only_question
            return (*names, *sorted(answer_columns(self.definition)), *(["value"] if only else []))
        return names

    @property
    def only_question(self) -> str | None:
        """The question that is meant where a row names none: the one that was said, or the only one there is."""
        keys = [question.key for question in self.definition.questions]
        return self.options.question or (keys[0] if len(keys) == 1 else None)

    def named(self, values: dict[str, Any]) -> dict[str, Any]:
        """A row under our names."""
        columns = tuple(values)
        mapping = self._mappings.get(columns)
        if mapping is None:
            given = self.options.columns
            rest = [column for column in columns if column not in given]
            wanted = [name for name in self.wanted() if name not in given.values()]
            proposed = propose_mapping(rest, wanted=wanted)
            mapping = {column: name for column, name in given.items() if column in columns} | proposed
            if len(self._mappings) < 1_000:  # rows of JSONL may each have other keys
                self._mappings[columns] = mapping
        return rename(values, mapping)

    def question_of(self, values: dict[str, Any]) -> Question:
        """The question that a row is about. Raises Invalid."""
        key = optional_text_of(values, "question") or self.only_question
        if key is None:
            raise Invalid("", [Problem("question", "is missing; the project has several")])
        if key not in self.definition.by_key:
            raise Invalid("", [Problem("question", f"{key[:80]!r} is not a question of this project")])
        return self.definition.question(key)

    @property
    def unit(self) -> str:
        return "row" if self.format is FileFormat.PARQUET else "line"

    @property
    def renamed(self) -> dict[str, str] | None:
        """What was renamed in the first row."""
        return next(iter(self._mappings.values()), None)


def version_in_force(session: Session, project_id: UUID) -> Version:
    """What new rows are measured against. Raises NoSuchProject, and Invalid when nothing is published."""
    project = projects.get(session, project_id)
    if project.version_id is None:
        raise Invalid("the project has no published version; publish one first")
    return projects.version(session, project.version_id)


def each_with_item(
    session: Session,
    setting: Setting,
    rows: list[Row],
    taken: Taken,
    read: Callable[[dict[str, Any], Stored, Setting], T],
) -> list[tuple[int, T]]:
    """What `read` makes of each row and the item it is about, with its line; refused rows are noted in `taken`."""
    named: list[tuple[int, str, dict[str, Any]]] = []
    for row in rows:
        values = setting.named(row.values)
        try:
            named.append((row.line, text_of(values, "external_id"), values))
        except Invalid as wrong:
            taken.bad.append(BadLine(row.line, sentence(wrong)))
    items = store.items(session, setting.project_id, {external_id for _, external_id, _ in named})
    found: list[tuple[int, T]] = []
    for line, external_id, values in named:
        if external_id not in items:
            taken.bad.append(BadLine(line, f"is about the item {external_id[:80]!r}, which this project does not have"))
            continue
        try:
            found.append((line, read(values, items[external_id], setting)))
        except Invalid as wrong:
            taken.bad.append(BadLine(line, sentence(wrong)))
    return found
