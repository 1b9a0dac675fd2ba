"""pairwise: which of two candidates, and by how much."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar, Literal

from assay.kernel import Problem
from assay.projects.fields import CandidatesField, Content, FieldBase
from assay.projects.questions.question import (
    BadValue,
    Grade,
    Json,
    Kind,
    Of,
    Question,
    candidates_fault,
    listed,
    need,
    need_keys,
)
from assay.projects.strict import Many, Title

NEITHER = ("tie", "both_bad")


class Pairwise(Question):
    """The better of two candidates by its id, whatever side it was shown on."""

    kind: ClassVar[Kind] = "categorical"
    type: Literal["pairwise"]
    of: Of
    strengths: Many[Title] = ()
    tie: bool = False
    both_bad: bool = False
    agreement: Literal["ordinal", "nominal"] = "ordinal"
    aggregate: Literal["majority", "dawid_skene"] = "majority"

    def needs(self) -> tuple[str, ...]:
        return (self.of.field,)

    def faults(self, fields: Mapping[str, FieldBase]) -> Iterator[Problem]:
        field = fields.get(self.of.field)
        if fault := candidates_fault(self.of, fields):
            yield fault
        elif isinstance(field, CandidatesField) and (field.min, field.max) != (2, 2):
            yield Problem("of.field", f"compares exactly two; give the field {field.key!r} min 2 and max 2")

    def item_faults(self, content: Content) -> Iterator[Problem]:
        if set(NEITHER) & set(content.ids(self.of.field)):
            yield Problem("item", "names a candidate 'tie' or 'both_bad', which are verdicts; give it another id")

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        need_keys(value, {"verdict"}, {"verdict", "strength"})
        verdict, strength = value["verdict"], value.get("strength")
        if verdict not in (verdicts := self.categories(content, target)):
            raise BadValue("verdict", f"must be one of {listed(verdicts)}")
        if verdict in NEITHER or not self.strengths:
            if strength is not None:
                raise BadValue("strength", "is only given with a candidate, where the question asks for it")
            return {"verdict": verdict}
        need(strength, int, f"must be a step from 1 to {len(self.strengths)}", "strength")
        if not 1 <= strength <= len(self.strengths):
            raise BadValue("strength", f"must be a step from 1 to {len(self.strengths)}")
        return {"verdict": verdict, "strength": strength}

    def is_verdict_alone(self, value: Json) -> bool:
        """Does it name a candidate without saying how much better it is, where that is asked?"""
        is_alone = isinstance(value, dict) and value.keys() == {"verdict"} and value["verdict"] not in NEITHER
        return is_alone and bool(self.strengths)

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """The same verdict is right; with a strength further off than the tolerance (default 1), partly."""
        if accepted["verdict"] != value["verdict"]:
            return Grade("wrong", 0.0)
        off = abs(accepted.get("strength", 0) - value.get("strength", 0)) if "strength" in accepted else 0
        return Grade("right", 1.0) if off <= (1 if tolerance is None else tolerance) else Grade("partly", 0.5)

    def categories(self, content: Content, target: str | None) -> list[str]:
        """The ids of the two candidates in the item's order, then the other verdicts that are offered."""
        ids = content.ids(self.of.field)
        return ids + [verdict for verdict, offered in zip(NEITHER, (self.tie, self.both_bad), strict=True) if offered]

    def label(self, value: Json) -> str:
        return value["verdict"]

    def signed(self, value: Json, content: Content) -> int:
        """Strength with the sign of the item's order: negative for its first candidate, 0 for neither."""
        if value["verdict"] in NEITHER:
            return 0
        strength = value.get("strength", 1)
        return -strength if value["verdict"] == content.ids(self.of.field)[0] else strength

    def values(self, value: Json, content: Content, shown: Mapping[str, list[str]]) -> Iterator[tuple[str, Json]]:
        yield "", value["verdict"]
        if self.strengths:
            yield ".strength", value.get("strength")
        yield ".signed", self.signed(value, content)
        yield ".first_shown", next(iter(shown.get(self.of.field, ())), None)
