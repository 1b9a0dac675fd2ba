"""What the rooms above may do to a task: ask for one more response, dispute, settle, reopen, cancel."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from assay import audit
from assay.storage import Session
from assay.tasks import store
from assay.tasks.model import NoSuchTask, Settlement, TaskMoveRefused, TaskState


def raise_overlap(session: Session, task_ids: Sequence[UUID]) -> list[UUID]:
    """Ask for one more response on each complete task that is below its maximum; returns those reopened.

    Records `task.reopened`.
    """
    raised = [
        task["id"]
        for task in store.tasks_to_change(session, task_ids)
        if task["state"] == TaskState.COMPLETE and task["overlap_wanted"] < task["overlap_max"]
    ]
    if raised:
        store.want_one_more(session, raised)
    for task_id in raised:
        audit.record(session, "task.reopened", subject=task_id, body={"why": "not sure enough"})
    return raised


def dispute(session: Session, task_ids: Sequence[UUID]) -> list[UUID]:
    """Mark tasks whose answers still differ at their maximum. Records `task.disputed`; returns those newly marked."""
    marked = store.mark_disputed(session, task_ids, is_disputed=True)
    for task_id in marked:
        audit.record(session, "task.disputed", subject=task_id)
    return marked


def settle(session: Session, settlements: Mapping[UUID, Sequence[Settlement]]) -> None:
    """End complete tasks with their settled answers. Called by review only.

    Records `task.settled`. Raises TaskMoveRefused unless every task is complete.
    """
    tasks = store.tasks_to_change(session, list(settlements))
    if len(tasks) != len(settlements):
        raise NoSuchTask("no such task in this organisation")
    for task in tasks:
        if task["state"] != TaskState.COMPLETE:
            raise TaskMoveRefused(f"task {task['id']} is {task['state']}; only a complete task can be settled")
    store.settle(session, [(task_id, s) for task_id, rows in settlements.items() for s in rows])
    store.set_task_states(session, list(settlements), TaskState.SETTLED)
    store.mark_disputed(session, list(settlements), is_disputed=False)
    for task_id, rows in settlements.items():
        audit.record(session, "task.settled", subject=task_id, body={"how": sorted({s.how for s in rows})})


def unsettle(session: Session, task_ids: Sequence[UUID]) -> None:
    """Take settled tasks back to complete, for another review. Records `task.reopened`."""
    for task in store.tasks_to_change(session, task_ids):
        if task["state"] != TaskState.SETTLED:
            raise TaskMoveRefused(f"task {task['id']} is {task['state']}, not settled")
    store.unsettle(session, task_ids)
    store.set_task_states(session, task_ids, TaskState.COMPLETE)
    for task_id in task_ids:
        audit.record(session, "task.reopened", subject=task_id, body={"why": "to be reviewed again"})


def cancel(session: Session, task_id: UUID) -> None:
    """Take a task out of the work; what was started may be finished. Records `task.cancelled`."""
    _move(session, task_id, {TaskState.STAGED, TaskState.OPEN, TaskState.COMPLETE, TaskState.NEEDS_FIX}, "cancelled")


def park(session: Session, task_id: UUID) -> None:
    """Set a task aside because its item is broken. Records `task.needs_fix`."""
    _move(session, task_id, {TaskState.OPEN, TaskState.COMPLETE}, "needs_fix")


def _move(session: Session, task_id: UUID, before: set[TaskState], after: str) -> None:
    found = store.tasks_to_change(session, [task_id])
    if not found:
        raise NoSuchTask("no such task in this organisation")
    if found[0]["state"] not in before:
        raise TaskMoveRefused(f"the task is {found[0]['state']}; it cannot become {after}")
    store.set_task_states(session, [task_id], after)
    audit.record(session, f"task.{after}", subject=task_id)
