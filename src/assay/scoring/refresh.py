"""Score what came in: many responses at once, by the parameters of the last refit, in a few statements."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from assay import audit, projects
from assay.kernel import new_id
from assay.projects import Content, ProjectFile
from assay.scoring import store
from assay.scoring.conclude import conclude
from assay.scoring.grade import grade_heard
from assay.scoring.infer import Known, score
from assay.scoring.model import Decision, Posterior, Verdict
from assay.scoring.votes import needs_content, sort_answers
from assay.storage import Session

REFIT_AFTER = 100  # responses at least, and as many again as the last refit had
REFIT_MOST = 20_000  # responses; the parameters are known well by then, and settling refits anyway
TOLD_AT_ONCE = 500  # tasks in one event
Row = dict[str, Any]


def hear(session: Session, response_ids: Sequence[UUID]) -> None:
    """Take in responses that can no longer be recalled.

    Records `scoring.finished` for each project, `scoring.queued` when enough came in for a refit, and what follows for
    the tasks.
    """
    by_project: dict[UUID, list[Row]] = {}
    for row in store.heard(session, response_ids):
        by_project.setdefault(row["project_id"], []).append(row)
    for project_id, rows in by_project.items():
        _hear_project(session, project_id, rows)


def _hear_project(session: Session, project_id: UUID, heard: list[Row]) -> None:
    file = file_in_force(session, project_id)
    if file is None:
        return
    store.lock_project(session, project_id)
    results = grade_heard(session, project_id, file, heard)
    task_ids = list({row["task_id"] for row in heard})
    answers, decisions, posteriors = rescore(session, project_id, file, task_ids, heard=[row["id"] for row in heard])
    missed = {row["response"] for row in results if row["verdict"] == "wrong"}
    tell(
        session,
        project_id,
        decisions,
        responses=[row["id"] for row in heard],
        gold_missed=sorted(missed),
        differing=differing(file, answers, decisions, posteriors),
    )
    since, at_refit = store.add_to_tally(session, project_id, len(heard))
    if since >= max(REFIT_AFTER, at_refit) and since + at_refit <= REFIT_MOST:
        queue_refit(session, project_id)


def rescore(
    session: Session, project_id: UUID, file: ProjectFile, task_ids: Sequence[UUID], *, heard: Sequence[UUID] = ()
) -> tuple[list[Row], list[Decision], dict[UUID, list[Posterior]]]:
    """Posteriors and decisions of these tasks anew, from all their answers."""
    answers = store.answers_of_tasks(session, task_ids, heard=heard, recall_seconds=file.quality.recall_seconds)
    rows = counted(store.tasks(session, task_ids), Counter(row["task_id"] for row in answers))
    sheets = sort_answers(answers, contents(session, file, rows))
    known = Known.of(store.models(session, project_id))
    posteriors: dict[UUID, list[Posterior]] = {row["id"]: [] for row in rows}
    for key, sheet in sheets.items():
        if key in file.by_key:
            for one in score(file.question(key), sheet, known):
                posteriors[one.unit.task_id].append(one)
    store.keep_posteriors(session, project_id, [one for found in posteriors.values() for one in found])
    return answers, conclude(session, project_id, file, rows, posteriors), posteriors


def counted(rows: Iterable[Row], responses: Mapping[UUID, int]) -> list[Row]:
    """The tasks with the number of their responses that are final."""
    return [row | {"responses": responses.get(row["id"], 0)} for row in rows]


def file_in_force(session: Session, project_id: UUID) -> ProjectFile | None:
    """The questions and the plan that a project has now; None while it has no version."""
    version_id = projects.get(session, project_id).version_id
    return projects.version(session, version_id).file if version_id else None


def contents(session: Session, file: ProjectFile, rows: Iterable[Mapping[str, Any]]) -> dict[UUID, Content]:
    """What the items show, by task; read only where the categories of a question depend on it."""
    if not needs_content(file):
        return {}
    item_of = {row["id"]: row["item_id"] for row in rows}
    payloads = store.payloads(session, list(set(item_of.values())))
    return {task_id: file.content(payloads[item_id]) for task_id, item_id in item_of.items()}


def differing(
    file: ProjectFile,
    answers: Iterable[Row],
    decisions: Iterable[Decision],
    posteriors: Mapping[UUID, Sequence[Posterior]],
) -> list[UUID]:
    """Responses on tasks now found confident that say something else than their task on a question that decides."""
    likely = {
        (one.unit.task_id, one.question, one.unit.target): one.value
        for decision in decisions
        if decision.verdict is Verdict.CONFIDENT
        for one in posteriors.get(decision.task_id, ())
        if one.probabilities is not None and file.question(one.question).required
    }
    found: list[UUID] = []
    for row in answers:
        for answer in row["answers"]:
            place = row["task_id"], answer["question"], answer["target"]
            if place not in likely or answer["value"] is None:
                continue
            question = file.question(answer["question"])
            if question.label(answer["value"]) != question.label(likely[place]):
                found.append(row["id"])
                break
    return found


def tell(
    session: Session,
    project_id: UUID,
    decisions: Sequence[Decision],
    *,
    responses: Sequence[UUID] = (),
    gold_missed: Sequence[UUID] = (),
    differing: Sequence[UUID] = (),
) -> None:
    """One event for a block of work, so that the rooms above hear of hundreds of responses at once."""
    for start in range(0, max(len(decisions), 1), TOLD_AT_ONCE):
        block = decisions[start : start + TOLD_AT_ONCE]
        first = start == 0
        body = {
            "project": str(project_id),
            "confident": [str(d.task_id) for d in block if d.verdict is Verdict.CONFIDENT],
            "disputed": [str(d.task_id) for d in block if d.verdict is Verdict.DISPUTED],
            "responses": [str(id) for id in responses] if first else [],
            "gold_missed": [str(id) for id in gold_missed] if first else [],
            "differing": [str(id) for id in differing] if first else [],
        }
        audit.record(session, "scoring.finished", subject=new_id(), body=body)


def queue_refit(session: Session, project_id: UUID, *, seed: int = 0) -> UUID:
    """Ask for a refit in the background; one that waits already is enough. Records `scoring.queued`."""
    waiting = store.latest_run(session, project_id, done=False)
    if waiting is not None and waiting["state"] == "queued":
        return waiting["id"]
    run_id = store.add_run(session, project_id, "refit", seed)
    audit.record(session, "scoring.queued", subject=run_id, body={"project": str(project_id)})
    return run_id


def rescore_tasks(session: Session, project_id: UUID, task_ids: Sequence[UUID]) -> None:
    """Score tasks again after their counted responses have changed. Records as `hear` does."""
    file = file_in_force(session, project_id)
    if file is not None and task_ids:
        store.lock_project(session, project_id)
        tell(session, project_id, rescore(session, project_id, file, task_ids)[1])
