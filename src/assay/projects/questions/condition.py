"""Conditions on answers: when a question is asked, and when its reason must be given. Pure, and total.

A comparison with an answer that is not there (not asked, left out, not answerable) is false, whatever the operator.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from assay.projects.strict import Key, Many, Strict

Scalar = str | int | float | bool
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains"]
Dotted = Annotated[str, Field(min_length=1, max_length=200)]
NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)


class Comparison(Strict):
    """A test of one value; `path` reaches inside it."""

    path: Dotted | None = None
    op: Operator
    value: Any

    @model_validator(mode="after")
    def _form(self) -> "Comparison":
        if not all(isinstance(v, Scalar) for v in (self.value if isinstance(self.value, list) else [self.value])):
            raise ValueError("the value of a condition is text, a number, true or false, or a list of these")
        if (self.op == "in") != isinstance(self.value, list):
            raise ValueError("'in' compares with a list, and every other operator with one value")
        return self

    def holds(self, answer: Any) -> bool:
        return answer is not None and compare(self.op, inside(answer, self.path), self.value)


class Condition(Strict):
    """One comparison with the answer to another question, or `all`, `any` or `not` of further conditions."""

    question: Key | None = None
    path: Dotted | None = None
    op: Operator | None = None
    value: Any = None
    all: "Many[Condition] | None" = None
    any: "Many[Condition] | None" = None
    not_: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _form(self) -> "Condition":
        forms = [self.question, self.all or None, self.any or None, self.not_]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("a condition has exactly one of question, all, any and not")
        if (self.question is None) != (self.op is None):
            raise ValueError("a condition on a question has an op and a value, and only such a one")
        if self.op is not None:
            Comparison(path=self.path, op=self.op, value=self.value)
        return self

    def questions(self) -> Iterator[str]:
        """The keys of all questions it looks at."""
        if self.question is not None:
            yield self.question
        for inner in (*(self.all or ()), *(self.any or ()), *([self.not_] if self.not_ else ())):
            yield from inner.questions()

    def holds(self, answer_to: Callable[[str], Any]) -> bool:
        if self.all:
            return all(inner.holds(answer_to) for inner in self.all)
        if self.any:
            return any(inner.holds(answer_to) for inner in self.any)
        if self.not_:
            return not self.not_.holds(answer_to)
        assert self.question is not None
        assert self.op is not None
        return Comparison(path=self.path, op=self.op, value=self.value).holds(answer_to(self.question))


def inside(value: Any, path: str | None) -> Any:
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value


def compare(op: str, left: Any, right: Any) -> bool:
    if left is None:
        return False
    if op in ("=", "!="):
        return is_same(left, right) == (op == "=")
    if op == "in":
        return any(is_same(left, one) for one in right)
    if op == "contains":
        return isinstance(left, list) and any(is_same(one, right) for one in left)
    a, b = as_number(left), as_number(right)
    if a is None or b is None:
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def is_same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    a, b = as_number(left), as_number(right)
    return a == b if a is not None and b is not None else left == right


def as_number(value: Any) -> Decimal | None:
    """A number, also one written as a decimal string."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(str(value))
    return Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None
