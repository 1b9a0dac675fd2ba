"""What a reviewer or adjudicator found, kept as evidence about the author's skill."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from assay.projects import Definition
from assay.scoring import store
from assay.storage import Session

Answer = Mapping[str, Any]


def note_review(
    session: Session,
    project_id: UUID,
    source_id: UUID,
    definition: Definition,
    *,
    responses: Sequence[Mapping[str, Any]],
    right: Sequence[Answer],
) -> None:
    """Grade responses (rows with id, annotator_id, answers) against the answers that a person found right."""
    expected = {(answer["question"], answer["target"]): answer["value"] for answer in right}
    rows = [
        {
            "response": response["id"],
            "annotator": response["annotator_id"],
            "question": answer["question"],
            "target": answer["target"],
        }
        | _graded(definition, answer, expected[place])
        for response in responses
        for answer in response["answers"]
        if (place := (answer["question"], answer["target"])) in expected and answer["question"] in definition.by_key
    ]
    store.keep_review_results(session, project_id, source_id, rows)


def _graded(definition: Definition, answer: Answer, right: Any) -> dict[str, Any]:
    found = definition.question(answer["question"]).grade({"accept": [right]}, answer["value"])
    return {"verdict": found.verdict, "score": found.score}
