"""Items, tasks and batches over HTTP."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from assay import projects
from assay.identity.routes import Call, Limit, Router, Strict
from assay.tasks import batches, changes, store
from assay.tasks.model import Batch, NoSuchItem, NoSuchTask, TaskState

router = Router(tags=["tasks"])


class ItemOut(BaseModel):
    id: UUID
    external_id: str
    language: str | None
    slices: dict[str, Any]
    state: str
    created_at: datetime


class WholeItem(ItemOut):
    project_id: UUID
    payload: dict[str, Any]
    sha256: str


class Items(BaseModel):
    items: list[ItemOut]
    next: UUID | None


@router.get("/projects/{project_id}/items")
def list_items(project_id: UUID, call: Call, after: UUID | None = None, limit: Limit = 50) -> Items:
    """Items without their payloads, oldest first."""
    projects.get(call.session, project_id)
    rows = store.items(call.session, project_id, after=after, limit=limit)
    return Items(items=[ItemOut(**row) for row in rows], next=rows[-1]["id"] if len(rows) == limit else None)


@router.get("/items/{item_id}")
def get_item(item_id: UUID, call: Call) -> WholeItem:
    """One item with all that was imported."""
    row = store.item(call.session, item_id)
    if row is None:
        raise NoSuchItem("no such item in this organisation")
    return WholeItem(**row)


class TaskOut(BaseModel):
    id: UUID
    project_id: UUID
    item_id: UUID
    external_id: str
    batch_id: UUID
    version_id: UUID
    state: str
    is_disputed: bool
    overlap_min: int
    overlap_wanted: int
    overlap_max: int
    seats_taken: int
    responses: int
    priority: int


class SettledOut(BaseModel):
    question: str
    target: str | None
    value: Any
    how: str
    confidence: float | None
    method: str
    responses: list[UUID]
    source_id: UUID | None
    settled_at: datetime


class WholeTask(TaskOut):
    settled: list[SettledOut]


class Tasks(BaseModel):
    items: list[TaskOut]
    next: UUID | None


@router.get("/projects/{project_id}/tasks")
def list_tasks(
    project_id: UUID, call: Call, state: TaskState | None = None, after: UUID | None = None, limit: Limit = 50
) -> Tasks:
    """Tasks of a project, in one state if asked."""
    projects.get(call.session, project_id)
    rows = store.tasks(call.session, project_id, state=state, after=after, limit=limit)
    return Tasks(items=[TaskOut(**row) for row in rows], next=rows[-1]["id"] if len(rows) == limit else None)


@router.get("/tasks/{task_id}")
def get_task(task_id: UUID, call: Call) -> WholeTask:
    """One task with its settled answers."""
    row = store.task(call.session, task_id)
    if row is None:
        raise NoSuchTask("no such task in this organisation")
    return WholeTask(**row, settled=[SettledOut(**s) for s in store.settled(call.session, task_id)])


@router.post("/tasks/{task_id}/cancel", status_code=200)
def cancel_task(task_id: UUID, call: Call) -> WholeTask:
    """Take a task out of the work; what was started may be finished."""
    changes.cancel(call.session, task_id)
    return get_task(task_id, call)


class NewBatch(Strict):
    name: str
    purpose: Literal["work", "trial", "training", "calibration", "assessment", "bake-off"] = "work"
    priority: int = 0


class BatchOut(BaseModel):
    id: UUID
    project_id: UUID
    name: str
    purpose: str
    priority: int
    state: str
    created_at: datetime
    tasks: dict[str, int] = Field(default_factory=dict, description="tasks by state")

    @staticmethod
    def of(batch: Batch) -> "BatchOut":
        return BatchOut(**vars(batch))


class Batches(BaseModel):
    items: list[BatchOut]
    next: None = None


@router.post("/projects/{project_id}/batches", status_code=201)
def add_batch(project_id: UUID, body: NewBatch, call: Call) -> BatchOut:
    """A staged batch to import into."""
    batches.add_batch(call.session, project_id, body.name, purpose=body.purpose, priority=body.priority)
    batch = store.batch_named(call.session, project_id, body.name)
    assert batch is not None
    return BatchOut.of(batch)


@router.get("/projects/{project_id}/batches")
def list_batches(project_id: UUID, call: Call) -> Batches:
    """The batches of a project with their tasks counted by state."""
    projects.get(call.session, project_id)
    return Batches(items=[BatchOut(**row) for row in store.batches(call.session, project_id)])


class BatchStateOut(BaseModel):
    id: UUID
    state: str


@router.post("/batches/{batch_id}/{wish}")
def move_batch(batch_id: UUID, wish: Literal["open", "pause", "drain", "close"], call: Call) -> BatchStateOut:
    """Open, pause, drain or close a batch."""
    return BatchStateOut(id=batch_id, state=batches.move_batch(call.session, batch_id, wish))


class BatchChange(Strict):
    priority: int


@router.patch("/batches/{batch_id}", status_code=200)
def prioritise_batch(batch_id: UUID, body: BatchChange, call: Call) -> BatchChange:
    """Higher priorities are handed out first."""
    batches.set_priority(call.session, batch_id, body.priority)
    return body


class FaultOut(BaseModel):
    id: UUID
    task_id: UUID
    annotator_id: UUID
    reason: str
    state: str
    created_at: datetime


class Faults(BaseModel):
    items: list[FaultOut]
    next: None = None


@router.get("/projects/{project_id}/faults")
def list_faults(project_id: UUID, call: Call) -> Faults:
    """Open reports that an item is broken."""
    projects.get(call.session, project_id)
    return Faults(items=[FaultOut(**row) for row in store.faults(call.session, project_id)])
