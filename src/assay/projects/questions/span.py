"""span: marked stretches of text, in Unicode code points of the text exactly as it was imported."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from assay.kernel import Problem
from assay.projects.fields import CandidatesField, Content, FieldBase
from assay.projects.questions.choice import Option
from assay.projects.questions.question import (
    About,
    BadValue,
    Grade,
    Json,
    Kind,
    Of,
    Question,
    has_parts,
    listed,
    need,
    need_keys,
)
from assay.projects.strict import Many

PARTLY = 0.7
KEYS = {"id", "label", "start", "end", "quote"}


class Span(Question):
    """Stretches of the text of a field; of candidates and messages, one answer for each."""

    kind: ClassVar[Kind] = "spans"
    type: Literal["span"]
    of: Of
    labels: Many[Option]
    overlap: bool = False
    snap: Literal["none", "word"] = "none"
    min: int = Field(default=0, ge=0)
    agreement: Literal["span_f1"] = "span_f1"
    aggregate: Literal["majority"] = "majority"

    @model_validator(mode="after")
    def _labels(self) -> "Span":
        ids = [label.id for label in self.labels]
        if not ids or len(set(ids)) < len(ids):
            raise ValueError("labels: one or more with different ids are needed")
        if self.about is not None and self.about.field != self.of.field:
            raise ValueError("about: a span question is asked about the field it marks")
        return self

    def needs(self) -> tuple[str, ...]:
        return (self.of.field,)

    def faults(self, fields: Mapping[str, FieldBase]) -> Iterator[Problem]:
        if self.of.field not in fields:
            yield Problem("of.field", f"{self.of.field!r} is not a field of this project")
        elif self.about and not has_parts(fields[self.of.field]):
            yield Problem("about.field", "has no parts to ask about one by one")

    def item_faults(self, content: Content) -> Iterator[Problem]:
        if isinstance(content.fields.get(self.of.field), CandidatesField):
            for i, candidate in enumerate(content.value(self.of.field) or ()):
                if "text" not in candidate:
                    yield Problem(f"{content.fields[self.of.field].from_}[{i}]", "has no text to mark")

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        need(value, list, "must be a list of spans")
        if len(value) < self.min:
            raise BadValue("", f"has {len(value)} spans; at least {self.min} are asked for")
        text = content.texts(self.of.field)[target]
        spans = [self._read_one(span, text, f"[{i}]") for i, span in enumerate(value)]
        if len({span["id"] for span in spans}) < len(spans):
            raise BadValue("", "has two spans of the same id")
        spans.sort(key=lambda span: (span["start"], span["end"], span["label"], span["id"]))
        if not self.overlap:
            for one, other in pairwise(spans):
                if other["start"] < one["end"]:
                    raise BadValue("", f"the spans {one['id']!r} and {other['id']!r} overlap, which is not asked for")
        return spans

    def _read_one(self, span: Json, text: str, where: str) -> dict[str, Any]:
        need_keys(span, KEYS, KEYS, where)
        need(span["id"], str, "must be text", f"{where}.id")
        if not 0 < len(span["id"]) <= 120:
            raise BadValue(f"{where}.id", "must be a short text")
        if span["label"] not in (ids := [label.id for label in self.labels]):
            raise BadValue(f"{where}.label", f"must be one of {listed(ids)}")
        check_slice(span, text, where)
        return {key: span[key] for key in ("id", "label", "start", "end", "quote")}

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """F1 of spans matched one to one by label and place: 1 is right, 0.7 partly.

        The tolerance is the share of the union that two matched spans need not have in common (default 0: exact).
        """
        score = f1(accepted, value, common_min=1 - float(tolerance or 0))
        return Grade("right" if score == 1 else "partly" if score >= PARTLY else "wrong", score)

    def categories(self, content: Content, target: str | None) -> list[str]:
        return [label.id for label in self.labels]


def implied_about(question: Question, fields: Mapping[str, FieldBase]) -> About | None:
    """A span question of candidates or messages is asked once for each, said or not."""
    if isinstance(question, Span) and question.about is None and has_parts(fields.get(question.of.field)):
        return About(field=question.of.field, each=True)
    return question.about


def check_slice(address: Mapping[str, Any], text: str, where: str) -> None:
    """0 ≤ start < end ≤ length, and the quote is that slice. Raises BadValue."""
    start, end = address["start"], address["end"]
    need(start, int, "must be a whole number", f"{where}.start")
    need(end, int, "must be a whole number", f"{where}.end")
    if not 0 <= start < end:
        raise BadValue(f"{where}.start", f"{start} must be 0 or more and lie before the end {end}")
    if end > len(text):
        raise BadValue(f"{where}.end", f"{end} lies beyond the text, which has {len(text)} code points")
    if address["quote"] != text[start:end]:
        raise BadValue(
            f"{where}.quote", f"must be the text from {start} to {end} in code points, {text[start:end][:80]!r}"
        )


def f1(gold: list[dict[str, Any]], said: list[dict[str, Any]], *, common_min: float) -> float:
    """Matched pairs, greedily by what they share, against the spans of both. Two empty lists agree."""
    if not gold and not said:
        return 1.0
    shares = sorted(
        ((in_common(a, b), i, j) for i, a in enumerate(gold) for j, b in enumerate(said) if a["label"] == b["label"]),
        key=lambda pair: (-pair[0], pair[1:]),
    )
    left: set[int] = set()
    right: set[int] = set()
    for share, i, j in shares:
        if share >= max(common_min, 1e-9) and i not in left and j not in right:
            left.add(i)
            right.add(j)
    return 2 * len(left) / (len(gold) + len(said))


def in_common(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Intersection over union of two stretches."""
    both = min(a["end"], b["end"]) - max(a["start"], b["start"])
    return max(both, 0) / (a["end"] - a["start"] + b["end"] - b["start"] - max(both, 0))
