"""What a project shows and asks: fields and questions, and whether they fit together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

from pydantic import ValidationError

from assay.kernel import Invalid, Problem
from assay.projects import wellformed
from assay.projects.fields import Content, ConversationField, Field, Payload, put
from assay.projects.questions import AnyOf, AnyQuestion, Choice, Choices, Span
from assay.projects.questions.question import About, has_parts
from assay.projects.questions.span import implied_about
from assay.projects.strict import Many, Strict, problems_of


class InvalidDefinition(Invalid):
    """The fields and questions cannot be used as they are written."""


class Definition(Strict):
    """Fields and questions. Get one by `parse_definition`, which also checks that they fit together."""

    fields: Many[Field]
    questions: Many[AnyQuestion]

    @cached_property
    def by_key(self) -> dict[str, AnyOf]:
        return {question.key: question for question in self.questions}

    def question(self, key: str) -> AnyOf:
        """The question of that key; KeyError if there is none."""
        return self.by_key[key]

    @cached_property
    def fields_by_key(self) -> dict[str, Field]:
        return {field.key: field for field in self.fields}

    @cached_property
    def in_order(self) -> tuple[AnyOf, ...]:
        """The questions, each after those it depends on."""
        graph = {question.key: [*question.looks_at()] for question in self.questions}
        return tuple(self.by_key[key] for key in TopologicalSorter(graph).static_order())

    def about(self, key: str) -> About | None:
        """What a question is asked about, once each; None for the whole item."""
        return implied_about(self.by_key[key], self.fields_by_key)

    def content(self, payload: Payload) -> Content:
        return Content(self.fields_by_key, payload)

    def faults(self) -> Iterator[Problem]:
        """Whatever does not fit together."""
        for name, keys in ("fields", [f.key for f in self.fields]), ("questions", [q.key for q in self.questions]):
            yield from (Problem(name, f"use the key {key!r} twice") for key, n in Counter(keys).items() if n > 1)
        if not self.fields:
            yield Problem("fields", "must have at least one entry")
        if not self.questions:
            yield Problem("questions", "must have at least one entry")
        for i, question in enumerate(self.questions):
            for fault in (
                *question.faults(self.fields_by_key),
                *self._about_faults(question),
                *self._when_faults(question),
            ):
                yield Problem(f"questions[{i}].{fault.where}", fault.reason)
        try:
            _ = self.in_order
        except CycleError as cycle:
            yield Problem("questions", f"depend on each other in a circle: {' → '.join(cycle.args[1])}")
        except KeyError:
            pass  # an unknown question, reported where it is named

    def _about_faults(self, question: AnyOf) -> Iterator[Problem]:
        about = question.about
        if about is None:
            return
        if about.question is not None and not isinstance(self.by_key.get(about.question), Span):
            yield Problem("about.question", f"{about.question!r} is not a span question of this project")
        if about.field is not None and not has_parts(self.fields_by_key.get(about.field)):
            yield Problem("about.field", f"{about.field!r} is not a field of type candidates or conversation")
        if about.role is not None and not isinstance(self.fields_by_key.get(about.field or ""), ConversationField):
            yield Problem("about.role", "only the messages of a conversation have a role")

    def _when_faults(self, question: AnyOf) -> Iterator[Problem]:
        for key in question.when.questions() if question.when else ():
            if key not in self.by_key:
                yield Problem("when.question", f"{key!r} is not a question of this project")
            elif self.about(key) not in (None, self.about(question.key)):
                yield Problem(
                    "when.question", f"{key!r} is asked about other parts, so there is no one answer to look at"
                )


D = TypeVar("D", bound=Definition)


def parse_definition(raw: Any) -> Definition:
    """Fields and questions from JSON values. Raises InvalidDefinition with every problem."""
    return parse(Definition, raw, what="the fields and questions")


def parse(form: type[D], raw: Any, *, what: str, lines: Mapping[str, int] | None = None) -> D:
    """A definition of some form from JSON values. `lines` says where each path stands. Raises InvalidDefinition."""
    problems = list(wellformed.faults(raw, ""))
    if not problems:
        try:
            parsed = form.model_validate(raw)
        except ValidationError as error:
            problems = list(problems_of(error))
        else:
            problems = list(parsed.faults())
            if not problems:
                return parsed
    problems = [
        Problem((fault.where or "file") + line_note(fault.where, lines or {}), fault.reason) for fault in problems
    ]
    raise InvalidDefinition(f"{what} cannot be used: {problems[0].where} {problems[0].reason}", problems)


def line_note(where: str, lines: Mapping[str, int]) -> str:
    """The line of the nearest thing above that the file does have."""
    step = where
    while step and step not in lines:
        step = step[: max(step.rfind("."), step.rfind("["), 0)]
    return f" (line {lines[step]})" if step in lines else ""


def check_item(definition: Definition, payload: Any) -> list[Problem]:
    """Why an item cannot be shown and asked about; empty when it can."""
    if not isinstance(payload, dict):
        return [Problem("item", "must be an object of keys and values")]
    content = definition.content(payload)
    return list(content.faults()) or [
        fault for question in definition.questions for fault in question.item_faults(content)
    ]


def normalise_item(definition: Definition, payload: Payload) -> Payload:
    """A checked payload with every missing id filled in: candidates c1, c2 …, messages m1, m2 …"""
    for field in definition.fields:
        value = definition.content(payload).value(field.key)
        if value is not None:
            payload = put(payload, field.from_, field.with_ids(value))
    return payload


def blind_payload(definition: Definition, payload: Payload) -> Payload:
    """What of an item may reach an annotator: what the fields show and the options it brings, nothing else."""
    content = definition.content(payload)
    shown: Payload = {}
    for field in definition.fields:
        if (value := content.value(field.key)) is not None:
            shown = put(shown, field.from_, field.shown(value))
    paths = [field.lang for field in definition.fields if field.lang]
    paths += [q.options_from for q in definition.questions if isinstance(q, Choice | Choices) and q.options_from]
    for path in paths:
        if path.startswith("item.") and (value := content.at(path)) is not None:
            shown = put(shown, path, value)
    return shown
