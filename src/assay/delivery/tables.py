"""The tables of a release: their columns, their order and what each column means, said once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Row = Mapping[str, Any]
Kind = Literal["text", "texts", "json", "number", "whole", "flag", "time"]


@dataclass(frozen=True)
class Column:
    """One column. `json` cells are canonical JSON in a string, so that every reader sees one type."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True)
class Table:
    """A table, the columns its rows are sorted by, and how many rows are written and digested together."""

    name: str
    about: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    rows_per_group: int = 10_000

    @property
    def path(self) -> str:
        return f"data/{self.name}.parquet"

    def sort_key(self, row: Row) -> tuple[str | int, ...]:
        return tuple("" if row[name] is None else row[name] for name in self.order)


def _columns(*said: tuple[str, Kind, str]) -> tuple[Column, ...]:
    return tuple(Column(*each) for each in said)


_ITEM: tuple[tuple[str, Kind, str], ...] = (
    ("external_id", "text", "the customer's own id of the item"),
    ("item_id", "text", "our id of the item"),
)

ITEMS = Table(
    "items",
    "what was judged",
    _columns(
        *_ITEM,
        ("sha256", "text", "digest of the payload as imported"),
        ("language", "text", "BCP 47 tag, if known"),
        ("slices", "json", "named groups the item belongs to"),
        ("content_labels", "texts", "warnings about the content"),
        ("payload", "json", "the item itself, untouched"),
    ),
    ("external_id",),
    rows_per_group=1_000,
)
RESPONSES = Table(
    "responses",
    "every submitted response, not aggregated",
    _columns(
        *_ITEM,
        ("response_id", "text", "id chosen by the annotator's client"),
        ("task_id", "text", "the task it answers"),
        ("lot", "text", "the lot that delivered the task"),
        ("annotator", "text", "pseudonym made for this customer"),
        ("vendor", "text", "who supplied the annotator"),
        ("version", "text", "project version it was made under"),
        ("guideline_version", "text", "guideline the annotator read"),
        ("revises", "text", "the earlier response it replaces"),
        ("counted", "flag", "false: surplus or replaced"),
        ("outcome", "text", "quality verdict of the review"),
        ("submitted_at", "time", "when it was submitted"),
        ("active_seconds", "number", "seconds worked on it"),
        ("idle_seconds", "number", "seconds it lay open untouched"),
        ("order", "json", "the order in which things were shown"),
        ("ai_disclosure", "json", "what the annotator said about machine help"),
        ("comment", "text", "remark of the annotator"),
        ("sha256", "text", "digest of the answers as stored"),
    ),
    ("external_id", "response_id"),
)
ANSWERS = Table(
    "answers",
    "one row per answer of each response",
    _columns(
        *_ITEM,
        ("response_id", "text", "the response it belongs to"),
        ("annotator", "text", "pseudonym made for this customer"),
        ("question", "text", "key of the question"),
        ("target", "text", "the candidate, message or span asked about; null for the whole item"),
        ("value", "json", "the answer"),
        ("why", "text", "the reason given"),
        ("cites", "json", "places in the content the answer points at"),
        ("not_applicable", "flag", "the question does not apply"),
        ("cannot_assess", "flag", "the annotator could not tell"),
    ),
    ("external_id", "response_id", "question", "target"),
)
SETTLED = Table(
    "settled",
    "the answer each task ended with, and how",
    _columns(
        *_ITEM,
        ("task_id", "text", "the task it settles"),
        ("lot", "text", "the lot that delivers it"),
        ("version", "text", "project version"),
        ("question", "text", "key of the question"),
        ("target", "text", "what was asked about; null for the whole item"),
        ("value", "json", "the settled answer"),
        ("how", "text", "single, aggregated or adjudicated"),
        ("confidence", "number", "probability that it is right, by the method named; null if none was inferred"),
        ("n", "whole", "responses it rests on"),
        ("method", "text", "how it was inferred"),
        ("responses", "texts", "the responses it rests on"),
        ("settled_at", "time", "when it was settled"),
    ),
    ("external_id", "task_id", "question", "target"),
)
REVIEWS = Table(
    "reviews",
    "second looks at single responses",
    _columns(
        *_ITEM,
        ("response_id", "text", "the response reviewed"),
        ("review_id", "text", "id of the review"),
        ("reviewer", "text", "pseudonym made for this customer"),
        ("layer", "whole", "1 for the first review"),
        ("verdict", "text", "approved, corrected, returned or not usable"),
        ("notes", "json", "notes, per criterion where there are criteria"),
        ("corrected", "json", "the answers after correction"),
        ("tags", "texts", "kinds of error found"),
        ("finalised_at", "time", "when it was finished"),
    ),
    ("external_id", "response_id", "review_id"),
)
ADJUDICATIONS = Table(
    "adjudications",
    "responses that differed, settled by an expert",
    _columns(
        *_ITEM,
        ("task_id", "text", "the task settled"),
        ("adjudication_id", "text", "id of the adjudication"),
        ("adjudicator", "text", "pseudonym made for this customer"),
        ("answers", "json", "the answers settled on"),
        ("causes", "json", "why the responses differed, per response"),
        ("feedback", "text", "what was told to the annotators"),
        ("settled_at", "time", "when it was settled"),
    ),
    ("external_id", "task_id", "adjudication_id"),
)
ANNOTATORS = Table(
    "annotators",
    "who answered, under pseudonyms that no other customer sees",
    _columns(
        ("annotator", "text", "pseudonym made for this customer"),
        ("vendor", "text", "who supplied the annotator"),
        ("languages", "texts", "languages they work in"),
        ("qualifications", "texts", "qualifications held, as kind:level"),
        ("country", "text", "only with consent, else null"),
    ),
    ("annotator",),
)
CHECKS = Table(
    "checks",
    "the inspected sample: each check of each lot, in the order drawn",
    _columns(
        ("lot", "text", "the lot inspected"),
        ("position", "whole", "place in the drawn sample, from 1"),
        *_ITEM,
        ("task_id", "text", "the task inspected"),
        ("auditor", "text", "pseudonym made for this customer"),
        ("verdict", "text", "conforming, nonconforming or unclear (counted as nonconforming)"),
        ("severity", "text", "minor, major or critical; null when conforming"),
        ("answers", "json", "the auditor's own blind answer"),
        ("judged_at", "time", "when it was judged"),
    ),
    ("lot", "position"),
)
TABLES = (ITEMS, RESPONSES, ANSWERS, SETTLED, REVIEWS, ADJUDICATIONS, ANNOTATORS, CHECKS)
