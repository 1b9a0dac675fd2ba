"""Fit everything anew from all answers of a project: parameters, posteriors, skills, agreement.

The same inputs, version and seed give the same numbers, and every number names the run that it came from.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from assay import audit, projects
from assay.projects import ProjectFile
from assay.projects.questions import AnyOf, Text
from assay.scoring import agreement, skills, store
from assay.scoring.conclude import conclude
from assay.scoring.grade import grade
from assay.scoring.infer import refit as refit_question
from assay.scoring.model import NoSuchRun, Posterior, Sheet
from assay.scoring.refresh import contents, counted, file_in_force, tell
from assay.scoring.votes import sort_answers
from assay.storage import Session

METHOD = "refit"
Row = dict[str, Any]


def refit(session: Session, project_id: UUID, *, seed: int = 0, run_id: UUID | None = None) -> UUID:
    """Refit a project and return the run. One that waits in the background is done by this. Raises NoSuchProject.

    Records `scoring.refitted`, `scoring.finished` where conclusions changed, and what follows for the tasks.
    """
    projects.get(session, project_id)
    store.lock_project(session, project_id)
    if run_id is None:
        run_id = store.queued_run(session, project_id, seed) or store.add_run(session, project_id, METHOD, seed)
    file = file_in_force(session, project_id)
    if file is None:
        store.finish_run(session, run_id, responses=0, last_response_id=None, last_event_id=None, report={})
        return run_id
    position = store.position_in_log(session)
    rows = store.answered_tasks(session, project_id)
    gold = store.gold_of_project(session, project_id)
    reader = _Reader(session, project_id, file, gold, {row["id"] for row in rows})
    sheets = sort_answers(reader.read(), contents(session, file, rows))
    store.forget_gold_results(session, project_id)
    store.keep_gold_results(session, project_id, reader.graded)
    report = _fit_all(session, project_id, file, counted(rows, reader.by_task), sheets, gold, run_id=run_id, seed=seed)
    store.finish_run(
        session,
        run_id,
        responses=reader.responses,
        last_response_id=reader.last_response_id,
        last_event_id=position,
        report=report,
    )
    store.start_tally(session, project_id, reader.responses)
    body = {"project": str(project_id), "responses": reader.responses, "seed": seed}
    audit.record(session, "scoring.refitted", subject=run_id, body=body)
    return run_id


def refit_queued(session: Session, run_id: UUID) -> None:
    """Do a refit that was asked for; a second call finds it done. Raises NoSuchRun."""
    run = store.run(session, run_id)
    if run is None:
        raise NoSuchRun("no such scoring run in this organisation")
    store.lock_project(session, run["project_id"])
    waiting = store.run(session, run_id)  # read again: it may have been done while we waited for the lock
    if waiting is not None and waiting["state"] == "queued":
        refit(session, waiting["project_id"], seed=waiting["seed"], run_id=run_id)


class _Reader:
    """Streams the responses of a project once, and grades on the way those on gold items."""

    def __init__(
        self, session: Session, project_id: UUID, file: ProjectFile, gold: Sequence[Row], task_ids: Container[UUID]
    ) -> None:
        self._session = session
        self._project_id = project_id
        self._file = file
        self._gold = gold
        self._task_ids = task_ids
        self.responses = 0
        self.last_response_id: UUID | None = None
        self.graded: list[Row] = []
        self.by_task: Counter[UUID] = Counter()

    def read(self) -> Iterator[Row]:
        wait = self._file.quality.recall_seconds
        keys: dict[UUID, list[Row]] = {}
        for key in self._gold:
            keys.setdefault(key["item_id"], []).append(key)
        for row in store.answers_of_project(self._session, self._project_id, recall_seconds=wait):
            if row["task_id"] not in self._task_ids:
                continue  # its task got its first response while we read; the next run has it
            self.responses += 1
            self.last_response_id = row["id"]
            self.by_task[row["task_id"]] += 1
            if row["item_id"] in keys:
                self.graded += grade(self._file, [row], keys[row["item_id"]])
            yield row


def _fit_all(
    session: Session,
    project_id: UUID,
    file: ProjectFile,
    rows: list[Row],
    sheets: Mapping[str, Sheet],
    gold: Sequence[Row],
    *,
    run_id: UUID,
    seed: int,
) -> dict[str, Any]:
    """Fit question by question, keep what was found, and return what the run's report says of each."""
    report: dict[str, Any] = {}
    models: list[Row] = []
    inferred: list[Row] = []
    alike: list[Row] = []
    posteriors: dict[UUID, list[Posterior]] = {row["id"]: [] for row in rows}
    slices = {row["id"]: slices_of(row) for row in rows}
    keys = {(key["item_id"], key["question"], key["target"]): key["accept"] for key in gold}
    for question in file.questions:
        sheet = sheets.get(question.key)
        if sheet is None:
            continue
        found = refit_question(question, sheet, run_id)
        for one in found.posteriors:
            posteriors[one.unit.task_id].append(one)
        models += found.model_rows(question.key, run_id)
        inferred += skills.from_others(file, question.key, found.fitted)
        alike += agreement.rows(question, sheet, slices, seed=seed)
        report[question.key] = {
            "method": found.why,
            "answers": len(sheet.given),
            "missing": sum(sheet.missing.values()),
            "accuracy": on_gold(question, found.posteriors, keys, {row["id"]: row["item_id"] for row in rows}),
        }
    store.replace_models(session, project_id, run_id, models)
    store.forget_posteriors(session, project_id)
    store.keep_posteriors(session, project_id, [one for found in posteriors.values() for one in found])
    evidence = skills.from_verdicts(file, store.evidence(session, project_id))
    store.replace_skills(session, project_id, run_id, evidence + inferred)
    store.replace_agreement(session, project_id, run_id, alike)
    decisions = conclude(session, project_id, file, rows, posteriors)
    if decisions:
        tell(session, project_id, decisions)
    return report


def on_gold(
    question: AnyOf,
    posteriors: Sequence[Posterior],
    keys: Mapping[tuple[UUID, str, str | None], Mapping[str, Any]],
    item_of: Mapping[UUID, UUID],
) -> dict[str, Any] | None:
    """How often what the answers say is what the key says, wherever both are known; None where neither is."""
    verdicts = Counter(
        question.grade(key, one.value).verdict
        for one in posteriors
        if one.value is not None
        and (key := keys.get((item_of[one.unit.task_id], question.key, one.unit.target))) is not None
    )
    if not verdicts or (isinstance(question, Text) and question.format != "line"):
        return None
    return asdict(skills.of_verdicts(verdicts["right"], verdicts["partly"], verdicts.total()))


def slices_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The names by which results of an item are split."""
    language = {"language": row["language"]} if row["language"] else {}
    return language | {name: str(value) for name, value in row["slices"].items()}
