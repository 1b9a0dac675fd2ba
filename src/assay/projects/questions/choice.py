"""choice: one of several options."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from assay.kernel import Problem
from assay.projects.fields import Content, at
from assay.projects.questions.question import BadValue, Grade, Json, Kind, Question, listed
from assay.projects.strict import Id, Many, Path, Strict, Title


class Option(Strict):
    """One possible answer. Its id never changes meaning; its title may be made clearer."""

    id: Id
    title: Title | None = None
    help: str = Field(default="", max_length=20_000)


class Choice(Question):
    """One of several."""

    kind: ClassVar[Kind] = "categorical"
    type: Literal["choice"]
    options: Many[Option] | None = None
    options_from: Path | None = None
    layout: Literal["radio", "buttons", "menu"] | None = None
    agreement: Literal["nominal"] = "nominal"
    aggregate: Literal["dawid_skene", "majority"] = "dawid_skene"

    @model_validator(mode="after")
    def _options(self) -> "Choice":
        check_options(self.options, self.options_from)
        return self

    def item_faults(self, content: Content) -> Iterator[Problem]:
        yield from option_faults(self.options_from, content)

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        if value not in (ids := self.categories(content, target)):
            raise BadValue("", f"must be one of {listed(ids)}")
        return value

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        return Grade("right", 1.0) if value == accepted else Grade("wrong", 0.0)

    def categories(self, content: Content, target: str | None) -> list[str]:
        return option_ids(self.options, self.options_from, content)


def check_options(options: tuple[Any, ...] | None, options_from: str | None) -> None:
    if (options is None) == (options_from is None):
        raise ValueError("has either options or options_from")
    if options is not None:
        ids = [option.id for option in options]
        if not 2 <= len(ids) <= 1_000:
            raise ValueError("options: 2 to 1,000 are needed")
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise ValueError(f"options: the id {twice!r} stands twice")


def option_ids(options: tuple[Any, ...] | None, options_from: str | None, content: Content) -> list[str]:
    """The ids of the definition, or of the item where options differ by item (texts, or objects with an id)."""
    if options is not None:
        return [option.id for option in options]
    found = at(content.payload, options_from or "item")
    return [one["id"] if isinstance(one, dict) else one for one in found or ()]


def option_faults(options_from: str | None, content: Content) -> Iterator[Problem]:
    """Do the options that an item brings along make a list of distinct ids?"""
    if options_from is None:
        return
    found = at(content.payload, options_from)
    ids = [one.get("id") if isinstance(one, dict) else one for one in found] if isinstance(found, list) else []
    if not ids or not all(isinstance(id, str) and 0 < len(id) <= 120 and "|" not in id for id in ids):
        yield Problem(options_from, "must be a list of options: short texts without |, or objects with such an id")
    elif len(set(ids)) != len(ids):
        yield Problem(options_from, "names an option twice")
