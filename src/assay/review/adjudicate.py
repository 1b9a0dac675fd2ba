"""Settle what annotators differ on: one person's answers, given after seeing all responses without their authors."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from assay import audit, projects, scoring, tasks
from assay.kernel import Invalid, Problem
from assay.projects import ProjectFile
from assay.review import store
from assay.review.claim import check_held, held_adjudication
from assay.review.finalise import set_outcome
from assay.review.model import Adjudication, Aliased, Cause, NoteMissing, Outcome
from assay.storage import Session
from assay.tasks import Settlement

Answers = list[dict[str, Any]]


class UnknownAlias(Invalid):
    """A cause names a response that is not there."""


def settle_adjudication(
    session: Session,
    adjudication_id: UUID,
    person_id: UUID,
    *,
    fence: int,
    answers: Answers,
    causes: Mapping[str, Cause] | None = None,
    note: str = "",
    make_gold: bool = False,
) -> None:
    """Settle the task by these answers; each response is approved or corrected by them. A repeat is the same.

    Records `adjudication.settled`, `task.settled`, `response.approved` or `response.corrected`.
    Raises NoSuchAdjudication, ReviewOver, LeaseLost, LeaseOver, InvalidAnswers, UnknownAlias.
    """
    held = held_adjudication(session, adjudication_id, person_id)
    file = projects.version(session, held.version_id).file
    if held.state == "settled" and held.lease.fence == fence:
        return
    check_held(held, person_id, fence)
    checked = projects.check_answers(file, held.payload, answers)
    by_response = _by_response(held, causes or {})
    store.settle_adjudication(session, adjudication_id, checked, by_response, note=note, make_gold=make_gold)
    responses = tuple(one.response_id for one in held.responses)
    tasks.settle(
        session,
        {
            held.task_id: [
                Settlement(
                    answer["question"],
                    answer["target"],
                    answer["value"],
                    "adjudicated",
                    None,
                    "adjudication",
                    responses,
                    adjudication_id,
                )
                for answer in checked
            ]
        },
    )
    _judge_responses(session, held, file, checked)
    for review_id in store.skip_reviews(session, held.task_id):
        audit.record(session, "review.skipped", subject=review_id, body={"why": "the task was adjudicated"})
    audit.record(session, "adjudication.settled", subject=adjudication_id, body={"task": str(held.task_id)})


def park(session: Session, adjudication_id: UUID, person_id: UUID, *, fence: int, note: str) -> None:
    """The item is broken or has no answer: the task is set aside. Records `adjudication.parked`, `task.needs_fix`."""
    held = held_adjudication(session, adjudication_id, person_id)
    check_held(held, person_id, fence)
    if not note.strip():
        raise NoteMissing("say in a note what is wrong with the item")
    store.park_adjudication(session, adjudication_id, note)
    tasks.park(session, held.task_id)
    audit.record(session, "adjudication.parked", subject=adjudication_id, body={"task": str(held.task_id)})


def _by_response(held: Adjudication, causes: Mapping[str, Cause]) -> dict[str, str]:
    known = {one.alias: str(one.response_id) for one in held.responses}
    if unknown := sorted(causes.keys() - known.keys()):
        problem = Problem("causes", f"names {unknown[0]!r}; the responses are {', '.join(sorted(known))}")
        raise UnknownAlias("the causes cannot be taken", [problem])
    return {known[alias]: cause.value for alias, cause in causes.items()}


def _judge_responses(session: Session, held: Adjudication, file: ProjectFile, settled: Answers) -> None:
    """A response that says what was settled is approved, another is corrected by it."""
    rows = [{"id": one.response_id, "annotator_id": one.annotator_id, "answers": one.answers} for one in held.responses]
    scoring.note_review(session, held.project_id, held.id, file, responses=rows, right=settled)
    for one in held.responses:
        outcome = Outcome.APPROVED if agrees(file, one, settled) else Outcome.CORRECTED
        set_outcome(session, held.project_id, held.task_id, one.response_id, outcome, held.id)


def agrees(file: ProjectFile, response: Aliased, settled: Answers) -> bool:
    """Is a response right on every required question, free text aside? Pure."""
    expected = {(a["question"], a["target"]): a["value"] for a in settled}
    for answer in response.answers:
        place = answer["question"], answer["target"]
        question = file.by_key.get(answer["question"])
        if question is None or not question.required or question.kind == "text" or place not in expected:
            continue
        if question.grade({"accept": [expected[place]]}, answer["value"]).verdict != "right":
            return False
    return True
