"""Tasks are loaded and prioritised in batches: made, opened, paused, drained."""

from uuid import UUID

from assay import audit, projects
from assay.kernel import Conflict, Invalid, new_id
from assay.storage import Session
from assay.tasks import store
from assay.tasks.model import BATCH_MOVES, Batch, BatchMoveRefused, BatchState, NoSuchBatch

FIRST_BATCH = "first"
PRIORITY_MAX = 1000


class BatchNameTaken(Conflict):
    """The project has a batch of this name."""


def add_batch(session: Session, project_id: UUID, name: str, *, purpose: str = "work", priority: int = 0) -> UUID:
    """A staged batch. Records `batch.created`. Raises BatchNameTaken, Invalid."""
    projects.get(session, project_id)
    if not name.strip() or len(name) > 200:
        raise Invalid("a batch has a name of 1 to 200 characters")
    _check_priority(priority)
    batch_id = new_id()
    if not store.add_batch(session, batch_id, project_id, name, purpose, priority):
        raise BatchNameTaken(f"the project has a batch {name!r}; choose another name")
    audit.record(session, "batch.created", subject=batch_id, body={"project": str(project_id)})
    return batch_id


def batch_for_import(session: Session, project_id: UUID, name: str = FIRST_BATCH) -> Batch:
    """The batch of this name, made when it is missing."""
    found = store.batch_named(session, project_id, name)
    if found is None:
        add_batch(session, project_id, name)
        found = store.batch_named(session, project_id, name)
    assert found is not None
    return found


def move_batch(session: Session, batch_id: UUID, wish: str) -> BatchState:
    """`open`, `pause`, `drain` or `close` a batch. Started work always goes on.

    Records `batch.opened`, `batch.paused`, `batch.resumed`, `batch.drained` or `batch.closed`.
    Raises NoSuchBatch, BatchMoveRefused.
    """
    batch = store.batch_to_change(session, batch_id)
    if batch is None:
        raise NoSuchBatch("no such batch in this organisation")
    before, after = BATCH_MOVES[wish]
    if batch.state not in before:
        raise BatchMoveRefused(f"the batch is {batch.state}; it can {wish} only when {' or '.join(sorted(before))}")
    if wish == "open":
        projects.require_live(session, batch.project_id)
        store.open_staged(session, batch_id)
    if wish != "close":
        store.set_paused(session, batch_id, is_paused=wish in ("pause", "drain"))
    store.set_batch_state(session, batch_id, after)
    event = {"open": "opened", "pause": "paused", "drain": "drained", "close": "closed"}[wish]
    if wish == "open" and batch.state == BatchState.PAUSED:
        event = "resumed"
    audit.record(session, f"batch.{event}", subject=batch_id, body={"project": str(batch.project_id)})
    return after


def set_priority(session: Session, batch_id: UUID, priority: int) -> None:
    """Higher goes first. Records `batch.prioritised`. Raises NoSuchBatch, Invalid."""
    _check_priority(priority)
    if store.batch_to_change(session, batch_id) is None:
        raise NoSuchBatch("no such batch in this organisation")
    store.set_batch_priority(session, batch_id, priority)
    audit.record(session, "batch.prioritised", subject=batch_id, body={"priority": priority})


def _check_priority(priority: int) -> None:
    if abs(priority) > PRIORITY_MAX:
        raise Invalid(f"a priority lies between -{PRIORITY_MAX} and {PRIORITY_MAX}")
