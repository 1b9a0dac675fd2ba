"""How responses do on hidden checks: each answer to a gold item against its key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from assay.projects import Definition
from assay.projects.questions import Text
from assay.scoring import store
from assay.storage import Session

Row = dict[str, Any]


def grade(
    definition: Definition, responses: Iterable[Mapping[str, Any]], gold: Sequence[Mapping[str, Any]]
) -> list[Row]:
    """Results of responses on the keys of their items. What was not asked is no evidence. Pure."""
    keys: dict[UUID, list[Mapping[str, Any]]] = {}
    for key in gold:
        keys.setdefault(key["item_id"], []).append(key)
    return [
        result
        for response in responses
        for key in keys.get(response["item_id"], ())
        if (result := _grade_one(definition, response, key)) is not None
    ]


def _grade_one(definition: Definition, response: Mapping[str, Any], key: Mapping[str, Any]) -> Row | None:
    question = definition.by_key.get(key["question"])
    if question is None or (isinstance(question, Text) and question.format != "line"):
        return None
    for answer in response["answers"]:
        if answer["question"] == key["question"] and answer["target"] == key["target"]:
            found = question.grade(key["accept"], answer["value"])
            return {
                "response": response["id"],
                "gold": key["id"],
                "annotator": response["annotator_id"],
                "question": key["question"],
                "target": key["target"],
                "verdict": found.verdict,
                "score": found.score,
            }
    return None


def grade_heard(session: Session, project_id: UUID, definition: Definition, responses: Sequence[Row]) -> list[Row]:
    """Grade responses that came in; returns their results."""
    gold = store.gold_of_items(session, list({row["item_id"] for row in responses}))
    results = grade(definition, responses, gold)
    store.keep_gold_results(session, project_id, results)
    return results
