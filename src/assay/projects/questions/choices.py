"""choices: several of several options."""

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from assay.kernel import Problem
from assay.projects.fields import Content
from assay.projects.questions.choice import Option, check_options, option_faults, option_ids
from assay.projects.questions.question import BadValue, Grade, Json, Kind, Question, listed, need
from assay.projects.strict import Many, Path


class SeveralOption(Option):
    """An option that may exclude all others, such as "none of these"."""

    exclusive: bool = False


class Choices(Question):
    """Several of several."""

    kind: ClassVar[Kind] = "multilabel"
    type: Literal["choices"]
    options: Many[SeveralOption] | None = None
    options_from: Path | None = None
    min: int = Field(default=0, ge=0)
    max: int | None = Field(default=None, ge=1)
    agreement: Literal["jaccard", "nominal"] = "jaccard"
    aggregate: Literal["dawid_skene", "majority"] = "dawid_skene"

    @model_validator(mode="after")
    def _options(self) -> "Choices":
        check_options(self.options, self.options_from)
        if self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} must not be more than max {self.max}")
        if self.options is not None and self.min > len(self.options):
            raise ValueError(f"min {self.min} is more than there are options")
        return self

    def item_faults(self, content: Content) -> Iterator[Problem]:
        yield from option_faults(self.options_from, content)

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        need(value, list, "must be a list of option ids")
        ids = self.categories(content, target)
        for i, one in enumerate(value):
            if one not in ids:
                raise BadValue(f"[{i}]", f"must be one of {listed(ids)}")
            if one in value[:i]:
                raise BadValue(f"[{i}]", f"{one!r} stands twice")
            if one in self.exclusive and len(value) > 1:
                raise BadValue(f"[{i}]", f"{one!r} stands alone or not at all")
        if len(value) < self.min and not self.exclusive & set(value):
            raise BadValue("", f"has {len(value)} options; at least {self.min} are asked for")
        if self.max is not None and len(value) > self.max:
            raise BadValue("", f"has {len(value)} options; at most {self.max} are asked for")
        return sorted(value)

    @property
    def exclusive(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options or () if option.exclusive)

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """The same set is right; half of the union in common (Jaccard) is partly right."""
        both, either = set(accepted) & set(value), set(accepted) | set(value)
        score = len(both) / len(either) if either else 1.0
        return Grade("right" if score == 1 else "partly" if score >= 0.5 else "wrong", score)

    def categories(self, content: Content, target: str | None) -> list[str]:
        return option_ids(self.options, self.options_from, content)

    def label(self, value: Json) -> str:
        return "|".join(value)

    def values(self, value: Json, content: Content, shown: object) -> Iterator[tuple[str, Json]]:
        yield "", value
        for id in self.categories(content, None):
            yield f".{id}", int(id in value)
