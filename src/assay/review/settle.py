"""End tasks: what is confident and needs no further review gets its settled answers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from assay import projects, scoring, tasks
from assay.projects import ProjectFile
from assay.review import store
from assay.review.queue import queue_adjudications
from assay.storage import Session
from assay.tasks import Settlement

BLOCK = 2000  # tasks at once
Row = dict[str, Any]
Place = tuple[str, str | None]


def settle_ready(
    session: Session, task_ids: Iterable[UUID], *, even_disputed: bool = False, even_recorded: bool = False
) -> int:
    """Settle those of the tasks that are ready; returns how many.

    Ready is a complete task that was found confident, from all its counted responses, and has no review open. Where a
    reviewer's correction contradicts the votes, the task goes to adjudication. Tasks with recorded responses only wait
    until a person says that all of them are in. Records `task.settled`.
    """
    wanted = list(task_ids)
    count = 0
    for start in range(0, len(wanted), BLOCK):
        block = wanted[start : start + BLOCK]
        ready = store.ready_tasks(session, block, even_disputed=even_disputed, even_recorded=even_recorded)
        count += _settle(session, ready) if ready else 0
    return count


def settle_all(session: Session, project_id: UUID, *, even_disputed: bool = False, seed: int = 0) -> int:
    """Refit the project, then settle whatever is ready, so that all its answers come from one run; returns how many.

    With `even_disputed` the likeliest answer stands where annotators differ, with the confidence that it has.
    """
    scoring.refit(session, project_id, seed=seed)
    complete = store.complete_tasks(session, project_id)
    return settle_ready(session, complete, even_disputed=even_disputed, even_recorded=True)


def review_again(session: Session, project_id: UUID, task_ids: Sequence[UUID]) -> int:
    """Take settled tasks back and have each adjudicated by someone who had no hand in it; returns how many.

    Records `task.reopened`, `task.disputed`, `adjudication.queued`. Raises TaskMoveRefused.
    """
    tasks.unsettle(session, task_ids)
    tasks.dispute(session, task_ids)
    return queue_adjudications(session, project_id, task_ids, reason="again")


def _settle(session: Session, ready: Mapping[UUID, Row]) -> int:
    corrections: dict[UUID, list[Row]] = {}
    for row in store.corrections(session, list(ready)):
        corrections.setdefault(row["task_id"], []).append(row)
    settlements: dict[UUID, list[Settlement]] = {task_id: [] for task_id in ready}
    contradicted: set[UUID] = set()
    for row in store.posteriors(session, list(ready)):
        task = ready[row["task_id"]]
        file = projects.version(session, task["version_id"]).file
        found, is_contradicted = settlement(file, task, row, corrections.get(row["task_id"], ()))
        settlements[row["task_id"]].append(found)
        if is_contradicted:
            contradicted.add(row["task_id"])
    for task_id in contradicted:
        del settlements[task_id]
    _send_to_adjudication(session, ready, contradicted)
    if settlements:
        tasks.settle(session, settlements)
        store.end_adjudications(session, list(settlements))
        store.end_pending(session, list(settlements))
    return len(settlements)


def _send_to_adjudication(session: Session, ready: Mapping[UUID, Row], contradicted: Iterable[UUID]) -> None:
    by_project: dict[UUID, list[UUID]] = {}
    for task_id in sorted(contradicted):
        by_project.setdefault(ready[task_id]["project_id"], []).append(task_id)
    for project_id, task_ids in by_project.items():
        tasks.dispute(session, task_ids)
        queue_adjudications(session, project_id, task_ids, reason="corrected")


def settlement(file: ProjectFile, task: Row, posterior: Row, corrections: Sequence[Row]) -> tuple[Settlement, bool]:
    """The settled answer for one posterior, and whether a correction contradicts what the votes say. Pure.

    A correction of the only response is the settled answer. Among several it replaces what is not decided by votes.
    """
    question = file.by_key.get(posterior["question"])
    corrected = corrected_answer(corrections, (posterior["question"], posterior["target"]))
    is_single = task["responses"] == 1
    settled = Settlement(
        posterior["question"],
        posterior["target"],
        posterior["value"],
        "single" if is_single else "aggregated",
        posterior["confidence"],
        posterior["method"] + ("; approved in review" if task["approved"] == task["responses"] else ""),
        tuple(posterior["responses"]),
        posterior["run_id"],
    )
    if corrected is None or question is None or corrected[0] == posterior["value"]:
        return settled, False
    value, review_id = corrected
    has_votes = posterior["probabilities"] is not None and not is_single
    if has_votes and value is not None and question.label(value) != question.label(posterior["value"]):
        return settled, True
    if has_votes:
        return settled, False
    responses = tuple(posterior["responses"])
    return (
        Settlement(
            settled.question, settled.target, value, settled.how, None, "corrected in review", responses, review_id
        ),
        False,
    )


def corrected_answer(corrections: Sequence[Row], place: Place) -> tuple[Any, UUID] | None:
    """What the last reviewer who corrected a response of the task says there, where that differs from the response."""
    for row in reversed(corrections):
        given = {(a["question"], a["target"]): a["value"] for a in row["given"]}
        for answer in row["answers"]:
            if (answer["question"], answer["target"]) == place and answer["value"] != given.get(place):
                return answer["value"], row["review_id"]
    return None
