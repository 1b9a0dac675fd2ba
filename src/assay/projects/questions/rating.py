"""rating: a step on an anchored scale; signed when it lies between two candidates."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, field_serializer, model_validator

from assay.kernel import Problem
from assay.projects.fields import CandidatesField, Content, FieldBase
from assay.projects.questions.question import BadValue, Grade, Json, Kind, Question, need, within
from assay.projects.strict import Id, Many, Strict

STEPS_MAX = 101


class Scale(Strict):
    """Whole steps from min to max. With `between`, a negative step is for the first id, a positive for the second."""

    min: int
    max: int
    anchors: dict[str, str] = Field(default_factory=dict)
    between: Many[Id] | None = None

    @field_serializer("anchors")
    def _in_order(self, anchors: dict[str, str]) -> dict[str, str]:
        return dict(sorted(anchors.items(), key=lambda anchor: int(anchor[0])))

    @model_validator(mode="after")
    def _range(self) -> "Scale":
        if not 1 <= self.max - self.min < STEPS_MAX:
            raise ValueError(f"min {self.min} to max {self.max}: a scale has 2 to {STEPS_MAX} steps, from low to high")
        for step in self.anchors:
            if step not in map(str, range(self.min, self.max + 1)):
                raise ValueError(f"anchors: {step!r} is no step of the scale")
        if self.between is not None and (len(set(self.between)) != 2 or len(self.between) != 2):
            raise ValueError("between: names two different candidates")
        if self.between is not None and self.min != -self.max:
            raise ValueError("between: the scale must reach as far to one side as to the other, such as -3 to 3")
        return self


class Rating(Question):
    """A step on a scale. Whatever side a candidate was shown on, the stored sign is that of the ids."""

    kind: ClassVar[Kind] = "numeric"
    type: Literal["rating"]
    scale: Scale
    kind_of_scale: Literal["ordinal", "interval"] = Field(default="ordinal", alias="kind")
    agreement: Literal["ordinal", "interval", "nominal"] = Field(
        default_factory=lambda data: data.get("kind_of_scale", "ordinal")
    )
    aggregate: Literal["mean", "median"] = "mean"

    def faults(self, fields: Mapping[str, FieldBase]) -> Iterator[Problem]:
        if self.scale.between and not any(isinstance(field, CandidatesField) for field in fields.values()):
            yield Problem("scale.between", "compares candidates, but no field of type candidates shows any")

    def item_faults(self, content: Content) -> Iterator[Problem]:
        if not self.scale.between:
            return
        shown = {id for key, f in content.fields.items() if isinstance(f, CandidatesField) for id in content.ids(key)}
        for id in self.scale.between:
            if id not in shown:
                yield Problem("item", f"has no candidate {id!r}, which the question {self.key!r} compares")

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        need(value, int, "must be a whole step")
        if not self.scale.min <= value <= self.scale.max:
            raise BadValue("", f"must lie between {self.scale.min} and {self.scale.max}")
        return value

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """Within the tolerance is right, one step further partly."""
        limit = tolerance or Decimal(0)
        if within(accepted, value, limit):
            return Grade("right", 1.0)
        return Grade("partly", 0.5) if within(accepted, value, limit + 1) else Grade("wrong", 0.0)
