"""The numbers of a project over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from assay import projects
from assay.identity.routes import Call, Limit, Router
from assay.scoring import report, store
from assay.scoring.model import NoSuchRun, Verdict
from assay.scoring.refit import refit
from assay.scoring.refresh import queue_refit

router = Router(tags=["scoring"])


class RunOut(BaseModel):
    """A refit: what went in, by which method and version."""

    id: UUID
    project_id: UUID
    state: str
    method: str
    version: str
    seed: int
    responses: int | None
    last_response_id: UUID | None
    last_event_id: UUID | None
    report: dict[str, Any]
    error: str | None
    queued_at: datetime
    finished_at: datetime | None


class EstimateOut(BaseModel):
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float
    n: float
    method: str


class AgreementOut(BaseModel):
    """How alike annotators answer; null where it cannot be said."""

    project_version: str
    slice: str = Field(description="empty: all items; else such as language=zh")
    measure: str
    value: float | None
    low: float | None
    high: float | None
    raw: float | None
    n_items: int
    n_values: int
    missing: int
    method: str
    version: str
    run_id: UUID


class GoldOut(EstimateOut):
    """How annotators did on hidden checks, all together."""

    source: str
    right: int
    partly: int


class QuestionQuality(BaseModel):
    """The numbers of one question."""

    question: str
    type: str
    title: str
    fit: str | None = Field(description="the method of the last refit, and why")
    accuracy: EstimateOut | None = Field(description="of what the answers say together, where a key is known")
    agreement: list[AgreementOut]
    gold: list[GoldOut]


class QualityOut(BaseModel):
    """The numbers of a project."""

    responses: int
    annotators: int
    decisions: dict[str, int]
    run: RunOut | None = Field(description="the last finished refit, which the numbers come from")
    latest_run: RunOut | None
    questions: list[QuestionQuality]


class SkillOut(BaseModel):
    """An annotator's accuracy by one kind of evidence, with its 95 % interval."""

    question: str
    domain: str
    evidence: str
    mean: float
    low: float
    high: float
    n: float
    method: str
    version: str
    run_id: UUID


class AnnotatorQuality(BaseModel):
    annotator_id: UUID
    pseudonym: str
    skills: list[SkillOut]


class AnnotatorsQuality(BaseModel):
    items: list[AnnotatorQuality]
    next: str | None


class PosteriorOut(BaseModel):
    """What the answers to one question say about a task, or about one part of it."""

    question: str
    target: str | None
    value: Any
    probabilities: dict[str, float] | None
    estimate: float | None
    low: float | None
    high: float | None
    confidence: float | None
    agreement: float | None
    n: int
    responses: list[UUID]
    method: str
    version: str
    run_id: UUID | None


class TaskQuality(BaseModel):
    task_id: UUID
    external_id: str
    state: str
    confidence: float | None
    n: int
    method: str
    run_id: UUID | None
    decided_at: datetime
    posteriors: list[PosteriorOut]


class TasksQuality(BaseModel):
    items: list[TaskQuality]
    next: UUID | None


@router.get("/projects/{project_id}/quality")
def get_quality(project_id: UUID, call: Call) -> QualityOut:
    """Agreement, hidden checks and accuracy by question, and the run that they come from."""
    return QualityOut(**report.quality(call.session, project_id))


@router.get("/projects/{project_id}/quality/annotators")
def list_annotator_quality(
    project_id: UUID, call: Call, after: str | None = None, limit: Limit = 50
) -> AnnotatorsQuality:
    """Accuracy of annotators with intervals, under their pseudonyms; gold and inferred stand apart."""
    rows = report.annotators(call.session, project_id, after=after, limit=limit)
    items = [AnnotatorQuality(**row) for row in rows]
    return AnnotatorsQuality(items=items, next=items[-1].pseudonym if len(items) == limit else None)


@router.get("/projects/{project_id}/quality/tasks")
def list_task_quality(
    project_id: UUID, call: Call, state: Verdict | None = None, after: UUID | None = None, limit: Limit = 50
) -> TasksQuality:
    """Tasks with the verdict on them and what their answers say."""
    rows = report.tasks(call.session, project_id, state=state, after=after, limit=limit)
    items = [TaskQuality(**row) for row in rows]
    return TasksQuality(items=items, next=items[-1].task_id if len(items) == limit else None)


@router.post("/projects/{project_id}/refit", status_code=202)
def refit_project(project_id: UUID, call: Call, seed: int = 0, wait: bool = False) -> RunOut:
    """Fit everything anew: in the background, or within this request when asked to wait."""
    session = call.session
    projects.get(session, project_id)
    run_id = refit(session, project_id, seed=seed) if wait else queue_refit(session, project_id, seed=seed)
    return _run(store.run(session, run_id))


@router.get("/runs/{run_id}")
def get_run(run_id: UUID, call: Call) -> RunOut:
    """One refit."""
    return _run(store.run(call.session, run_id))


def _run(row: dict[str, Any] | None) -> RunOut:
    if row is None:
        raise NoSuchRun("no such scoring run in this organisation")
    return RunOut(**row)
