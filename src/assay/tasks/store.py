"""Tables of items, batches, tasks, seats, responses and settled answers."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.kernel import new_id
from assay.storage import Session
from assay.storage.session import Row
from assay.tasks.model import Batch, NewResponse, Settlement

# --- batches ---------------------------------------------------------------------------------------------------------

_BATCH = "select id, project_id, name, purpose, priority, state, created_at from tasks_batch "


def add_batch(session: Session, batch_id: UUID, project_id: UUID, name: str, purpose: str, priority: int) -> bool:
    """False when the project has a batch of this name."""
    return bool(
        session.execute(
            """
            insert into tasks_batch (organisation_id, id, project_id, name, purpose, priority)
            values (%s, %s, %s, %s, %s, %s) on conflict (organisation_id, project_id, name) do nothing
            """,
            (session.organisation_id, batch_id, project_id, name, purpose, priority),
        )
    )


def batch_named(session: Session, project_id: UUID, name: str) -> Batch | None:
    row = session.first(
        _BATCH + "where organisation_id = %s and project_id = %s and name = %s",
        (session.organisation_id, project_id, name),
    )
    return Batch(**row) if row else None


def batch_to_change(session: Session, batch_id: UUID) -> Batch | None:
    """The batch, locked."""
    row = session.first(
        _BATCH + "where organisation_id = %s and id = %s for update", (session.organisation_id, batch_id)
    )
    return Batch(**row) if row else None


def batches(session: Session, project_id: UUID) -> list[Row]:
    """The batches of a project with their tasks counted by state."""
    return session.all(
        """
        select b.id, b.project_id, b.name, b.purpose, b.priority, b.state, b.created_at,
            coalesce((select jsonb_object_agg(c.state, c.n) from (
                select t.state, count(*) as n from tasks_task t
                where t.organisation_id = b.organisation_id and t.batch_id = b.id group by t.state) c), '{}') as tasks
        from tasks_batch b where b.organisation_id = %s and b.project_id = %s order by b.id
        """,
        (session.organisation_id, project_id),
    )


def set_batch_state(session: Session, batch_id: UUID, state: str) -> None:
    session.execute(
        "update tasks_batch set state = %s where organisation_id = %s and id = %s",
        (state, session.organisation_id, batch_id),
    )


def set_batch_priority(session: Session, batch_id: UUID, priority: int) -> None:
    session.execute(
        "update tasks_batch set priority = %s where organisation_id = %s and id = %s",
        (priority, session.organisation_id, batch_id),
    )
    session.execute(
        "update tasks_task set priority = %s where organisation_id = %s and batch_id = %s and priority <> %s",
        (priority, session.organisation_id, batch_id, priority),
    )


def open_staged(session: Session, batch_id: UUID) -> int:
    """Open the staged tasks of a batch; returns how many."""
    return session.execute(
        "update tasks_task set state = 'open' where organisation_id = %s and batch_id = %s and state = 'staged'",
        (session.organisation_id, batch_id),
    )


def set_paused(session: Session, batch_id: UUID, *, is_paused: bool) -> None:
    session.execute(
        "update tasks_task set is_paused = %s where organisation_id = %s and batch_id = %s and is_paused <> %s",
        (is_paused, session.organisation_id, batch_id, is_paused),
    )


# --- items and tasks -------------------------------------------------------------------------------------------------


def items(session: Session, project_id: UUID, *, after: UUID | None, limit: int) -> list[Row]:
    """A page of items, without their payloads."""
    return session.all(
        """
        select id, external_id, language, slices, state, created_at from tasks_item
        where organisation_id = %s and project_id = %s and (%s::uuid is null or id > %s) order by id limit %s
        """,
        (session.organisation_id, project_id, after, after, limit),
    )


def item(session: Session, item_id: UUID) -> Row | None:
    return session.first(
        """
        select id, project_id, external_id, payload, sha256, language, slices, state, created_at from tasks_item
        where organisation_id = %s and id = %s
        """,
        (session.organisation_id, item_id),
    )


_TASK = """
    select t.id, t.project_id, t.item_id, i.external_id, t.batch_id, t.version_id, t.state, t.is_disputed,
        t.overlap_min, t.overlap_wanted, t.overlap_max, t.seats_taken, t.responses, t.priority
    from tasks_task t join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
"""


def tasks(session: Session, project_id: UUID, *, state: str | None, after: UUID | None, limit: int) -> list[Row]:
    if state is None:
        return session.all(
            _TASK
            + """where t.organisation_id = %s and t.project_id = %s and (%s::uuid is null or t.id > %s)
            order by t.id limit %s""",
            (session.organisation_id, project_id, after, after, limit),
        )
    return session.all(
        _TASK
        + """where t.organisation_id = %s and t.project_id = %s and t.state = %s and (%s::uuid is null or t.id > %s)
        order by t.id limit %s""",
        (session.organisation_id, project_id, state, after, after, limit),
    )


def task(session: Session, task_id: UUID) -> Row | None:
    return session.first(_TASK + "where t.organisation_id = %s and t.id = %s", (session.organisation_id, task_id))


def tasks_to_change(session: Session, task_ids: Sequence[UUID]) -> list[Row]:
    """The tasks, locked in the order of their ids so that two callers cannot lock each other out."""
    return session.all(
        """
        select id, project_id, item_id, state, is_gold, overlap_min, overlap_wanted, overlap_max, seats_taken, responses
        from tasks_task where organisation_id = %s and id = any(%s) order by id for update
        """,
        (session.organisation_id, list(task_ids)),
    )


def set_task_states(session: Session, task_ids: Sequence[UUID], state: str) -> None:
    session.execute(
        "update tasks_task set state = %s where organisation_id = %s and id = any(%s)",
        (state, session.organisation_id, list(task_ids)),
    )


def want_one_more(session: Session, task_ids: Sequence[UUID]) -> None:
    session.execute(
        """
        update tasks_task set overlap_wanted = overlap_wanted + 1, state = 'open'
        where organisation_id = %s and id = any(%s)
        """,
        (session.organisation_id, list(task_ids)),
    )


def mark_disputed(session: Session, task_ids: Sequence[UUID], *, is_disputed: bool) -> list[UUID]:
    """Returns the tasks whose mark changed."""
    rows = session.all(
        """
        update tasks_task set is_disputed = %s
        where organisation_id = %s and id = any(%s) and is_disputed <> %s returning id
        """,
        (is_disputed, session.organisation_id, list(task_ids), is_disputed),
    )
    return [row["id"] for row in rows]


# --- seats: live leases + counted responses, kept in the task's own row ----------------------------------------------


# For the statement that leases a task which it has `picked`, locked and seen to have a free seat.
TAKE_PICKED_SEAT: LiteralString = """
    update tasks_task t set seats_taken = t.seats_taken + 1 from leased l
    where t.organisation_id = %(organisation)s and t.id = l.task_id
"""


def take_seat(session: Session, task_id: UUID) -> bool:
    """False when the task is closed or full by now. The count stands in the row, so the update itself decides."""
    return bool(
        session.execute(
            """
            update tasks_task set seats_taken = seats_taken + 1
            where organisation_id = %s and id = %s and state = 'open' and seats_taken < overlap_wanted
            """,
            (session.organisation_id, task_id),
        )
    )


def free_seats(session: Session, task_ids: Sequence[UUID]) -> None:
    """Give back one seat for each time that a task stands in the list."""
    session.execute(
        """
        update tasks_task t set seats_taken = t.seats_taken - freed.n
        from (select id, count(*) as n from unnest(%s::uuid[]) as f (id) group by id order by id) freed
        where t.organisation_id = %s and t.id = freed.id
        """,
        (list(task_ids), session.organisation_id),
    )


def uncount_response(session: Session, task_id: UUID) -> bool:
    """Turn a counted response back into a seat that is being worked on; True when that reopens the task."""
    return session.one(
        """
        update tasks_task t
        set responses = t.responses - 1, state = case when t.state = 'complete' then 'open' else t.state end
        from (select id, state from tasks_task where organisation_id = %s and id = %s for update) before
        where t.organisation_id = %s and t.id = before.id returning before.state = 'complete' as is_reopened
        """,
        (session.organisation_id, task_id, session.organisation_id),
    )["is_reopened"]


# --- responses -------------------------------------------------------------------------------------------------------


# For the statement that submits: `added` writes the response unless its id is taken, `counted` counts it on its task.
ADD_RESPONSE: LiteralString = """
    added as (
        insert into tasks_response (organisation_id, id, project_id, task_id, item_id, annotator_id, assignment_id,
            version_id, answers, shown, body_hash, is_counted, active_seconds, idle_seconds, revises)
        values (%(organisation)s, %(id)s, %(project)s, %(task)s, %(item)s, %(annotator)s, %(assignment)s,
            %(version)s, %(answers)s, %(shown)s, %(body_hash)s, %(is_counted)s, %(active)s, %(idle)s, %(revises)s)
        on conflict (organisation_id, id) do nothing returning id),
    counted as (
        update tasks_task set responses = responses + 1,
            state = case when state = 'open' and responses + 1 >= overlap_wanted then 'complete' else state end
        where organisation_id = %(organisation)s and id = %(task)s and %(fills_seat)s and exists (select from added)
        returning state = 'complete' as is_complete)
"""
_ADD_RESPONSE: LiteralString = (
    "with "
    + ADD_RESPONSE
    + """
    select exists (select from added) as was_added, coalesce((select is_complete from counted), false) as is_complete
    """
)


def add_response(session: Session, response: NewResponse, *, fills_seat: bool) -> Row:
    """Write a response and, when it fills a seat, count it on its task.

    Returns `was_added` (false when a response of this id is there already) and `is_complete` (it has all it wants).
    """
    return session.one(_ADD_RESPONSE, response_values(session, response, fills_seat=fills_seat))


def response_values(session: Session, response: NewResponse, *, fills_seat: bool) -> dict[str, Any]:
    """The parameters of ADD_RESPONSE."""
    return {
        "organisation": session.organisation_id,
        "id": response.id,
        "project": response.project_id,
        "task": response.task_id,
        "item": response.item_id,
        "annotator": response.annotator_id,
        "assignment": response.assignment_id,
        "version": response.version_id,
        "answers": Jsonb(response.answers),
        "shown": Jsonb(response.shown),
        "body_hash": response.body_hash,
        "is_counted": response.is_counted,
        "active": response.active_seconds,
        "idle": response.idle_seconds,
        "revises": response.revises,
        "fills_seat": fills_seat,
    }


def response(session: Session, response_id: UUID) -> Row | None:
    return session.first(
        """
        select id, project_id, task_id, item_id, annotator_id, assignment_id, version_id, answers, shown, body_hash,
            source, revises, state, is_counted, active_seconds, submitted_at
        from tasks_response where organisation_id = %s and id = %s
        """,
        (session.organisation_id, response_id),
    )


def uncount(session: Session, response_id: UUID, *, state: str) -> None:
    session.execute(
        "update tasks_response set is_counted = false, state = %s where organisation_id = %s and id = %s",
        (state, session.organisation_id, response_id),
    )


def replace_counted(session: Session, task_id: UUID, annotator_id: UUID) -> UUID | None:
    """Stop counting the annotator's response on this task, because a revision of it comes; its id."""
    row = session.first(
        """
        update tasks_response set is_counted = false
        where organisation_id = %s and task_id = %s and annotator_id = %s and is_counted returning id
        """,
        (session.organisation_id, task_id, annotator_id),
    )
    return row["id"] if row else None


def responses_of_task(session: Session, task_id: UUID) -> list[Row]:
    """Counted responses of a task, oldest first."""
    return session.all(
        """
        select id, annotator_id, version_id, answers, shown, active_seconds, submitted_at, source from tasks_response
        where organisation_id = %s and task_id = %s and is_counted order by submitted_at, id
        """,
        (session.organisation_id, task_id),
    )


# --- settled answers and faults --------------------------------------------------------------------------------------


def settle(session: Session, rows: Sequence[tuple[UUID, Settlement]]) -> None:
    """Write settled answers of tasks that have none yet."""
    session.many(
        """
        insert into tasks_settled (organisation_id, id, task_id, question, target, value, how, confidence, method,
            responses, source_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            (
                session.organisation_id,
                new_id(),
                task_id,
                s.question,
                s.target,
                Jsonb(s.value),
                s.how,
                s.confidence,
                s.method,
                list(s.responses),
                s.source_id,
            )
            for task_id, s in rows
        ],
    )


def settled(session: Session, task_id: UUID) -> list[Row]:
    return session.all(
        """
        select question, target, value, how, confidence, method, responses, source_id, settled_at from tasks_settled
        where organisation_id = %s and task_id = %s order by question, target nulls first
        """,
        (session.organisation_id, task_id),
    )


def unsettle(session: Session, task_ids: Sequence[UUID]) -> None:
    session.execute(
        "delete from tasks_settled where organisation_id = %s and task_id = any(%s)",
        (session.organisation_id, list(task_ids)),
    )


def add_fault(session: Session, task_id: UUID, annotator_id: UUID, reason: str) -> UUID:
    return session.one(
        """
        insert into tasks_fault (organisation_id, id, task_id, annotator_id, reason) values (%s, %s, %s, %s, %s)
        returning id
        """,
        (session.organisation_id, new_id(), task_id, annotator_id, reason),
    )["id"]


def faults(session: Session, project_id: UUID) -> list[dict[str, Any]]:
    return session.all(
        """
        select f.id, f.task_id, f.annotator_id, f.reason, f.state, f.created_at
        from tasks_fault f join tasks_task t on t.organisation_id = f.organisation_id and t.id = f.task_id
        where f.organisation_id = %s and t.project_id = %s and f.state = 'open' order by f.id limit 200
        """,
        (session.organisation_id, project_id),
    )
