"""Tables of lots, checks, certificates and releases, and the rows of a release from the tables of the rooms below."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.delivery.model import Check, Lot, LotState, NoSuchCheck, NoSuchLot, NoSuchRelease, Release, ReleaseState
from assay.kernel import new_id
from assay.quality.sampling.acceptance import AcceptancePlan
from assay.storage import Session
from assay.storage.session import Row

# --- lots ------------------------------------------------------------------------------------------------------------

_LOT = (
    "select id, project_id, version_id, rule, size, plan, seed, state, decision, sealed_at, decided_at "
    "from delivery_lot "
)


def add_lot(
    session: Session,
    project_id: UUID,
    *,
    version_id: UUID,
    rule: str,
    plan: AcceptancePlan,
    batch_id: UUID | None,
    size_max: int | None,
) -> Lot | None:
    """A lot of the settled tasks that are in no other open lot, oldest first; None when there are none."""
    lot_id = new_id()
    session.execute(
        """
        insert into delivery_lot (organisation_id, id, project_id, version_id, rule, size, plan, state)
        values (%s, %s, %s, %s, %s, 0, %s, 'sealed')
        """,
        (session.organisation_id, lot_id, project_id, version_id, rule, Jsonb(asdict(plan))),
    )
    size = session.execute(
        """
        insert into delivery_lot_task (organisation_id, lot_id, task_id)
        select t.organisation_id, %(lot)s, t.id from tasks_task t
        where t.organisation_id = %(organisation)s and t.project_id = %(project)s and t.state = 'settled'
            and not t.is_gold and (%(batch)s::uuid is null or t.batch_id = %(batch)s)
            and exists (select 1 from tasks_settled s where s.organisation_id = t.organisation_id and s.task_id = t.id)
            and not exists (select 1 from delivery_lot_task other
                where other.organisation_id = t.organisation_id and other.task_id = t.id and other.is_open)
        order by t.id limit %(size_max)s for share of t
        on conflict (organisation_id, task_id) where is_open do nothing
        """,
        {
            "organisation": session.organisation_id,
            "lot": lot_id,
            "project": project_id,
            "batch": batch_id,
            "size_max": size_max,
        },
    )
    if size == 0:
        session.execute(
            "delete from delivery_lot where organisation_id = %s and id = %s", (session.organisation_id, lot_id)
        )
        return None
    session.execute(
        "update delivery_lot set size = %s where organisation_id = %s and id = %s",
        (size, session.organisation_id, lot_id),
    )
    return lot(session, lot_id)


def lot(session: Session, lot_id: UUID) -> Lot:
    """Raises NoSuchLot."""
    return _lot(session.first(_LOT + "where organisation_id = %s and id = %s", (session.organisation_id, lot_id)))


def lot_to_change(session: Session, lot_id: UUID) -> Lot:
    """The lot, locked. Raises NoSuchLot."""
    return _lot(
        session.first(_LOT + "where organisation_id = %s and id = %s for update", (session.organisation_id, lot_id))
    )


def lots(session: Session, project_id: UUID, *, after: UUID | None, limit: int) -> list[Lot]:
    rows = session.all(
        _LOT + "where organisation_id = %s and project_id = %s and (%s::uuid is null or id > %s) order by id limit %s",
        (session.organisation_id, project_id, after, after, limit),
    )
    return [_lot(row) for row in rows]


def _lot(row: Row | None) -> Lot:
    if row is None:
        raise NoSuchLot("no such lot in this organisation")
    return Lot(**{**row, "plan": AcceptancePlan(**row["plan"]), "state": LotState(row["state"])})


def set_lot_state(session: Session, lot_ids: Sequence[UUID], state: LotState) -> None:
    session.execute(
        "update delivery_lot set state = %s where organisation_id = %s and id = any(%s)",
        (state, session.organisation_id, list(lot_ids)),
    )


def set_seed(session: Session, lot_id: UUID, seed: str) -> None:
    session.execute(
        "update delivery_lot set seed = %s, state = 'inspecting' where organisation_id = %s and id = %s",
        (seed, session.organisation_id, lot_id),
    )


def set_decision(session: Session, lot_id: UUID, decision: dict[str, Any]) -> None:
    session.execute(
        "update delivery_lot set decision = %s, decided_at = clock_timestamp() where organisation_id = %s and id = %s",
        (Jsonb(decision), session.organisation_id, lot_id),
    )


def free_tasks(session: Session, lot_id: UUID) -> None:
    """The lot is closed: its tasks may go into another."""
    session.execute(
        "update delivery_lot_task set is_open = false where organisation_id = %s and lot_id = %s",
        (session.organisation_id, lot_id),
    )


def task_ids(session: Session, lot_id: UUID, *, only_wrong: bool = False) -> list[UUID]:
    """The tasks of a lot, or those that were checked and not found conforming."""
    rows = session.all(
        """
        select lt.task_id from delivery_lot_task lt where lt.organisation_id = %s and lt.lot_id = %s
            and (not %s or exists (select 1 from delivery_check c where c.organisation_id = lt.organisation_id
                and c.lot_id = lt.lot_id and c.task_id = lt.task_id and c.verdict <> 'conforming'))
        order by lt.task_id
        """,
        (session.organisation_id, lot_id, only_wrong),
    )
    return [row["task_id"] for row in rows]


def reopened(session: Session, lot_ids: Sequence[UUID]) -> int:
    """Tasks of these lots that are no longer settled."""
    return session.one(
        """
        select count(*) as n from delivery_lot_task lt
        join tasks_task t on t.organisation_id = lt.organisation_id and t.id = lt.task_id
        where lt.organisation_id = %s and lt.lot_id = any(%s) and t.state <> 'settled'
        """,
        (session.organisation_id, list(lot_ids)),
    )["n"]


# --- checks ----------------------------------------------------------------------------------------------------------

_CHECK = "select id, lot_id, task_id, position, state, auditor_id, fence, lease_until, answers from delivery_check "


def add_checks(session: Session, lot_id: UUID, task_ids: Sequence[UUID], *, after: int) -> None:
    """Drawn tasks, in the order drawn."""
    session.many(
        """
        insert into delivery_check (organisation_id, id, lot_id, task_id, position) values (%s, %s, %s, %s, %s)
        """,
        [
            (session.organisation_id, new_id(), lot_id, task_id, position)
            for position, task_id in enumerate(task_ids, start=after + 1)
        ],
    )


def held_check(session: Session, lot_id: UUID, auditor_id: UUID) -> Check | None:
    """The check of this lot that is in this auditor's hands."""
    row = session.first(
        _CHECK
        + """where organisation_id = %s and lot_id = %s and auditor_id = %s and state = 'leased'
            and lease_until > clock_timestamp() for update""",
        (session.organisation_id, lot_id, auditor_id),
    )
    return Check(**row) if row else None


def pick_check(session: Session, lot_id: UUID, auditor_id: UUID) -> Check | None:
    """The first drawn task that nobody holds and that this person has had no hand in, locked."""
    row = session.first(
        """
        select c.id, c.lot_id, c.task_id, c.position, c.state, c.auditor_id, c.fence, c.lease_until, c.answers
        from delivery_check c
        where c.organisation_id = %(organisation)s and c.lot_id = %(lot)s
            and (c.state = 'drawn' or (c.state = 'leased' and c.lease_until <= clock_timestamp()))
            and not exists (select 1 from tasks_response r
                join workforce_annotator a on a.organisation_id = r.organisation_id and a.id = r.annotator_id
                where r.organisation_id = c.organisation_id and r.task_id = c.task_id
                    and a.person_id = %(auditor)s)
            and not exists (select 1 from review_review v
                where v.organisation_id = c.organisation_id and v.task_id = c.task_id
                    and v.reviewer_id = %(auditor)s)
            and not exists (select 1 from review_adjudication j
                where j.organisation_id = c.organisation_id and j.task_id = c.task_id
                    and j.adjudicator_id = %(auditor)s)
        order by c.position limit 1 for update of c skip locked
        """,
        {"organisation": session.organisation_id, "lot": lot_id, "auditor": auditor_id},
    )
    return Check(**row) if row else None


def lease_check(session: Session, check_id: UUID, auditor_id: UUID, lease_seconds: int) -> Check:
    """Give the check to an auditor; what another answered before is forgotten."""
    row = session.one(
        """
        update delivery_check set state = 'leased', auditor_id = %s, fence = nextval('delivery_fence'),
            lease_until = clock_timestamp() + make_interval(secs => %s), answers = null
        where organisation_id = %s and id = %s
        returning id, lot_id, task_id, position, state, auditor_id, fence, lease_until, answers
        """,
        (auditor_id, lease_seconds, session.organisation_id, check_id),
    )
    return Check(**row)


def check_lot(session: Session, check_id: UUID) -> UUID:
    """The lot that a check belongs to. Raises NoSuchCheck."""
    row = session.first(
        "select lot_id from delivery_check where organisation_id = %s and id = %s", (session.organisation_id, check_id)
    )
    if row is None:
        raise NoSuchCheck("no such check in this organisation")
    return row["lot_id"]


def check_to_change(session: Session, check_id: UUID) -> Check:
    """The check, locked. Raises NoSuchCheck."""
    row = session.first(
        _CHECK + "where organisation_id = %s and id = %s for update", (session.organisation_id, check_id)
    )
    if row is None:
        raise NoSuchCheck("no such check in this organisation")
    return Check(**row)


def keep_answers(session: Session, check_id: UUID, answers: list[dict[str, Any]]) -> None:
    session.execute(
        "update delivery_check set answers = %s where organisation_id = %s and id = %s",
        (Jsonb(answers), session.organisation_id, check_id),
    )


def judge(session: Session, check_id: UUID, verdict: str, severity: str | None, note: str) -> None:
    session.execute(
        """
        update delivery_check set state = 'judged', verdict = %s, severity = %s, note = %s,
            judged_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (verdict, severity, note, session.organisation_id, check_id),
    )


def checks(session: Session, lot_id: UUID) -> list[Row]:
    """All checks of a lot in the order drawn, with what their items are sliced by."""
    return session.all(
        """
        select c.id, c.position, c.task_id, c.state, c.auditor_id, c.verdict, c.severity, c.note, c.judged_at,
            i.slices, i.language
        from delivery_check c
        join tasks_task t on t.organisation_id = c.organisation_id and t.id = c.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        where c.organisation_id = %s and c.lot_id = %s order by c.position
        """,
        (session.organisation_id, lot_id),
    )


# --- certificates ----------------------------------------------------------------------------------------------------


def add_certificate(session: Session, certificate_id: UUID, lot_id: UUID, body: dict[str, Any]) -> None:
    session.execute(
        "insert into delivery_certificate (organisation_id, id, lot_id, body) values (%s, %s, %s, %s)",
        (session.organisation_id, certificate_id, lot_id, Jsonb(body)),
    )


def certificate(session: Session, lot_id: UUID) -> Row | None:
    return session.first(
        "select id, lot_id, body, issued_at from delivery_certificate where organisation_id = %s and lot_id = %s",
        (session.organisation_id, lot_id),
    )


# --- what other rooms measured ---------------------------------------------------------------------------------------


def gold_counts(session: Session, project_id: UUID) -> Row:
    """Answers to gold that were right, and how many there were: graded here, and recorded elsewhere."""
    return session.one(
        """
        select count(*) as n, count(*) filter (where verdict = 'right') as "right",
            count(*) filter (where verdict = 'partly') as partly
        from (
            select verdict from scoring_gold_result
            where organisation_id = %(organisation)s and project_id = %(project)s
            union all
            select verdict from tasks_gold_result
            where organisation_id = %(organisation)s and project_id = %(project)s
        ) graded
        """,
        {"organisation": session.organisation_id, "project": project_id},
    )


def agreement(session: Session, project_id: UUID) -> list[Row]:
    return session.all(
        """
        select a.question, a.slice, a.measure, a.value, a.low, a.high, a.raw, a.n_items, a.n_values, a.missing,
            a.method, v.number as version
        from scoring_agreement a
        join projects_version v on v.organisation_id = a.organisation_id and v.id = a.version_id
        where a.organisation_id = %s and a.project_id = %s
        order by v.number collate "C", a.question collate "C", a.slice collate "C", a.measure collate "C"
        """,
        (session.organisation_id, project_id),
    )


def skills(session: Session, project_id: UUID) -> list[Row]:
    return session.all(
        """
        select coalesce(a.person_id, a.id) as person, s.question, s.evidence, s.mean, s.low, s.high, s.n, s.method
        from scoring_skill s
        join workforce_annotator a on a.organisation_id = s.organisation_id and a.id = s.annotator_id
        where s.organisation_id = %s and s.project_id = %s
        """,
        (session.organisation_id, project_id),
    )


def latest_run(session: Session, project_id: UUID) -> Row | None:
    return session.first(
        """
        select id, method, version, seed, responses, report from scoring_run
        where organisation_id = %s and project_id = %s and state = 'done' order by id desc limit 1
        """,
        (session.organisation_id, project_id),
    )


def task_counts(session: Session, project_id: UUID) -> Row:
    """Tasks of the project that no release can hold, by why."""
    return session.one(
        """
        select count(*) filter (where is_gold) as gold,
            count(*) filter (where not is_gold and state = 'cancelled') as cancelled,
            count(*) filter (where not is_gold and state not in ('cancelled', 'settled')) as unsettled
        from tasks_task where organisation_id = %s and project_id = %s
        """,
        (session.organisation_id, project_id),
    )


# --- releases --------------------------------------------------------------------------------------------------------

_RELEASE = (
    "select id, project_id, number, state, wishes, problem, folder, key_id, manifest_sha256, rows, bytes, prepared_at, "
    "signed_at, accepted_at from delivery_release "
)


def add_release(session: Session, project_id: UUID, lot_ids: Sequence[UUID], wishes: dict[str, Any]) -> UUID:
    """A release of these lots under the next number of the project, whose row is locked for it."""
    release_id = new_id()
    session.one(
        "select id from projects_project where organisation_id = %s and id = %s for no key update",
        (session.organisation_id, project_id),
    )
    session.execute(
        """
        insert into delivery_release (organisation_id, id, project_id, number, wishes)
        select %(organisation)s, %(id)s, %(project)s, coalesce(max(number), 0) + 1, %(wishes)s
        from delivery_release where organisation_id = %(organisation)s and project_id = %(project)s
        """,
        {"organisation": session.organisation_id, "id": release_id, "project": project_id, "wishes": Jsonb(wishes)},
    )
    session.many(
        "insert into delivery_release_lot (organisation_id, release_id, lot_id) values (%s, %s, %s)",
        [(session.organisation_id, release_id, lot_id) for lot_id in lot_ids],
    )
    return release_id


def release(session: Session, release_id: UUID) -> Release:
    """Raises NoSuchRelease."""
    return _release(
        session.first(_RELEASE + "where organisation_id = %s and id = %s", (session.organisation_id, release_id))
    )


def release_to_change(session: Session, release_id: UUID) -> Release:
    """The release, locked. Raises NoSuchRelease."""
    return _release(
        session.first(
            _RELEASE + "where organisation_id = %s and id = %s for update", (session.organisation_id, release_id)
        )
    )


def releases(session: Session, project_id: UUID, *, after: UUID | None, limit: int) -> list[Release]:
    rows = session.all(
        _RELEASE
        + "where organisation_id = %s and project_id = %s and (%s::uuid is null or id > %s) order by id limit %s",
        (session.organisation_id, project_id, after, after, limit),
    )
    return [_release(row) for row in rows]


def _release(row: Row | None) -> Release:
    if row is None:
        raise NoSuchRelease("no such release in this organisation")
    return Release(**{**row, "state": ReleaseState(row["state"])})


def release_lots(session: Session, release_id: UUID) -> list[UUID]:
    rows = session.all(
        "select lot_id from delivery_release_lot where organisation_id = %s and release_id = %s order by lot_id",
        (session.organisation_id, release_id),
    )
    return [row["lot_id"] for row in rows]


def lots_in_release(session: Session, lot_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these lots that are in a release already."""
    rows = session.all(
        "select lot_id from delivery_release_lot where organisation_id = %s and lot_id = any(%s) and is_live",
        (session.organisation_id, list(lot_ids)),
    )
    return [row["lot_id"] for row in rows]


def finish_release(
    session: Session,
    release_id: UUID,
    *,
    folder: str,
    key_id: str,
    manifest_sha256: str,
    rows: dict[str, int],
    bytes: int,
) -> None:
    session.execute(
        """
        update delivery_release set state = 'available', folder = %s, key_id = %s, manifest_sha256 = %s, rows = %s,
            bytes = %s, signed_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (folder, key_id, manifest_sha256, Jsonb(rows), bytes, session.organisation_id, release_id),
    )


def fail_release(session: Session, release_id: UUID, problem: str) -> None:
    session.execute(
        "update delivery_release set state = 'failed', problem = %s where organisation_id = %s and id = %s",
        (problem, session.organisation_id, release_id),
    )
    session.execute(
        "update delivery_release_lot set is_live = false where organisation_id = %s and release_id = %s",
        (session.organisation_id, release_id),
    )


def accept_release(session: Session, release_id: UUID) -> None:
    session.execute(
        """
        update delivery_release set state = 'accepted', accepted_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (session.organisation_id, release_id),
    )


# --- the rows of a release: sorted as `tables` says, streamed --------------------------------------------------------


def expect_many_rows(session: Session) -> None:
    """For the rest of the transaction tables are read whole, and joined by hashing or merging.

    Soon after an import the planner still takes the tables for empty; it then goes through one table anew for each row
    of another (measured: a release of 100,000 responses was not read within ten minutes).
    """
    session.execute("set local enable_nestloop = off")


def organisation_name(session: Session) -> str:
    return session.one("select name from identity_organisation where organisation_id = %s", (session.organisation_id,))[
        "name"
    ]


def versions_of(session: Session, lot_ids: Sequence[UUID]) -> list[UUID]:
    """The project versions that tasks and responses of these lots were made under."""
    rows = session.all(
        """
        select v.id from projects_version v
        where v.organisation_id = %(organisation)s and v.id in (
            select t.version_id from delivery_lot_task lt
            join tasks_task t on t.organisation_id = lt.organisation_id and t.id = lt.task_id
            where lt.organisation_id = %(organisation)s and lt.lot_id = any(%(lots)s)
            union
            select r.version_id from delivery_lot_task lt
            join tasks_response r on r.organisation_id = lt.organisation_id and r.task_id = lt.task_id
            where lt.organisation_id = %(organisation)s and lt.lot_id = any(%(lots)s))
        order by v.number collate "C"
        """,
        {"organisation": session.organisation_id, "lots": list(lot_ids)},
    )
    return [row["id"] for row in rows]


def item_rows(session: Session, lot_ids: Sequence[UUID]) -> Iterator[Row]:
    return session.stream(
        """
        select i.external_id, i.id::text as item_id, i.sha256, i.language, i.slices, i.payload
        from tasks_item i
        where i.organisation_id = %(organisation)s and i.id in (
            select t.item_id from delivery_lot_task lt
            join tasks_task t on t.organisation_id = lt.organisation_id and t.id = lt.task_id
            where lt.organisation_id = %(organisation)s and lt.lot_id = any(%(lots)s))
        order by i.external_id collate "C"
        """,
        {"organisation": session.organisation_id, "lots": list(lot_ids)},
        rows_ahead=500,
    )


def response_rows(session: Session, lot_ids: Sequence[UUID]) -> Iterator[Row]:
    return session.stream(
        """
        select i.external_id, i.id::text as item_id, r.id::text as response_id, r.task_id::text as task_id,
            lt.lot_id::text as lot, coalesce(a.person_id, a.id) as person, v.number as version,
            g.version as guideline_version, r.revises::text as revises, r.is_counted as counted,
            coalesce(o.state, 'unreviewed') as outcome, r.submitted_at, r.active_seconds, r.idle_seconds, r.shown,
            r.body_hash as sha256, r.answers
        from delivery_lot_task lt
        join tasks_response r on r.organisation_id = lt.organisation_id and r.task_id = lt.task_id
        join tasks_item i on i.organisation_id = r.organisation_id and i.id = r.item_id
        join workforce_annotator a on a.organisation_id = r.organisation_id and a.id = r.annotator_id
        join projects_version v on v.organisation_id = r.organisation_id and v.id = r.version_id
        join projects_guideline g on g.organisation_id = v.organisation_id and g.id = v.guideline_id
        left join review_outcome o on o.organisation_id = r.organisation_id and o.response_id = r.id
        where lt.organisation_id = %s and lt.lot_id = any(%s) and r.state = 'submitted'
        order by i.external_id collate "C", r.id
        """,
        (session.organisation_id, list(lot_ids)),
    )


def settled_rows(session: Session, lot_ids: Sequence[UUID]) -> Iterator[Row]:
    return session.stream(
        """
        select i.external_id, i.id::text as item_id, s.task_id::text as task_id, lt.lot_id::text as lot,
            v.number as version, s.question, s.target, s.value, s.how, s.confidence, cardinality(s.responses) as n,
            s.method, s.responses::text[] as responses, s.settled_at
        from delivery_lot_task lt
        join tasks_settled s on s.organisation_id = lt.organisation_id and s.task_id = lt.task_id
        join tasks_task t on t.organisation_id = s.organisation_id and t.id = s.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        join projects_version v on v.organisation_id = t.organisation_id and v.id = t.version_id
        where lt.organisation_id = %s and lt.lot_id = any(%s)
        order by i.external_id collate "C", s.task_id, s.question collate "C", coalesce(s.target, '') collate "C"
        """,
        (session.organisation_id, list(lot_ids)),
    )


def review_rows(session: Session, lot_ids: Sequence[UUID]) -> Iterator[Row]:
    return session.stream(
        """
        select i.external_id, i.id::text as item_id, r.response_id::text as response_id, r.id::text as review_id,
            r.reviewer_id as person, r.layer, r.verdict, r.note, r.answers, r.tags, r.finalised_at
        from delivery_lot_task lt
        join review_review r on r.organisation_id = lt.organisation_id and r.task_id = lt.task_id
        join tasks_task t on t.organisation_id = r.organisation_id and t.id = r.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        where lt.organisation_id = %s and lt.lot_id = any(%s) and r.state = 'finalised'
        order by i.external_id collate "C", r.response_id, r.id
        """,
        (session.organisation_id, list(lot_ids)),
    )


def adjudication_rows(session: Session, lot_ids: Sequence[UUID]) -> Iterator[Row]:
    return session.stream(
        """
        select i.external_id, i.id::text as item_id, j.task_id::text as task_id, j.id::text as adjudication_id,
            j.adjudicator_id as person, j.answers, j.causes, j.note, j.settled_at
        from delivery_lot_task lt
        join review_adjudication j on j.organisation_id = lt.organisation_id and j.task_id = lt.task_id
        join tasks_task t on t.organisation_id = j.organisation_id and t.id = j.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        where lt.organisation_id = %s and lt.lot_id = any(%s) and j.state = 'settled'
        order by i.external_id collate "C", j.task_id, j.id
        """,
        (session.organisation_id, list(lot_ids)),
    )


def annotator_rows(session: Session, lot_ids: Sequence[UUID]) -> list[Row]:
    return session.all(
        """
        select coalesce(a.person_id, a.id) as person, a.languages,
            coalesce((select array_agg(q.kind || ':' || q.state order by q.kind collate "C", q.state)
                from workforce_qualification q
                where q.organisation_id = a.organisation_id and q.annotator_id = a.id
                    and q.state in ('provisional', 'active')), '{}') as qualifications
        from workforce_annotator a
        where a.organisation_id = %(organisation)s and a.id in (
            select r.annotator_id from delivery_lot_task lt
            join tasks_response r on r.organisation_id = lt.organisation_id and r.task_id = lt.task_id
            where lt.organisation_id = %(organisation)s and lt.lot_id = any(%(lots)s) and r.state = 'submitted')
        """,
        {"organisation": session.organisation_id, "lots": list(lot_ids)},
    )


def check_rows(session: Session, lot_ids: Sequence[UUID]) -> Iterator[Row]:
    return session.stream(
        """
        select c.lot_id::text as lot, c.position, i.external_id, i.id::text as item_id, c.task_id::text as task_id,
            c.auditor_id as person, c.verdict, c.severity, c.answers, c.judged_at
        from delivery_check c
        join tasks_task t on t.organisation_id = c.organisation_id and t.id = c.task_id
        join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
        where c.organisation_id = %s and c.lot_id = any(%s) and c.state = 'judged'
        order by c.lot_id, c.position
        """,
        (session.organisation_id, list(lot_ids)),
    )
