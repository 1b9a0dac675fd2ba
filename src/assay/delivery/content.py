"""What a release is made of: the rows, the words and the numbers that the writer turns into files. Pure values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from assay.delivery.tables import Row

Json = Mapping[str, Any]
Pairs = Literal["all", "neighbours", "best_worst"]


@dataclass(frozen=True)
class Licence:
    """The terms of the data: an id that dataset cards know ("cc-by-4.0", "other") and the text itself."""

    id: str
    text: str


@dataclass(frozen=True)
class Head:
    """What the cover of a release says."""

    id: str
    name: str  # short, fit for a folder
    title: str
    version: str
    description: str
    organisation: str
    languages: tuple[str, ...]
    released_at: datetime
    licence: Licence
    replaces: str | None = None
    use_cases: str | None = None  # the last two are written by a person
    social_impact: str | None = None


@dataclass(frozen=True)
class Version:
    """One project version that responses were made under: its fields and questions, and its guideline."""

    version: str
    definition: Json  # {"fields": [...], "questions": [...]}
    guideline_version: str
    guideline: str  # markdown


@dataclass(frozen=True)
class LotContent:
    """A lot as delivered: how its tasks were chosen, how it was inspected, and its certificate."""

    id: str
    rule: str
    tasks: int
    sample: Json  # design, method, seed, n
    certificate: Json


@dataclass(frozen=True)
class LeftOut:
    """Something a reader could expect and will not find, and why."""

    what: str
    why: str
    count: int

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what, "why": self.why, "count": self.count}


@dataclass(frozen=True)
class Training:
    """How the trainer files are made; repeated in the manifest."""

    pairs: Pairs = "all"  # which pairs of a ranking
    demonstrations: tuple[str, ...] | None = (
        None  # text questions to learn from; None: those edited or in markdown or code
    )
    test_share: float = 0.1  # of the items, by the hash of the external id
    bare: bool = False  # leave the extra columns out

    def as_json(self) -> dict[str, Any]:
        demonstrations = None if self.demonstrations is None else list(self.demonstrations)
        return {
            "pairs": self.pairs,
            "demonstrations": demonstrations,
            "test_share": self.test_share,
            "bare": self.bare,
            "split": "by item: sha256 of the external id",
            "weight": "1 / pairs of the item",
            "margin": "pairwise: strength, or 1; signed rating: distance from 0; ranking: tiers between; edit: 1",
        }


@dataclass(frozen=True)
class ReleaseContent:
    """Everything of one release. Rows come sorted as `tables` says and are read once, table after table."""

    head: Head
    versions: tuple[Version, ...]
    lots: tuple[LotContent, ...]
    items: Iterable[Row]
    responses: Iterable[Row]
    answers: Iterable[Row]
    settled: Iterable[Row]
    reviews: Iterable[Row] = ()
    adjudications: Iterable[Row] = ()
    annotators: Iterable[Row] = ()
    checks: Iterable[Row] = ()
    quality: Json = field(default_factory=dict)
    consent: Json = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    training: Training = field(default_factory=Training)
    sheets: tuple[str, ...] = ()  # tables to add as CSV for spreadsheets

    def rows_of(self, table: str) -> Iterable[Row]:
        return getattr(self, table)
