"""Tables of posteriors, decisions, gold results, skills, agreement and runs; and what they are made from."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.kernel import new_id
from assay.scoring.model import VERSION, Decision, Posterior
from assay.storage import Session
from assay.storage.session import Row

BLOCK = 20_000  # rows in one statement

# --- what the numbers are made from: tables of the rooms below --------------------------------------------------------


def lock_project(session: Session, project_id: UUID) -> None:
    """One writer of a project's numbers at a time, until the transaction ends."""
    session.execute("select pg_advisory_xact_lock(hashtextextended(%s, 4))", (str(project_id),))


def heard(session: Session, response_ids: Sequence[UUID]) -> list[Row]:
    """Responses that still count, with the item they are about."""
    return session.all(
        """
        select id, project_id, task_id, item_id, annotator_id, version_id, answers, source from tasks_response
        where organisation_id = %s and id = any(%s) and state = 'submitted' and is_counted
        """,
        (session.organisation_id, list(response_ids)),
    )


def tasks(session: Session, task_ids: Sequence[UUID]) -> list[Row]:
    return session.all(
        """
        select t.id, t.item_id, t.version_id, t.state, t.is_gold, t.is_disputed, t.overlap_wanted, t.overlap_max,
            t.responses, d.state as decided
        from tasks_task t
        left join scoring_decision d on d.organisation_id = t.organisation_id and d.task_id = t.id
        where t.organisation_id = %s and t.id = any(%s) order by t.id
        """,
        (session.organisation_id, list(task_ids)),
    )


def answered_tasks(session: Session, project_id: UUID) -> list[Row]:
    """The tasks of a project that have answers, with the names by which results are split."""
    return session.all(
        """
        select t.id, t.item_id, t.version_id, t.state, t.is_gold, t.is_disputed, t.overlap_wanted, t.overlap_max,
            t.responses, d.state as decided, i.language, i.slices
        from tasks_task t
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        left join scoring_decision d on d.organisation_id = t.organisation_id and d.task_id = t.id
        where t.organisation_id = %s and t.project_id = %s and t.responses > 0 order by t.id
        """,
        (session.organisation_id, project_id),
    )


def answers_of_tasks(
    session: Session, task_ids: Sequence[UUID], *, heard: Sequence[UUID], recall_seconds: int
) -> list[Row]:
    """Counted responses that can no longer be recalled; those just heard of are among them."""
    return session.all(
        """
        select id, task_id, annotator_id, version_id, answers from tasks_response
        where organisation_id = %s and task_id = any(%s) and is_counted
          and (id = any(%s) or source = 'recorded'
               or submitted_at <= clock_timestamp() - make_interval(secs => %s)) order by id
        """,
        (session.organisation_id, list(task_ids), list(heard), recall_seconds),
    )


def answers_of_project(session: Session, project_id: UUID, *, recall_seconds: int) -> Iterator[Row]:
    """Counted responses that can no longer be recalled."""
    return session.stream(
        """
        select id, task_id, item_id, annotator_id, version_id, answers from tasks_response
        where organisation_id = %s and project_id = %s and is_counted
          and (source = 'recorded' or submitted_at <= clock_timestamp() - make_interval(secs => %s)) order by id
        """,
        (session.organisation_id, project_id, recall_seconds),
    )


def payloads(session: Session, item_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = session.all(
        "select id, payload from tasks_item where organisation_id = %s and id = any(%s)",
        (session.organisation_id, list(item_ids)),
    )
    return {row["id"]: row["payload"] for row in rows}


def gold_of_items(session: Session, item_ids: Sequence[UUID]) -> list[Row]:
    return session.all(
        """
        select id, item_id, question, target, accept from tasks_gold
        where organisation_id = %s and item_id = any(%s) and state = 'live'
        """,
        (session.organisation_id, list(item_ids)),
    )


def gold_of_project(session: Session, project_id: UUID) -> list[Row]:
    return session.all(
        """
        select id, item_id, question, target, accept from tasks_gold
        where organisation_id = %s and project_id = %s and state = 'live'
        """,
        (session.organisation_id, project_id),
    )


def position_in_log(session: Session) -> UUID | None:
    row = session.first(
        "select id from audit_event where organisation_id = %s order by id desc limit 1", (session.organisation_id,)
    )
    return row["id"] if row else None


# --- runs and models --------------------------------------------------------------------------------------------------


def add_run(session: Session, project_id: UUID, method: str, seed: int) -> UUID:
    run_id = new_id()
    session.execute(
        """
        insert into scoring_run (organisation_id, id, project_id, method, version, seed)
        values (%s, %s, %s, %s, %s, %s)
        """,
        (session.organisation_id, run_id, project_id, method, VERSION, seed),
    )
    return run_id


def run(session: Session, run_id: UUID) -> Row | None:
    return session.first(
        """
        select id, project_id, state, method, version, seed, responses, last_response_id, last_event_id, report, error,
            queued_at, finished_at
        from scoring_run where organisation_id = %s and id = %s
        """,
        (session.organisation_id, run_id),
    )


def latest_run(session: Session, project_id: UUID, *, done: bool) -> Row | None:
    """The run finished last, which the numbers come from; or the one asked for last."""
    return session.first(
        """
        select id, project_id, state, method, version, seed, responses, last_response_id, last_event_id, report, error,
            queued_at, finished_at
        from scoring_run where organisation_id = %s and project_id = %s and (not %s or state = 'done')
        order by case when %s then finished_at end desc, id desc limit 1
        """,
        (session.organisation_id, project_id, done, done),
    )


def queued_run(session: Session, project_id: UUID, seed: int) -> UUID | None:
    """The refit of this seed that waits to be done."""
    row = session.first(
        """
        select id from scoring_run
        where organisation_id = %s and project_id = %s and seed = %s and state = 'queued' order by id limit 1
        """,
        (session.organisation_id, project_id, seed),
    )
    return row["id"] if row else None


def finish_run(
    session: Session,
    run_id: UUID,
    *,
    responses: int,
    last_response_id: UUID | None,
    last_event_id: UUID | None,
    report: dict[str, Any],
) -> None:
    session.execute(
        """
        update scoring_run set state = 'done', responses = %s, last_response_id = %s, last_event_id = %s, report = %s,
            finished_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (responses, last_response_id, last_event_id, Jsonb(report), session.organisation_id, run_id),
    )


def add_to_tally(session: Session, project_id: UUID, responses: int) -> tuple[int, int]:
    """Responses heard of since the last refit, and how many that one had."""
    row = session.one(
        """
        insert into scoring_tally (organisation_id, project_id, since_refit) values (%s, %s, %s)
        on conflict (organisation_id, project_id) do update set since_refit = scoring_tally.since_refit + %s
        returning since_refit, at_refit
        """,
        (session.organisation_id, project_id, responses, responses),
    )
    return row["since_refit"], row["at_refit"]


def start_tally(session: Session, project_id: UUID, at_refit: int) -> None:
    session.execute(
        """
        insert into scoring_tally (organisation_id, project_id, at_refit) values (%s, %s, %s)
        on conflict (organisation_id, project_id) do update set since_refit = 0, at_refit = excluded.at_refit
        """,
        (session.organisation_id, project_id, at_refit),
    )


def models(session: Session, project_id: UUID) -> list[Row]:
    return session.all(
        """
        select question, option, method, run_id, labels, annotators, parameters from scoring_model
        where organisation_id = %s and project_id = %s
        """,
        (session.organisation_id, project_id),
    )


def replace_models(session: Session, project_id: UUID, run_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    session.execute(
        "delete from scoring_model where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )
    session.many(
        """
        insert into scoring_model (organisation_id, project_id, question, option, method, version, run_id, labels,
            annotators, parameters)
        values (%(organisation)s, %(project)s, %(question)s, %(option)s, %(method)s, %(version)s, %(run)s, %(labels)s,
            %(annotators)s, %(parameters)s)
        """,
        [
            {"organisation": session.organisation_id, "project": project_id, "run": run_id, "version": VERSION} | row
            for row in rows
        ],
    )


# --- posteriors and decisions -----------------------------------------------------------------------------------------


def forget_posteriors(session: Session, project_id: UUID) -> None:
    session.execute(
        "delete from scoring_posterior where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )


def keep_posteriors(session: Session, project_id: UUID, posteriors: Sequence[Posterior]) -> None:
    """Write or replace the posteriors of many units, a block in one statement."""
    for start in range(0, len(posteriors), BLOCK):
        _keep_posteriors(session, project_id, posteriors[start : start + BLOCK])


def _keep_posteriors(session: Session, project_id: UUID, posteriors: Sequence[Posterior]) -> None:
    session.execute(
        """
        insert into scoring_posterior (organisation_id, project_id, version, task_id, question, target, value,
            probabilities, estimate, low, high, confidence, agreement, n, responses, method, run_id)
        select %(organisation)s, %(project)s, %(version)s, task_id, question, target, value, probabilities, estimate,
            low, high, confidence, agreement, n, responses, method, run_id
        from jsonb_to_recordset(%(rows)s::jsonb) as fresh (task_id uuid, question text, target text, value jsonb,
            probabilities jsonb, estimate float8, low float8, high float8, confidence float8, agreement float8, n int,
            responses uuid[], method text, run_id uuid)
        on conflict (organisation_id, task_id, question, target) do update set
            version = excluded.version, value = excluded.value, probabilities = excluded.probabilities,
            estimate = excluded.estimate, low = excluded.low, high = excluded.high, confidence = excluded.confidence,
            agreement = excluded.agreement, n = excluded.n, responses = excluded.responses, method = excluded.method,
            run_id = excluded.run_id
        """,
        {
            "organisation": session.organisation_id,
            "project": project_id,
            "version": VERSION,
            "rows": _rows(
                {
                    "task_id": p.unit.task_id,
                    "question": p.question,
                    "target": p.unit.target or "",
                    "value": p.value,
                    "probabilities": p.probabilities,
                    "estimate": p.estimate,
                    "low": p.low,
                    "high": p.high,
                    "confidence": p.confidence,
                    "agreement": p.agreement,
                    "n": p.n,
                    "responses": p.responses,
                    "method": p.method,
                    "run_id": p.run_id,
                }
                for p in posteriors
            ),
        },
    )


def keep_decisions(session: Session, project_id: UUID, decisions: Sequence[Decision]) -> None:
    for start in range(0, len(decisions), BLOCK):
        _keep_decisions(session, project_id, decisions[start : start + BLOCK])


def _keep_decisions(session: Session, project_id: UUID, decisions: Sequence[Decision]) -> None:
    session.execute(
        """
        insert into scoring_decision (organisation_id, project_id, task_id, state, confidence, n, method, run_id)
        select %(organisation)s, %(project)s, task_id, state, confidence, n, method, run_id
        from jsonb_to_recordset(%(rows)s::jsonb)
            as fresh (task_id uuid, state text, confidence float8, n int, method text, run_id uuid)
        on conflict (organisation_id, task_id) do update set state = excluded.state, confidence = excluded.confidence,
            n = excluded.n, method = excluded.method, run_id = excluded.run_id, decided_at = clock_timestamp()
        """,
        {
            "organisation": session.organisation_id,
            "project": project_id,
            "rows": _rows(
                {
                    "task_id": d.task_id,
                    "state": d.verdict,
                    "confidence": d.confidence,
                    "n": d.n,
                    "method": d.method,
                    "run_id": d.run_id,
                }
                for d in decisions
            ),
        },
    )


def posteriors_of_tasks(session: Session, task_ids: Sequence[UUID]) -> list[Row]:
    return session.all(
        """
        select task_id, question, nullif(target, '') as target, value, probabilities, estimate, low, high, confidence,
            agreement, n, responses, method, version, run_id
        from scoring_posterior where organisation_id = %s and task_id = any(%s) order by task_id, question, target
        """,
        (session.organisation_id, list(task_ids)),
    )


def decisions_page(
    session: Session, project_id: UUID, *, state: str | None, after: UUID | None, limit: int
) -> list[Row]:
    return session.all(
        """
        select d.task_id, d.state, d.confidence, d.n, d.method, d.run_id, d.decided_at, i.external_id
        from scoring_decision d
        join tasks_task t on t.organisation_id = d.organisation_id and t.id = d.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        where d.organisation_id = %(organisation)s and d.project_id = %(project)s
          and (%(state)s::text is null or d.state = %(state)s) and (%(after)s::uuid is null or d.task_id > %(after)s)
        order by d.task_id limit %(limit)s
        """,
        {
            "organisation": session.organisation_id,
            "project": project_id,
            "state": state,
            "after": after,
            "limit": limit,
        },
    )


# --- evidence, skills, agreement --------------------------------------------------------------------------------------


def forget_gold_results(session: Session, project_id: UUID) -> None:
    session.execute(
        "delete from scoring_gold_result where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )


def keep_gold_results(session: Session, project_id: UUID, rows: Sequence[Row]) -> None:
    """Rows with response, gold, annotator, question, target, verdict, score; a second grade replaces the first."""
    if not rows:
        return
    session.execute(
        """
        insert into scoring_gold_result (organisation_id, project_id, response_id, gold_id, annotator_id, question,
            target, verdict, score)
        select %(organisation)s, %(project)s, * from unnest(%(response)s::uuid[], %(gold)s::uuid[],
            %(annotator)s::uuid[], %(question)s::text[], %(target)s::text[], %(verdict)s::text[], %(score)s::float8[])
        on conflict (organisation_id, response_id, gold_id) do update
        set verdict = excluded.verdict, score = excluded.score, graded_at = clock_timestamp()
        """,
        {"organisation": session.organisation_id, "project": project_id}
        | {
            name: [row[name] for row in rows]
            for name in ("response", "gold", "annotator", "question", "target", "verdict", "score")
        },
    )


def keep_review_results(session: Session, project_id: UUID, source_id: UUID, rows: Sequence[Row]) -> None:
    session.many(
        """
        insert into scoring_review_result (organisation_id, project_id, source_id, response_id, annotator_id, question,
            target, verdict, score)
        values (%(organisation)s, %(project)s, %(source)s, %(response)s, %(annotator)s, %(question)s, %(target)s,
            %(verdict)s, %(score)s)
        on conflict (organisation_id, response_id, question, target) do update
        set verdict = excluded.verdict, score = excluded.score, source_id = excluded.source_id
        """,
        [
            {"organisation": session.organisation_id, "project": project_id, "source": source_id}
            | row
            | {"target": row["target"] or ""}
            for row in rows
        ],
    )


def evidence(session: Session, project_id: UUID) -> list[Row]:
    """Verdicts counted by annotator, question and kind. What was recorded elsewhere gives way to our own grade."""
    return session.all(
        """
        with gold as (
            select annotator_id, question, verdict from scoring_gold_result
            where organisation_id = %(organisation)s and project_id = %(project)s
            union all
            select r.annotator_id, r.question, r.verdict from tasks_gold_result r
            where r.organisation_id = %(organisation)s and r.project_id = %(project)s and not exists (
                select from scoring_gold_result g
                join tasks_response p on p.organisation_id = g.organisation_id and p.id = g.response_id
                where g.organisation_id = r.organisation_id and g.project_id = r.project_id
                  and g.annotator_id = r.annotator_id and g.question = r.question and p.item_id = r.item_id)
        )
        select annotator_id, question, 'gold' as evidence, count(*) as n,
            count(*) filter (where verdict = 'right') as right, count(*) filter (where verdict = 'partly') as partly
        from gold group by annotator_id, question
        union all
        select annotator_id, question, 'review', count(*),
            count(*) filter (where verdict = 'right'), count(*) filter (where verdict = 'partly')
        from scoring_review_result where organisation_id = %(organisation)s and project_id = %(project)s
        group by annotator_id, question
        order by 1, 2, 3
        """,
        {"organisation": session.organisation_id, "project": project_id},
    )


def replace_skills(session: Session, project_id: UUID, run_id: UUID, rows: Sequence[Row]) -> None:
    session.execute(
        "delete from scoring_skill where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )
    session.many(
        """
        insert into scoring_skill (organisation_id, project_id, run_id, version, annotator_id, question, evidence,
            domain, mean, low, high, n, method)
        values (%(organisation)s, %(project)s, %(run)s, %(version)s, %(annotator_id)s, %(question)s, %(evidence)s,
            %(domain)s, %(mean)s, %(low)s, %(high)s, %(n)s, %(method)s)
        """,
        [
            {"organisation": session.organisation_id, "project": project_id, "run": run_id, "version": VERSION} | row
            for row in rows
        ],
    )


def skills_page(session: Session, project_id: UUID, *, after: str | None, limit: int) -> list[Row]:
    """Skills of so many annotators, in the order of their pseudonyms."""
    return session.all(
        """
        with page as (
            select id, pseudonym from workforce_annotator a
            where a.organisation_id = %(organisation)s and (%(after)s::text is null or a.pseudonym > %(after)s)
              and exists (select from scoring_skill s where s.organisation_id = a.organisation_id
                          and s.project_id = %(project)s and s.annotator_id = a.id)
            order by a.pseudonym limit %(limit)s)
        select p.id as annotator_id, p.pseudonym, s.question, s.domain, s.evidence, s.mean, s.low, s.high, s.n,
            s.method, s.version, s.run_id
        from page p join scoring_skill s on s.organisation_id = %(organisation)s and s.project_id = %(project)s
          and s.annotator_id = p.id
        order by p.pseudonym, s.question, s.evidence
        """,
        {"organisation": session.organisation_id, "project": project_id, "after": after, "limit": limit},
    )


def replace_agreement(session: Session, project_id: UUID, run_id: UUID, rows: Sequence[Row]) -> None:
    session.execute(
        "delete from scoring_agreement where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )
    session.many(
        """
        insert into scoring_agreement (organisation_id, project_id, run_id, version, version_id, question, slice,
            measure, value, low, high, raw, n_items, n_values, missing, method)
        values (%(organisation)s, %(project)s, %(run)s, %(version)s, %(version_id)s, %(question)s, %(slice)s,
            %(measure)s, %(value)s, %(low)s, %(high)s, %(raw)s, %(n_items)s, %(n_values)s, %(missing)s, %(method)s)
        """,
        [
            {"organisation": session.organisation_id, "project": project_id, "run": run_id, "version": VERSION} | row
            for row in rows
        ],
    )


def agreement(session: Session, project_id: UUID) -> list[Row]:
    return session.all(
        """
        select a.version_id, v.number as project_version, a.question, a.slice, a.measure, a.value, a.low, a.high, a.raw,
            a.n_items, a.n_values, a.missing, a.method, a.version, a.run_id
        from scoring_agreement a
        join projects_version v on v.organisation_id = a.organisation_id and v.id = a.version_id
        where a.organisation_id = %s and a.project_id = %s order by v.number, a.question, a.measure, a.slice
        """,
        (session.organisation_id, project_id),
    )


def gold_totals(session: Session, project_id: UUID) -> list[Row]:
    """Hidden checks of all annotators together, by question: ours, and those recorded elsewhere."""
    return session.all(
        """
        select question, 'graded here' as source, count(*) as n, count(*) filter (where verdict = 'right') as right,
            count(*) filter (where verdict = 'partly') as partly
        from scoring_gold_result where organisation_id = %(organisation)s and project_id = %(project)s group by question
        union all
        select question, 'recorded elsewhere', count(*), count(*) filter (where verdict = 'right'),
            count(*) filter (where verdict = 'partly')
        from tasks_gold_result where organisation_id = %(organisation)s and project_id = %(project)s group by question
        order by 1, 2
        """,
        {"organisation": session.organisation_id, "project": project_id},
    )


def counts(session: Session, project_id: UUID) -> Row:
    """What there is to count, as it stands now."""
    return session.one(
        """
        select
            (select count(*) from tasks_response where organisation_id = %(organisation)s
                and project_id = %(project)s and is_counted) as responses,
            (select count(distinct annotator_id) from tasks_response where organisation_id = %(organisation)s
                and project_id = %(project)s and is_counted) as annotators,
            (select coalesce(jsonb_object_agg(state, n), '{}') from (
                select state, count(*) as n from scoring_decision
                where organisation_id = %(organisation)s and project_id = %(project)s group by state) by_state)
                as decisions
        """,
        {"organisation": session.organisation_id, "project": project_id},
    )


def _rows(rows: Iterable[dict[str, Any]]) -> str:
    """Many rows as one JSON text, which is quicker to write and to read than arrays of each column."""
    return json.dumps(list(rows), ensure_ascii=False, default=str)
