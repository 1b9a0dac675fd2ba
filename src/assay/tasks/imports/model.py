"""An import: one file that came in, what it is meant to be, and how far it has been loaded."""

import codecs
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from assay.kernel import Conflict, Invalid, NotFound, Problem
from assay.tasks.reading import FileFormat

ENCODINGS = frozenset(
    {"utf-8", "utf-16", "ascii", "gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc_jp", "euc_kr", "koi8-r"}
    | {f"cp{number}" for number in range(1250, 1259)}
    | {f"iso8859-{number}" for number in range(1, 17)}
)
SEPARATORS = (",", ";", "\t", "|")


class NoSuchImport(NotFound):
    """No such import in this organisation."""


class ImportElsewhere(Conflict):
    """Another process loads this import."""


class FileTooLarge(Invalid):
    """The file has more bytes than this installation takes."""


class ImportKind(StrEnum):
    """What the rows of a file are."""

    ITEMS = "items"
    GOLD = "gold"
    SUGGESTIONS = "suggestions"
    RESPONSES = "responses"
    GOLD_RESULTS = "gold_results"


@dataclass(frozen=True)
class Options:
    """What a person said about the file. `columns` renames beyond what is proposed; "" leaves a column out."""

    encoding: str = "utf-8"
    separator: str = ","
    columns: dict[str, str] = field(default_factory=dict[str, str])
    question: str | None = None  # the question that rows mean which name none
    batch: str | None = None  # the batch for the tasks of new items

    def __post_init__(self) -> None:
        if self.separator not in SEPARATORS:
            raise Invalid("cells are separated by a comma, a semicolon, a tab or a bar")
        try:
            known = codecs.lookup(self.encoding).name.replace("utf-8-sig", "utf-8") in ENCODINGS
        except LookupError:
            known = False
        if not known:
            raise Invalid(f"{self.encoding[:40]!r} is not among the encodings: {', '.join(sorted(ENCODINGS))}")


@dataclass(frozen=True)
class Import:
    """Its counts are rows: `accepted` went in, `known` were there already, `problems` did not go in."""

    id: UUID
    project_id: UUID
    kind: ImportKind
    format: FileFormat
    options: Options
    file_name: str
    size_bytes: int
    sha256: str
    state: str = "received"  # -> loading -> loaded | failed: the file could not be read to its end
    line: int = 0  # rows up to here are dealt with
    accepted: int = 0
    known: int = 0
    problems: int = 0
    columns: dict[str, str] | None = None  # what was renamed at the door
    created_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("loaded", "failed")


@dataclass(frozen=True)
class BadLine:
    """A row that did not go in, with its line; without one, the file as a whole."""

    line: int | None
    reason: str


@dataclass
class Taken:
    """What became of one block of rows."""

    accepted: int = 0
    known: int = 0
    bad: list[BadLine] = field(default_factory=list[BadLine])

    def repeat(self, line: int, *, is_same: bool, what: str) -> None:
        """Note a row about something that is there: fine when it says the same, else for a person to decide."""
        if is_same:
            self.known += 1
        else:
            self.bad.append(BadLine(line, f"{what} is there already with other content, which stays"))


def sentence(wrong: Invalid) -> str:
    """A refusal as one sentence, with the fields it names."""
    if not wrong.problems:
        return wrong.message
    return "; ".join(_clause(problem) for problem in wrong.problems[:5])


def _clause(problem: Problem) -> str:
    return f"{problem.where} {problem.reason}" if problem.where else problem.reason


def text_of(values: dict[str, Any], name: str, *, length_max: int = 200) -> str:
    """A short text or whole number that must be there. Raises Invalid."""
    if (found := optional_text_of(values, name, length_max=length_max)) is None:
        raise Invalid("", [Problem(name, "is missing")])
    return found


def optional_text_of(values: dict[str, Any], name: str, *, length_max: int = 200) -> str | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or len(value) > length_max:
        raise Invalid("", [Problem(name, f"must be a text of at most {length_max} characters")])
    return value


def number_of(values: dict[str, Any], name: str, *, low: float, high: float) -> float | None:
    """A number, or its digits. Raises Invalid."""
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else float("nan")
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise Invalid("", [Problem(name, f"must be a number from {low:g} to {high:g}")])
    return number
