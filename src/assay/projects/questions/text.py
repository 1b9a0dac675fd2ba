"""text: a short answer, a demonstration, or the edit of a draft. Stored exactly as typed."""

import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from assay.kernel import Problem
from assay.projects import wellformed
from assay.projects.fields import Content, FieldBase
from assay.projects.questions import edit, pattern
from assay.projects.questions.question import BadValue, Grade, Json, Kind, Of, Question, has_parts, need, need_keys
from assay.projects.strict import Many, Strict


class Length(Strict):
    """In Unicode code points."""

    min: int = Field(default=0, ge=0, le=wellformed.TEXT_MAX)
    max: int = Field(default=wellformed.TEXT_MAX, ge=1, le=wellformed.TEXT_MAX)

    @model_validator(mode="after")
    def _range(self) -> "Length":
        if self.min > self.max:
            raise ValueError(f"min {self.min} must not be more than max {self.max}")
        return self


class Text(Question):
    """Free text. With a `base` the value also says which draft it began from and whether it was left unchanged."""

    kind: ClassVar[Kind] = "text"
    type: Literal["text"]
    format: Literal["line", "plain", "markdown", "code"] = "plain"
    length: Length = Length()
    pattern: str | None = None
    base: Of | None = None
    checks: Many[Literal["links", "latex"]] = ()
    fold: Many[Literal["case", "spaces", "nfc"]] = ("case", "spaces", "nfc")
    agreement: Literal["nominal"] | None = None
    aggregate: Literal["majority"] | None = None

    @model_validator(mode="after")
    def _line(self) -> "Text":
        if self.pattern is not None and self.format != "line":
            raise ValueError("pattern: only a text of format line can have one")
        if self.pattern is not None and (reason := pattern.fault(self.pattern)):
            raise ValueError(f"pattern: {reason}")
        if (self.agreement or self.aggregate) and self.format != "line":
            raise ValueError("agreement and aggregate: free text has none; only format line can be compared")
        return self

    def needs(self) -> tuple[str, ...]:
        return (self.base.field,) if self.base else ()

    def faults(self, fields: Mapping[str, FieldBase]) -> Iterator[Problem]:
        if self.base and self.base.field not in fields:
            yield Problem("base.field", f"{self.base.field!r} is not a field of this project")
        elif (
            self.base and not has_parts(fields[self.base.field]) and self.about and self.about.field == self.base.field
        ):
            yield Problem("base.field", "has no parts to ask about one by one")

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        if self.base is None:
            need(value, str, "must be text")
            self._check(value, "")
            return value
        need_keys(value, {"text"}, {"text", "base", "unchanged"})
        text, start, unchanged = value["text"], value.get("base"), value.get("unchanged", False)
        need(text, str, "must be text", "text")
        need(start, (str, type(None)), "must be the id of a part, or null", "base")
        need(unchanged, bool, "must be true or false", "unchanged")
        self._check(text, "text")
        drafts = content.texts(self.base.field)
        if start not in drafts or (start != target and target in drafts):
            raise BadValue(
                "base", f"must be a part of {self.base.field!r} in this item" + (" or null" if None in drafts else "")
            )
        is_same = as_lines(text) == as_lines(drafts[start])
        if is_same != unchanged:
            what = "the text is that of the draft" if is_same else "the text differs from the draft"
            raise BadValue("unchanged", f"must be {str(is_same).lower()}: {what}")
        return {"text": text, "base": start, "unchanged": unchanged}

    def _check(self, text: str, where: str) -> None:
        if not self.length.min <= len(text) <= self.length.max:
            raise BadValue(where, f"has {len(text)} characters; {self.length.min} to {self.length.max} are asked for")
        if self.format == "line" and ("\n" in text or "\r" in text):
            raise BadValue(where, "must be a single line")
        if self.pattern is not None and not pattern.matches(self.pattern, text):
            raise BadValue(where, f"must match {self.pattern} in at most {pattern.TEXT_MAX} characters")

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """A line is right when it equals an accepted one after folding. Other text is not graded like this."""
        return Grade("right", 1.0) if self.label(accepted) == self.label(value) else Grade("wrong", 0.0)

    def label(self, value: Json) -> str:
        """The text after the declared folding, by which lines are compared."""
        text = value["text"] if isinstance(value, dict) else value
        if "nfc" in self.fold:
            text = unicodedata.normalize("NFC", text)
        if "case" in self.fold:
            text = text.casefold()
        return " ".join(text.split()) if "spaces" in self.fold else text

    def values(self, value: Json, content: Content, shown: object) -> Iterator[tuple[str, Json]]:
        if self.base is None:
            yield "", value
            return
        steps = edit.diff(content.texts(self.base.field).get(value["base"], ""), value["text"])
        yield "", value["text"]
        yield ".base", value["base"]
        yield ".diff", [list(step) for step in steps]
        yield ".edit_distance", edit.distance(steps)
        yield ".unchanged", value["unchanged"]


def as_lines(text: str) -> str:
    return text.replace("\r\n", "\n")
