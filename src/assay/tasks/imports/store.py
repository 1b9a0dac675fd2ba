"""Tables of imports and their problems, and the bulk statements by which rows go in."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.kernel import new_id
from assay.storage import Session
from assay.storage.session import Row
from assay.tasks.imports.model import BadLine, Import, ImportKind, Options, Taken
from assay.tasks.imports.new_rows import NewGold, NewGoldResult, NewItem, NewResponse, NewSuggestion, NewTasks
from assay.tasks.reading import FileFormat

# --- imports ---------------------------------------------------------------------------------------------------------

_IMPORT = """
    select id, project_id, kind, format, options, file_name, size_bytes, sha256, state, line, accepted, known, problems,
        columns, created_at, finished_at
    from tasks_import
"""


def add(session: Session, new: Import, created_by: UUID | None) -> None:
    session.execute(
        """
        insert into tasks_import (organisation_id, id, project_id, kind, format, options, file_name, size_bytes, sha256,
            created_by)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            session.organisation_id,
            new.id,
            new.project_id,
            new.kind,
            new.format,
            Jsonb(asdict(new.options)),
            new.file_name,
            new.size_bytes,
            new.sha256,
            created_by,
        ),
    )


def find(session: Session, import_id: UUID) -> Import | None:
    row = session.first(_IMPORT + "where organisation_id = %s and id = %s", (session.organisation_id, import_id))
    return _import(row) if row else None


def hold(session: Session, import_id: UUID) -> Import | None:
    """The import, locked until the transaction ends."""
    row = session.first(
        _IMPORT + "where organisation_id = %s and id = %s for update", (session.organisation_id, import_id)
    )
    return _import(row) if row else None


def of_project(session: Session, project_id: UUID, *, after: UUID | None, limit: int) -> list[Import]:
    rows = session.all(
        _IMPORT
        + "where organisation_id = %s and project_id = %s and (%s::uuid is null or id > %s) order by id limit %s",
        (session.organisation_id, project_id, after, after, limit),
    )
    return [_import(row) for row in rows]


def lease(session: Session, import_id: UUID, *, seconds: int, is_first: bool) -> bool:
    """Take the import for loading, or prolong that; False when another process has it, or when it is over."""
    return bool(
        session.execute(
            """
            update tasks_import set state = 'loading', loading_until = clock_timestamp() + make_interval(secs => %s)
            where organisation_id = %s and id = %s and state in ('received', 'loading')
                and (not %s or loading_until is null or loading_until < clock_timestamp())
            """,
            (seconds, session.organisation_id, import_id, is_first),
        )
    )


def note_progress(session: Session, found: Import, taken: Taken, *, line: int, columns: dict[str, str] | None) -> None:
    session.execute(
        """
        update tasks_import set line = %s, accepted = accepted + %s, known = known + %s, problems = problems + %s,
            columns = coalesce(columns, %s)
        where organisation_id = %s and id = %s
        """,
        (
            line,
            taken.accepted,
            taken.known,
            len(taken.bad),
            None if columns is None else Jsonb(columns),
            session.organisation_id,
            found.id,
        ),
    )


def finish(session: Session, import_id: UUID, state: str) -> None:
    session.execute(
        """
        update tasks_import set state = %s, loading_until = null, finished_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (state, session.organisation_id, import_id),
    )


def add_problems(session: Session, import_id: UUID, numbered: Mapping[int, BadLine]) -> None:
    session.execute(
        """
        insert into tasks_import_problem (organisation_id, import_id, number, line, reason)
        select %s, %s, * from unnest(%s::bigint[], %s::bigint[], %s::text[])
        """,
        (
            session.organisation_id,
            import_id,
            list(numbered),
            [bad.line for bad in numbered.values()],
            [bad.reason[:2000] for bad in numbered.values()],
        ),
    )


def problems(session: Session, import_id: UUID, *, after: int, limit: int) -> list[Row]:
    return session.all(
        """
        select number, line, reason from tasks_import_problem
        where organisation_id = %s and import_id = %s and number > %s order by number limit %s
        """,
        (session.organisation_id, import_id, after, limit),
    )


def _import(row: Row) -> Import:
    options = Options(**row["options"])
    return Import(**{**row, "options": options, "kind": ImportKind(row["kind"]), "format": FileFormat(row["format"])})


# --- what goes in ----------------------------------------------------------------------------------------------------


def one_loader(session: Session, project_id: UUID) -> None:
    """Until the transaction ends, no other import into this project goes on: twins would clash."""
    session.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"import into {project_id}",))


def known_items(session: Session, project_id: UUID, external_ids: Sequence[str]) -> dict[str, str]:
    """external id -> sha256 of those that are there."""
    rows = session.all(
        "select external_id, sha256 from tasks_item "
        "where organisation_id = %s and project_id = %s and external_id = any(%s)",
        (session.organisation_id, project_id, list(external_ids)),
    )
    return {row["external_id"]: row["sha256"] for row in rows}


def items(session: Session, project_id: UUID, external_ids: Iterable[str]) -> dict[str, Row]:
    """external id -> id and payload of those that are there."""
    rows = session.all(
        "select external_id, id, payload from tasks_item "
        "where organisation_id = %s and project_id = %s and external_id = any(%s) and state = 'active'",
        (session.organisation_id, project_id, list(set(external_ids))),
    )
    return {row["external_id"]: row for row in rows}


def add_items(session: Session, project_id: UUID, new: Sequence[NewItem], tasks: NewTasks) -> None:
    """The items, and a task for each in the batch. (COPY is not possible under row-level security.)"""
    ids = [item.id for item in new]
    session.execute(
        """
        insert into tasks_item (organisation_id, project_id, id, external_id, payload, sha256, language, slices)
        select %s, %s, id, external_id, payload::jsonb, sha256, language, slices::jsonb
        from unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[])
            as new (id, external_id, payload, sha256, language, slices)
        """,
        (
            session.organisation_id,
            project_id,
            ids,
            [item.external_id for item in new],
            [item.payload for item in new],
            [item.sha256 for item in new],
            [item.language for item in new],
            [json.dumps(item.slices) for item in new],
        ),
    )
    session.execute(
        """
        insert into tasks_task (organisation_id, project_id, batch_id, version_id, state, is_paused, overlap_min,
            overlap_wanted, overlap_max, priority, id, item_id)
        select %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, * from unnest(%b::uuid[], %b::uuid[])
        """,
        (
            session.organisation_id,
            project_id,
            tasks.batch_id,
            tasks.version_id,
            tasks.state,
            tasks.is_paused,
            tasks.overlap_min,
            tasks.overlap_min,
            tasks.overlap_max,
            tasks.priority,
            [new_id() for _ in new],
            ids,
        ),
    )


def gold(session: Session, item_ids: Iterable[UUID]) -> dict[tuple[UUID, str, str | None], Any]:
    """(item, question, target) -> the accepted set in force."""
    rows = session.all(
        "select item_id, question, target, accept from tasks_gold "
        "where organisation_id = %s and item_id = any(%s) and state <> 'retired'",
        (session.organisation_id, list(set(item_ids))),
    )
    return {(row["item_id"], row["question"], row["target"]): row["accept"] for row in rows}


def add_gold(session: Session, project_id: UUID, new: Sequence[NewGold]) -> None:
    session.execute(
        """
        insert into tasks_gold (organisation_id, project_id, id, item_id, question, target, accept, is_hidden)
        select %s, %s, * from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::jsonb[], %s::bool[])
        """,
        (
            session.organisation_id,
            project_id,
            [new_id() for _ in new],
            [gold.item_id for gold in new],
            [gold.question for gold in new],
            [gold.target for gold in new],
            [Jsonb(gold.accept) for gold in new],
            [gold.is_hidden for gold in new],
        ),
    )


def put_out_as_gold(session: Session, item_ids: Sequence[UUID], *, shown_max: int) -> list[UUID]:
    """Turn the tasks of these items into hidden checks, where nobody has answered them yet; the items concerned."""
    rows = session.all(
        """
        update tasks_task set is_gold = true, overlap_wanted = greatest(overlap_wanted, %s),
            overlap_max = greatest(overlap_max, %s)
        where organisation_id = %s and item_id = any(%s) and state in ('staged', 'open') and responses = 0
        returning item_id
        """,
        (shown_max, shown_max, session.organisation_id, list(item_ids)),
    )
    return [row["item_id"] for row in rows]


def suggestions(session: Session, item_ids: Iterable[UUID]) -> dict[tuple[UUID, str, str | None, str, str], Row]:
    rows = session.all(
        "select item_id, question, target, agent, agent_version, value, score from tasks_suggestion "
        "where organisation_id = %s and item_id = any(%s)",
        (session.organisation_id, list(set(item_ids))),
    )
    return {(r["item_id"], r["question"], r["target"], r["agent"], r["agent_version"]): r for r in rows}


def add_suggestions(session: Session, new: Sequence[NewSuggestion]) -> None:
    session.execute(
        """
        insert into tasks_suggestion (organisation_id, id, item_id, question, target, value, score, agent,
            agent_version)
        select %s, * from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::jsonb[], %s::real[], %s::text[],
            %s::text[])
        """,
        (
            session.organisation_id,
            [new_id() for _ in new],
            [suggestion.item_id for suggestion in new],
            [suggestion.question for suggestion in new],
            [suggestion.target for suggestion in new],
            [Jsonb(suggestion.value) for suggestion in new],
            [suggestion.score for suggestion in new],
            [suggestion.agent for suggestion in new],
            [suggestion.agent_version for suggestion in new],
        ),
    )


def tasks_of_items(session: Session, item_ids: Iterable[UUID]) -> dict[UUID, Row]:
    """item -> its newest task that is in the work, locked in the order of the ids."""
    rows = session.all(
        """
        select id, item_id, version_id, is_gold, state from tasks_task
        where organisation_id = %s and item_id = any(%s) and state <> 'cancelled' order by id for update
        """,
        (session.organisation_id, list(set(item_ids))),
    )
    return {row["item_id"]: row for row in rows}


def recorded(session: Session, task_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], str]:
    """(task, annotator) -> hash of the counted response that is there."""
    rows = session.all(
        "select task_id, annotator_id, body_hash from tasks_response "
        "where organisation_id = %s and task_id = any(%s) and is_counted",
        (session.organisation_id, list(set(task_ids))),
    )
    return {(row["task_id"], row["annotator_id"]): row["body_hash"] for row in rows}


def add_responses(session: Session, project_id: UUID, new: Sequence[NewResponse], *, now: datetime) -> None:
    session.execute(
        """
        insert into tasks_response (organisation_id, project_id, source, id, task_id, item_id, annotator_id, version_id,
            answers, body_hash, active_seconds, submitted_at)
        select %s, %s, 'recorded', id, task_id, item_id, annotator_id, version_id, answers::jsonb, body_hash,
            active_seconds, submitted_at
        from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::real[],
            %b::timestamptz[])
            as new (id, task_id, item_id, annotator_id, version_id, answers, body_hash, active_seconds, submitted_at)
        """,
        (
            session.organisation_id,
            project_id,
            [new_id() for _ in new],
            [response.task_id for response in new],
            [response.read.item_id for response in new],
            [response.annotator_id for response in new],
            [response.version_id for response in new],
            [json.dumps(response.read.answers) for response in new],
            [response.read.body_hash for response in new],
            [response.read.active_seconds for response in new],
            [response.read.submitted_at or now for response in new],
        ),
    )


def count_recorded(session: Session, added: Mapping[UUID, int]) -> list[UUID]:
    """Give each task seats for its recorded responses and count them; returns the tasks that are complete by that.

    What was recorded elsewhere may be more than we would have asked for; the overlap grows with it.
    """
    session.execute(
        """
        update tasks_task t set seats_taken = t.seats_taken + a.n, responses = t.responses + a.n,
            overlap_wanted = greatest(t.overlap_wanted, t.seats_taken + a.n),
            overlap_max = greatest(t.overlap_max, t.seats_taken + a.n)
        from unnest(%b::uuid[], %b::int[]) as a (id, n)
        where t.organisation_id = %s and t.id = a.id
        """,
        (list(added), list(added.values()), session.organisation_id),
    )
    rows = session.all(
        """
        update tasks_task set state = 'complete'
        where organisation_id = %s and id = any(%s) and state in ('staged', 'open') and responses >= overlap_wanted
        returning id
        """,
        (session.organisation_id, list(added)),
    )
    return [row["id"] for row in rows]


def gold_results(session: Session, item_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID, str], str]:
    rows = session.all(
        "select item_id, annotator_id, question, verdict from tasks_gold_result "
        "where organisation_id = %s and item_id = any(%s)",
        (session.organisation_id, list(set(item_ids))),
    )
    return {(row["item_id"], row["annotator_id"], row["question"]): row["verdict"] for row in rows}


def add_gold_results(session: Session, project_id: UUID, new: Sequence[NewGoldResult]) -> None:
    session.execute(
        """
        insert into tasks_gold_result (organisation_id, project_id, id, item_id, annotator_id, question, verdict)
        select %s, %s, * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[])
        """,
        (
            session.organisation_id,
            project_id,
            [new_id() for _ in new],
            [result.item_id for result in new],
            [result.annotator_id for result in new],
            [result.question for result in new],
            [result.verdict for result in new],
        ),
    )
