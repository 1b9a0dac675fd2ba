"""How responses become votes: the answers of many responses sorted by question, and labels that items share.

The ids of two candidates differ from item to item, so what was said about them is coded by their place in the item.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from assay.projects import Content, Definition
from assay.projects.questions import AnyOf, Choice, Choices, Pairwise
from assay.projects.questions.pairwise import NEITHER
from assay.scoring.model import Given, Sheet, Unit

PLACES = ("first", "second")


def sort_answers(responses: Iterable[Mapping[str, Any]], contents: Mapping[UUID, Content]) -> dict[str, Sheet]:
    """The answers of responses (rows with id, task_id, annotator_id, version_id, answers) by question."""
    sheets: dict[str, Sheet] = {}
    for row in responses:
        for answer in row["answers"]:
            sheet = sheets.get(answer["question"])
            if sheet is None:
                sheet = sheets[answer["question"]] = Sheet(contents=contents)
            unit = Unit(row["task_id"], answer["target"])
            if answer["value"] is None:
                sheet.missing[unit] = sheet.missing.get(unit, 0) + 1
            else:
                sheet.given.append(Given(unit, row["id"], row["annotator_id"], row["version_id"], answer["value"]))
    return sheets


def needs_content(definition: Definition) -> bool:
    """Do the categories of any question depend on the item?"""
    return any(isinstance(q, Pairwise) or getattr(q, "options_from", None) for q in definition.questions)


def shared_labels(question: AnyOf) -> tuple[str, ...] | None:
    """The labels of a question that mean the same in every item; None where each item brings its own."""
    if isinstance(question, Pairwise):
        return *PLACES, *(v for v, offered in zip(NEITHER, (question.tie, question.both_bad), strict=True) if offered)
    if isinstance(question, Choice | Choices) and question.options is not None:
        return tuple(option.id for option in question.options)
    return None


def coded(question: AnyOf, sheet: Sheet, given: Given) -> str:
    """The shared label of one value."""
    label = question.label(given.value)
    if isinstance(question, Pairwise) and label not in NEITHER:
        return PLACES[candidates(question, sheet, given.unit).index(label)]
    return label


def categories(question: AnyOf, sheet: Sheet, unit: Unit, labels: Sequence[str]) -> list[str]:
    """The categories of a unit as its answers name them, in the order of the shared labels."""
    if isinstance(question, Pairwise):
        names: dict[str, str] = dict(zip(PLACES, candidates(question, sheet, unit), strict=True))
        return [names.get(label, label) for label in labels]
    return list(labels)


def candidates(question: Pairwise, sheet: Sheet, unit: Unit) -> list[str]:
    return sheet.contents[unit.task_id].ids(question.of.field)
