"""What all questions share: their keys, the rules about targets and reasons, and how an answer is graded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from assay.kernel import Problem
from assay.projects.fields import CandidatesField, Content, ConversationField, FieldBase, Role
from assay.projects.questions.condition import Comparison, Condition, as_number
from assay.projects.strict import Key, Strict, Title

Kind = Literal["categorical", "multilabel", "numeric", "ranking", "spans", "text"]
Verdict = Literal["right", "partly", "wrong"]
Json = Any


class BadValue(Exception):
    """An answer's value cannot be taken: where inside the value, and what would be right."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(reason)
        self.where = where
        self.reason = reason


@dataclass(frozen=True)
class Grade:
    """An answer against gold. The score lies in 0..1."""

    verdict: Verdict
    score: float


class About(Strict):
    """What a question is asked about, once for each: the parts of a field, or what was drawn in another question."""

    field: Key | None = None
    question: Key | None = None
    each: Literal[True]
    role: Role | None = None

    @model_validator(mode="after")
    def _form(self) -> "About":
        if (self.field is None) == (self.question is None):
            raise ValueError("about names either a field or a question")
        return self


class RequiredIf(Strict):
    """A reason is asked for when the answer is so."""

    required_if: Comparison


class Of(Strict):
    """The field that a question works on."""

    field: Key


Why = Annotated[
    Annotated[Literal["off", "optional", "required"], Tag("~word")] | Annotated[RequiredIf, Tag("~condition")],
    Discriminator(lambda value: "~condition" if isinstance(value, dict | RequiredIf) else "~word"),
]


class Question(Strict):
    """One thing asked. A type of question adds its own keys, reads values of its own form, and grades them."""

    kind: ClassVar[Kind]  # how its answers are put together

    key: Key
    title: Title
    help: str = Field(default="", max_length=20_000)
    about: About | None = None
    required: bool = True
    not_applicable: bool = False
    cannot_assess: bool = False
    why: Why = "off"
    when: Condition | None = None
    domain: str | None = Field(default=None, min_length=1, max_length=100)

    @property
    def skill(self) -> str:
        """What the answers are evidence for."""
        return self.domain or str(getattr(self, "type"))  # noqa: B009 (each type declares its own)

    def looks_at(self) -> Iterator[str]:
        """The questions whose answers must be known first."""
        if self.when:
            yield from self.when.questions()
        if self.about and self.about.question:
            yield self.about.question

    def needs(self) -> tuple[str, ...]:
        """The fields without which it cannot be asked about an item."""
        return ()

    def faults(self, fields: Mapping[str, FieldBase]) -> Iterator[Problem]:
        """What does not fit together with the fields."""
        yield from ()

    def item_faults(self, content: Content) -> Iterator[Problem]:
        """What keeps this question from being asked about an item."""
        yield from ()

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        """The value in the form in which it is stored. Raises BadValue."""
        raise NotImplementedError

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """Grade against one accepted value."""
        raise NotImplementedError

    def grade(self, accepted: Mapping[str, Json], value: Json) -> Grade:
        """Grade against gold, `{"accept": [...], "tolerance": ...}`: the best over all accepted values.

        A reply without a value (not applicable, cannot assess) is right only where null is accepted.
        """
        tolerance = as_number(accepted.get("tolerance"))
        grades = [
            (Grade("right", 1.0) if value is one else Grade("wrong", 0.0))
            if value is None or one is None
            else self.compare(one, value, tolerance=tolerance)
            for one in accepted["accept"]
        ]
        return max(grades, key=lambda grade: (RANK[grade.verdict], grade.score))

    def categories(self, content: Content, target: str | None) -> list[str]:
        """The closed list of labels of a categorical or multilabel question; empty for others."""
        return []

    def label(self, value: Json) -> str:
        """The category that one value stands for."""
        return str(value)

    def values(self, value: Json, content: Content, shown: Mapping[str, list[str]]) -> Iterator[tuple[str, Json]]:
        """The cells of the wide export: what follows the key in the column's name, and the cell."""
        yield "", value

    def columns(
        self, answer: Mapping[str, Json], content: Content, *, shown: Mapping[str, list[str]] | None = None
    ) -> dict[str, Json]:
        """One answer as columns of the wide export. `shown` is the order of the candidates on screen, by field."""
        stem = self.key if answer["target"] is None else f"{self.key}.{answer['target']}"
        cells: dict[str, Json] = {stem: None}
        if answer["value"] is not None:
            cells = {f"{stem}{tail}": cell for tail, cell in self.values(answer["value"], content, shown or {})}
        if self.why != "off":
            cells[f"{stem}.why"] = answer["why"]
        if self.not_applicable or self.cannot_assess:
            missing = [flag for flag in ("not_applicable", "cannot_assess") if answer[flag]]
            cells[f"{stem}.missing"] = missing[0] if missing else None
        return cells


RANK = {"wrong": 0, "partly": 1, "right": 2}


def within(accepted: Json, value: Json, tolerance: Decimal) -> bool:
    """Are two numbers no further apart than the tolerance?"""
    a, b = as_number(accepted), as_number(value)
    return a is not None and b is not None and abs(a - b) <= tolerance


def need(value: Json, form: type | tuple[type, ...], reason: str, where: str = "") -> None:
    """Refuse a value of another form; true and false are no numbers."""
    if not isinstance(value, form) or (isinstance(value, bool) and form is int):
        raise BadValue(where, reason)


def need_keys(value: Json, needed: set[str], allowed: set[str], where: str = "") -> None:
    """Refuse an object that lacks a key or has one too many."""
    need(value, dict, f"must be an object with {', '.join(sorted(needed))}", where)
    for key in sorted(needed - value.keys()):
        raise BadValue(joined(where, key), "is missing")
    for key in sorted(value.keys() - allowed):
        raise BadValue(joined(where, key), "is not a known key here")


def listed(ids: list[str]) -> str:
    """Ids as a sentence names them, without naming a thousand."""
    return ", ".join(ids[:20]) + (f" … ({len(ids)} in all)" if len(ids) > 20 else "")


def joined(where: str, step: str) -> str:
    return f"{where}.{step}" if where else step


def candidates_fault(of: Of, fields: Mapping[str, FieldBase]) -> Problem | None:
    if isinstance(fields.get(of.field), CandidatesField):
        return None
    return Problem("of.field", f"{of.field!r} is not a field of type candidates")


def has_parts(field: FieldBase | None) -> bool:
    return isinstance(field, CandidatesField | ConversationField)
