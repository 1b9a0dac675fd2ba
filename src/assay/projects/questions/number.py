"""number: a decimal number, kept as the digits that were typed and never as a binary float."""

import math
import re
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from assay.projects.fields import Content
from assay.projects.questions.condition import as_number
from assay.projects.questions.question import BadValue, Grade, Json, Kind, Question, within

DIGITS_MAX = 40
FORM = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)


def _limit(value: int | float | str) -> int | float | str:
    if as_number(value) is None:
        raise ValueError("must be a number, or text such as '0.50'")
    return value


Limit = Annotated[int | float | str, AfterValidator(_limit)]


class Number(Question):
    """A number. JSON numbers are taken too and stored as their decimal text."""

    kind: ClassVar[Kind] = "numeric"
    type: Literal["number"]
    unit: str | None = Field(default=None, max_length=40)
    min: Limit | None = None
    max: Limit | None = None
    decimals: int | None = Field(default=None, ge=0, le=20)
    kind_of_scale: Literal["interval", "ratio"] = Field(default="interval", alias="kind")
    agreement: Literal["interval"] = "interval"
    aggregate: Literal["median", "mean"] = "median"

    @model_validator(mode="after")
    def _range(self) -> "Number":
        low, high = as_number(self.min), as_number(self.max)
        if low is not None and high is not None and low > high:
            raise ValueError(f"min {self.min} must not be more than max {self.max}")
        return self

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        text = decimal_text(value)
        number = Decimal(text)
        low, high = as_number(self.min), as_number(self.max)
        if low is not None and number < low:
            raise BadValue("", f"must be at least {self.min}")
        if high is not None and number > high:
            raise BadValue("", f"must be at most {self.max}")
        if self.decimals is not None and len(text.partition(".")[2].rstrip("0")) > self.decimals:
            raise BadValue("", f"must have at most {self.decimals} decimals")
        return text

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """Right within the tolerance (default: equal)."""
        return Grade("right", 1.0) if within(accepted, value, tolerance or Decimal(0)) else Grade("wrong", 0.0)


def decimal_text(value: Json) -> str:
    """The number with a point and without exponent. Raises BadValue."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadValue("", "must be a number, or its digits as text such as '1234.50'")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValue("", "must be a finite number")
    text = value if isinstance(value, str) else f"{Decimal(repr(value)):f}"
    if len(text) > DIGITS_MAX or not FORM.fullmatch(text):
        raise BadValue("", f"must be written in at most {DIGITS_MAX} digits with a point, such as '1234.50'")
    return text.removeprefix("-") if not Decimal(text) else text
