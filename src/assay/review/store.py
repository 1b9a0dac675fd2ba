"""Tables of reviews, adjudications and outcomes, and what they are decided from."""

import os
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.kernel import new_id
from assay.storage import Session
from assay.storage.session import Row

# --- queues -----------------------------------------------------------------------------------------------------------


def responses(session: Session, response_ids: Sequence[UUID]) -> list[Row]:
    """Responses of unsettled tasks, oldest first; `returned_queue` is where the version before was reviewed."""
    return session.all(
        """
        select r.id, r.task_id, r.annotator_id, t.is_gold, (
            select v.queue from review_review v
            where v.organisation_id = r.organisation_id and v.response_id = r.revises and v.verdict = 'return'
            limit 1) as returned_queue
        from tasks_response r
        join tasks_task t on t.organisation_id = r.organisation_id and t.id = r.task_id
        where r.organisation_id = %s and r.id = any(%s) and r.is_counted and t.state in ('open', 'complete')
        order by r.submitted_at, r.id
        """,
        (session.organisation_id, list(response_ids)),
    )


def count_experience(session: Session, project_id: UUID, heard: Mapping[UUID, int]) -> dict[UUID, int]:
    """Add what was heard of each annotator; returns what each had before."""
    rows = session.all(
        """
        insert into review_experience as e (organisation_id, project_id, annotator_id, responses)
        select %s, %s, * from unnest(%s::uuid[], %s::int[])
        on conflict (organisation_id, project_id, annotator_id)
        do update set responses = e.responses + excluded.responses
        returning annotator_id, responses
        """,
        (session.organisation_id, project_id, list(heard), list(heard.values())),
    )
    return {row["annotator_id"]: row["responses"] - heard[row["annotator_id"]] for row in rows}


def secret(session: Session, project_id: UUID) -> bytes:
    """The project's secret, made when it is first needed."""
    session.execute(
        "insert into review_secret (organisation_id, project_id, key) values (%s, %s, %s) on conflict do nothing",
        (session.organisation_id, project_id, os.urandom(32)),
    )
    return session.one(
        "select key from review_secret where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )["key"]


def add_reviews(session: Session, project_id: UUID, rows: Sequence[Row]) -> list[Row]:
    """Rows with review_id, task_id, id (of the response), annotator_id, queue, alias; returns those that are new."""
    if not rows:
        return []
    return session.all(
        """
        insert into review_review (organisation_id, project_id, id, task_id, response_id, author_id, queue, alias)
        select %(organisation)s, %(project)s, * from unnest(%(id)s::uuid[], %(task)s::uuid[], %(response)s::uuid[],
            %(author)s::uuid[], %(queue)s::text[], %(alias)s::text[])
        on conflict (organisation_id, response_id, layer) do nothing
        returning id, response_id
        """,
        {
            "organisation": session.organisation_id,
            "project": project_id,
            "id": [row["review_id"] for row in rows],
            "task": [row["task_id"] for row in rows],
            "response": [row["id"] for row in rows],
            "author": [row["annotator_id"] for row in rows],
            "queue": [row["queue"].value for row in rows],
            "alias": [row["alias"] for row in rows],
        },
    )


def add_adjudications(session: Session, project_id: UUID, task_ids: Sequence[UUID], reason: str) -> list[Row]:
    """One for each task that has none at work; returns those that are new."""
    if not task_ids:
        return []
    return session.all(
        """
        insert into review_adjudication (organisation_id, project_id, reason, id, task_id)
        select %s, %s, %s, * from unnest(%s::uuid[], %s::uuid[])
        on conflict (organisation_id, task_id) where state in ('queued', 'leased') do nothing
        returning id, task_id
        """,
        (session.organisation_id, project_id, reason, [new_id() for _ in task_ids], list(task_ids)),
    )


def waiting(session: Session, project_id: UUID) -> list[Row]:
    """Reviews and adjudications at work, counted by kind, queue and whether someone holds them now."""
    return session.all(
        """
        select 'review' as kind, queue, state = 'leased' and lease_until > clock_timestamp() as is_held, count(*) as n
        from review_review where organisation_id = %(organisation)s and project_id = %(project)s
          and state in ('queued', 'leased') group by 2, 3
        union all
        select 'adjudication', '', state = 'leased' and lease_until > clock_timestamp(), count(*)
        from review_adjudication where organisation_id = %(organisation)s and project_id = %(project)s
          and state in ('queued', 'leased') group by 3
        """,
        {"organisation": session.organisation_id, "project": project_id},
    )


# --- leases -----------------------------------------------------------------------------------------------------------


def held_review(session: Session, project_id: UUID, person_id: UUID) -> UUID | None:
    row = session.first(
        """
        select id from review_review where organisation_id = %s and project_id = %s and reviewer_id = %s
          and state = 'leased' and lease_until > clock_timestamp() order by id limit 1 for update
        """,
        (session.organisation_id, project_id, person_id),
    )
    return row["id"] if row else None


def next_review(session: Session, project_id: UUID, person_id: UUID, queue: str | None) -> UUID | None:
    """The oldest waiting review on a task that this person has neither answered nor adjudicated, locked."""
    row = session.first(
        """
        select v.id from review_review v
        where v.organisation_id = %(organisation)s and v.project_id = %(project)s
          and (%(queue)s::text is null or v.queue = %(queue)s)
          and (v.state = 'queued' or (v.state = 'leased' and v.lease_until <= clock_timestamp()))
          and not exists (
            select from tasks_response r join workforce_annotator a
              on a.organisation_id = r.organisation_id and a.id = r.annotator_id
            where r.organisation_id = v.organisation_id and r.task_id = v.task_id and a.person_id = %(person)s)
          and not exists (
            select from review_adjudication j
            where j.organisation_id = v.organisation_id and j.task_id = v.task_id and j.adjudicator_id = %(person)s)
        order by v.id limit 1 for update of v skip locked
        """,
        {"organisation": session.organisation_id, "project": project_id, "queue": queue, "person": person_id},
    )
    return row["id"] if row else None


def lease_review(session: Session, review_id: UUID, person_id: UUID, seconds: int) -> None:
    session.execute(
        """
        update review_review set state = 'leased', reviewer_id = %s, fence = nextval('review_fence'),
            leased_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => %s)
        where organisation_id = %s and id = %s
        """,
        (person_id, seconds, session.organisation_id, review_id),
    )


def extend_review(session: Session, review_id: UUID, seconds: int) -> None:
    session.execute(
        """
        update review_review set lease_until = clock_timestamp() + make_interval(secs => %s)
        where organisation_id = %s and id = %s
        """,
        (seconds, session.organisation_id, review_id),
    )


def requeue_review(session: Session, review_id: UUID) -> None:
    session.execute(
        """
        update review_review set state = 'queued', reviewer_id = null, fence = null, lease_until = null
        where organisation_id = %s and id = %s
        """,
        (session.organisation_id, review_id),
    )


def review(session: Session, review_id: UUID) -> Row | None:
    """A review with what its reviewer sees, locked."""
    return session.first(
        """
        select v.id, v.project_id, v.task_id, v.response_id, r.version_id, v.state, v.reviewer_id, v.fence,
            v.lease_until, coalesce(v.lease_until <= clock_timestamp(), true) as is_over, v.alias, v.verdict,
            i.payload, r.answers, r.shown
        from review_review v
        join tasks_response r on r.organisation_id = v.organisation_id and r.id = v.response_id
        join tasks_item i on i.organisation_id = r.organisation_id and i.id = r.item_id
        where v.organisation_id = %s and v.id = %s for update of v
        """,
        (session.organisation_id, review_id),
    )


def held_adjudication(session: Session, project_id: UUID, person_id: UUID) -> UUID | None:
    row = session.first(
        """
        select id from review_adjudication where organisation_id = %s and project_id = %s and adjudicator_id = %s
          and state = 'leased' and lease_until > clock_timestamp() order by id limit 1 for update
        """,
        (session.organisation_id, project_id, person_id),
    )
    return row["id"] if row else None


def next_adjudication(session: Session, project_id: UUID, person_id: UUID) -> UUID | None:
    """The oldest waiting one, locked, on a complete task that waits for no revision and of which this person has
    neither written nor reviewed a response, nor adjudicated it before."""
    row = session.first(
        """
        select j.id from review_adjudication j
        join tasks_task t on t.organisation_id = j.organisation_id and t.id = j.task_id and t.state = 'complete'
        where j.organisation_id = %(organisation)s and j.project_id = %(project)s
          and (j.state = 'queued' or (j.state = 'leased' and j.lease_until <= clock_timestamp()))
          and not exists (
            select from tasks_response r join workforce_annotator a
              on a.organisation_id = r.organisation_id and a.id = r.annotator_id
            where r.organisation_id = j.organisation_id and r.task_id = j.task_id and a.person_id = %(person)s)
          and not exists (
            select from review_review v where v.organisation_id = j.organisation_id and v.task_id = j.task_id
              and v.reviewer_id = %(person)s and v.state in ('leased', 'finalised'))
          and not exists (
            select from review_adjudication b where b.organisation_id = j.organisation_id and b.task_id = j.task_id
              and b.adjudicator_id = %(person)s and b.state = 'settled')
          and not exists (
            select from review_outcome o
            join tasks_response r on r.organisation_id = o.organisation_id and r.id = o.response_id and r.is_counted
            where o.organisation_id = j.organisation_id and o.task_id = j.task_id and o.state = 'returned')
        order by j.id limit 1 for update of j skip locked
        """,
        {"organisation": session.organisation_id, "project": project_id, "person": person_id},
    )
    return row["id"] if row else None


def lease_adjudication(session: Session, adjudication_id: UUID, person_id: UUID, seconds: int) -> None:
    session.execute(
        """
        update review_adjudication set state = 'leased', adjudicator_id = %s, fence = nextval('review_fence'),
            leased_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => %s)
        where organisation_id = %s and id = %s
        """,
        (person_id, seconds, session.organisation_id, adjudication_id),
    )


def extend_adjudication(session: Session, adjudication_id: UUID, seconds: int) -> None:
    session.execute(
        """
        update review_adjudication set lease_until = clock_timestamp() + make_interval(secs => %s)
        where organisation_id = %s and id = %s
        """,
        (seconds, session.organisation_id, adjudication_id),
    )


def requeue_adjudication(session: Session, adjudication_id: UUID) -> None:
    session.execute(
        """
        update review_adjudication set state = 'queued', adjudicator_id = null, fence = null, lease_until = null
        where organisation_id = %s and id = %s
        """,
        (session.organisation_id, adjudication_id),
    )


def requeue_expired(session: Session) -> tuple[list[UUID], list[UUID]]:
    """Reviews and adjudications whose lease is over go back into their queues."""
    reviews = session.all(
        """
        update review_review set state = 'queued', reviewer_id = null, fence = null, lease_until = null
        where organisation_id = %s and state = 'leased' and lease_until <= clock_timestamp() returning id
        """,
        (session.organisation_id,),
    )
    adjudications = session.all(
        """
        update review_adjudication set state = 'queued', adjudicator_id = null, fence = null, lease_until = null
        where organisation_id = %s and state = 'leased' and lease_until <= clock_timestamp() returning id
        """,
        (session.organisation_id,),
    )
    return [row["id"] for row in reviews], [row["id"] for row in adjudications]


def adjudication(session: Session, adjudication_id: UUID) -> Row | None:
    """An adjudication with the item it is about, locked."""
    return session.first(
        """
        select j.id, j.project_id, j.task_id, t.version_id, j.state, j.adjudicator_id, j.fence, j.lease_until,
            coalesce(j.lease_until <= clock_timestamp(), true) as is_over, i.payload
        from review_adjudication j
        join tasks_task t on t.organisation_id = j.organisation_id and t.id = j.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        where j.organisation_id = %s and j.id = %s for update of j
        """,
        (session.organisation_id, adjudication_id),
    )


def responses_of_task(session: Session, task_id: UUID) -> list[Row]:
    return session.all(
        """
        select id, annotator_id, answers from tasks_response
        where organisation_id = %s and task_id = %s and is_counted order by id
        """,
        (session.organisation_id, task_id),
    )


# --- verdicts ---------------------------------------------------------------------------------------------------------


def finalise(
    session: Session, review_id: UUID, *, verdict: str, answers: list[Any] | None, note: str, tags: list[str]
) -> None:
    session.execute(
        """
        update review_review set state = 'finalised', verdict = %s, answers = %s, note = %s, tags = %s,
            finalised_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (verdict, None if answers is None else Jsonb(answers), note, tags, session.organisation_id, review_id),
    )


def skip_reviews(session: Session, task_id: UUID) -> list[UUID]:
    """Reviews of a task that are no longer needed."""
    rows = session.all(
        """
        update review_review set state = 'skipped', lease_until = null
        where organisation_id = %s and task_id = %s and state in ('queued', 'leased') returning id
        """,
        (session.organisation_id, task_id),
    )
    return [row["id"] for row in rows]


def settle_adjudication(
    session: Session,
    adjudication_id: UUID,
    answers: list[Any],
    causes: Mapping[str, str],
    *,
    note: str,
    make_gold: bool,
) -> None:
    session.execute(
        """
        update review_adjudication set state = 'settled', answers = %s, causes = %s, note = %s, make_gold = %s,
            settled_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (Jsonb(answers), Jsonb(causes), note, make_gold, session.organisation_id, adjudication_id),
    )


def park_adjudication(session: Session, adjudication_id: UUID, note: str) -> None:
    session.execute(
        """
        update review_adjudication set state = 'parked', note = %s, settled_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (note, session.organisation_id, adjudication_id),
    )


def set_outcome(
    session: Session, project_id: UUID, task_id: UUID, response_id: UUID, outcome: str, source_id: UUID
) -> None:
    session.execute(
        """
        insert into review_outcome (organisation_id, project_id, task_id, response_id, state, source_id)
        values (%s, %s, %s, %s, %s, %s)
        on conflict (organisation_id, response_id)
        do update set state = excluded.state, source_id = excluded.source_id, at = clock_timestamp()
        """,
        (session.organisation_id, project_id, task_id, response_id, outcome, source_id),
    )


def returns(session: Session, assignment_id: UUID) -> int:
    """How often the responses of an assignment were returned."""
    return session.one(
        """
        select count(*) as n from review_review v
        join tasks_response r on r.organisation_id = v.organisation_id and r.id = v.response_id
        where v.organisation_id = %s and r.assignment_id = %s and v.verdict = 'return'
        """,
        (session.organisation_id, assignment_id),
    )["n"]


def returned_response(session: Session, assignment_id: UUID) -> Row | None:
    """The counted response of an assignment whose revision is still waited for."""
    return session.first(
        """
        select r.id, r.project_id, r.task_id, o.source_id from tasks_response r
        join review_outcome o on o.organisation_id = r.organisation_id and o.response_id = r.id
        where r.organisation_id = %s and r.assignment_id = %s and r.is_counted and o.state = 'returned'
        """,
        (session.organisation_id, assignment_id),
    )


# --- settling ---------------------------------------------------------------------------------------------------------


def complete_tasks(session: Session, project_id: UUID) -> list[UUID]:
    rows = session.all(
        """
        select id from tasks_task
        where organisation_id = %s and project_id = %s and state = 'complete' and not is_gold order by id
        """,
        (session.organisation_id, project_id),
    )
    return [row["id"] for row in rows]


def ready_tasks(
    session: Session, task_ids: Sequence[UUID], *, even_disputed: bool, even_recorded: bool
) -> dict[UUID, Row]:
    """Those of the tasks that can be settled now, locked, with how many of their responses were approved.

    Each table is asked for these tasks by itself: right after an import the planner knows nothing of the organisation,
    and as one join it went through all of its responses once for each task.
    """
    rows = session.all(
        """
        with decided as materialized (
            select d.task_id, d.n, d.state from scoring_decision d
            where d.organisation_id = %(organisation)s and d.task_id = any(%(tasks)s)
        ), open as materialized (
            select v.task_id from review_review v
            where v.organisation_id = %(organisation)s and v.task_id = any(%(tasks)s)
              and v.state in ('queued', 'leased')
            group by v.task_id
        ), judged as materialized (
            select o.task_id, count(*) filter (where o.state = 'approved') as approved,
                bool_or(o.state = 'returned') as is_returned
            from review_outcome o
            join tasks_response r on r.organisation_id = o.organisation_id and r.id = o.response_id and r.is_counted
            where o.organisation_id = %(organisation)s and o.task_id = any(%(tasks)s)
              and o.state in ('approved', 'returned')
            group by o.task_id
        )
        select t.id, t.project_id, t.version_id, t.responses, coalesce(judged.approved, 0) as approved
        from tasks_task t
        join decided d on d.task_id = t.id
        left join open on open.task_id = t.id
        left join judged on judged.task_id = t.id
        where t.organisation_id = %(organisation)s and t.id = any(%(tasks)s) and t.state = 'complete' and not t.is_gold
          and d.n >= t.responses and open.task_id is null and judged.is_returned is not true
          and (%(disputed)s and d.state = 'disputed' or d.state = 'confident' and (%(disputed)s or not t.is_disputed))
          and (%(recorded)s or exists (
            select from tasks_response r where r.organisation_id = t.organisation_id and r.task_id = t.id
              and r.is_counted and r.source <> 'recorded'))
        order by t.id for update of t
        """,
        {
            "organisation": session.organisation_id,
            "tasks": list(task_ids),
            "disputed": even_disputed,
            "recorded": even_recorded,
        },
    )
    return {row["id"]: row for row in rows}


def posteriors(session: Session, task_ids: Sequence[UUID]) -> list[Row]:
    return session.all(
        """
        select task_id, question, nullif(target, '') as target, value, probabilities, confidence, method, responses,
            run_id
        from scoring_posterior where organisation_id = %s and task_id = any(%s) order by task_id, question, target
        """,
        (session.organisation_id, list(task_ids)),
    )


def corrections(session: Session, task_ids: Sequence[UUID]) -> list[Row]:
    """What reviewers corrected in counted responses of these tasks, and what had been given, oldest first."""
    return session.all(
        """
        select v.task_id, v.id as review_id, v.answers, r.answers as given from review_review v
        join tasks_response r on r.organisation_id = v.organisation_id and r.id = v.response_id and r.is_counted
        where v.organisation_id = %s and v.task_id = any(%s) and v.verdict = 'correct'
        order by v.finalised_at, v.id
        """,
        (session.organisation_id, list(task_ids)),
    )


def end_adjudications(session: Session, task_ids: Sequence[UUID]) -> None:
    """What was to be adjudicated has been settled otherwise."""
    session.execute(
        """
        update review_adjudication set state = 'parked', note = 'settled without adjudication',
            settled_at = clock_timestamp()
        where organisation_id = %s and task_id = any(%s) and state in ('queued', 'leased')
        """,
        (session.organisation_id, list(task_ids)),
    )


def end_pending(session: Session, task_ids: Sequence[UUID]) -> None:
    """Counted responses on which nobody gave a verdict are unreviewed from now on; `task.settled` says so."""
    session.execute(
        """
        insert into review_outcome (organisation_id, project_id, task_id, response_id, state)
        select organisation_id, project_id, task_id, id, 'unreviewed' from tasks_response
        where organisation_id = %s and task_id = any(%s) and is_counted
        on conflict (organisation_id, response_id) do nothing
        """,
        (session.organisation_id, list(task_ids)),
    )


# --- progress ---------------------------------------------------------------------------------------------------------


def progress(session: Session, project_id: UUID) -> Row:
    """How far a project is: the tasks are walked once, the rest is counted over indexes."""
    return session.one(
        """
        with tasks as materialized (
            select state, is_gold, is_disputed, count(*) as n, sum(responses) as responses,
                sum(seats_taken - responses) as leases
            from tasks_task where organisation_id = %(organisation)s and project_id = %(project)s group by 1, 2, 3)
        select
            (select count(*) from tasks_item where organisation_id = %(organisation)s and project_id = %(project)s)
                as items,
            (select coalesce(jsonb_object_agg(state, n), '{}') from (
                select state, sum(n)::int as n from tasks where not is_gold group by state) t) as tasks,
            (select coalesce(sum(n), 0)::int from tasks where is_gold) as gold_tasks,
            (select coalesce(sum(n), 0)::int from tasks where state = 'complete' and is_disputed) as disputed,
            (select coalesce(sum(responses), 0)::int from tasks) as responses,
            (select coalesce(sum(leases), 0)::int from tasks where state in ('open', 'complete')) as leases,
            (select coalesce(jsonb_object_agg(queue, n), '{}') from (
                select queue, count(*) as n from review_review
                where organisation_id = %(organisation)s and project_id = %(project)s and state in ('queued', 'leased')
                group by queue) q) as reviews_waiting,
            (select count(*) from review_review where organisation_id = %(organisation)s and project_id = %(project)s
                and state = 'finalised') as reviews_finalised,
            (select count(*) from review_adjudication where organisation_id = %(organisation)s
                and project_id = %(project)s and state in ('queued', 'leased')) as adjudications_waiting,
            (select count(*) from review_adjudication where organisation_id = %(organisation)s
                and project_id = %(project)s and state = 'settled') as adjudications_settled,
            (select coalesce(jsonb_object_agg(state, n), '{}') from (
                select state, count(*) as n from review_outcome
                where organisation_id = %(organisation)s and project_id = %(project)s group by state) o) as outcomes
        """,
        {"organisation": session.organisation_id, "project": project_id},
    )
