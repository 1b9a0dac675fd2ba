"""Tables of assignments, drafts and tallies, and the queries of the queue."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

from assay.assignment.model import Assignment, Draft, Leased, NewLease, Standing, State
from assay.kernel import Lease
from assay.storage import Session
from assay.storage.session import Row
from assay.tasks import NewResponse
from assay.tasks.store import ADD_RESPONSE, TAKE_PICKED_SEAT, response_values

_STANDING = """
    select a.id, a.pseudonym, a.state, a.languages, p.state as project_state, p.version_id,
        array(select q.kind from workforce_qualification q
            where q.organisation_id = a.organisation_id and q.annotator_id = a.id
              and q.state in ('provisional', 'active') and q.expires_at > clock_timestamp()) as qualifications,
        (select e.reason from assignment_exclusion e
            where e.organisation_id = a.organisation_id and e.annotator_id = a.id and e.project_id = p.id
              and (e.until is null or e.until > clock_timestamp()) limit 1) as excluded_because
    from workforce_annotator a, projects_project p
    where a.organisation_id = %(organisation)s and a.person_id = %(person)s
      and p.organisation_id = %(organisation)s and p.id = %(project)s
"""


def standing(session: Session, person_id: UUID, project_id: UUID) -> Standing | None:
    """The caller as an annotator beside the project; None when either is not there."""
    row = session.first(
        _STANDING, {"organisation": session.organisation_id, "person": person_id, "project": project_id}
    )
    return _standing(row) if row else None


def begin_claim(session: Session, person_id: UUID, project_id: UUID) -> tuple[Standing, UUID, int] | None:
    """Lock this annotator's claims on the project, so that they wait for each other.

    Returns the standing, the annotator's secret seed, and the number of claims before this one.
    """
    row = session.first(
        f"""
        with standing as materialized ({_STANDING}),
        tally as (
            insert into assignment_tally as t (organisation_id, project_id, annotator_id, claims)
            select %(organisation)s, %(project)s, s.id, 1 from standing s
            on conflict (organisation_id, project_id, annotator_id) do update set claims = t.claims + 1
            returning seed, claims)
        select standing.*, tally.seed, tally.claims from standing, tally
        """,
        {"organisation": session.organisation_id, "person": person_id, "project": project_id},
    )
    return (_standing(row), row["seed"], row["claims"] - 1) if row else None


def _standing(row: Row) -> Standing:
    return Standing(
        row["id"],
        row["pseudonym"],
        row["state"],
        tuple(row["languages"]),
        frozenset(row["qualifications"]),
        row["project_state"],
        row["version_id"],
        row["excluded_because"],
    )


def live_projects(session: Session) -> list[Row]:
    """Projects that take answers now, with the number of open tasks that have a free seat (counted up to 1,000)."""
    return session.all(
        """
        select p.id, p.name, (select count(*) from (
            select from tasks_task t where t.organisation_id = p.organisation_id and t.project_id = p.id
              and t.state = 'open' and not t.is_gold and not t.is_paused and t.seats_taken < t.overlap_wanted
            limit 1000) waiting) as tasks_open
        from projects_project p where p.organisation_id = %s and p.state = 'live' order by p.id
        """,
        (session.organisation_id,),
    )


def count_held(session: Session, project_id: UUID, annotator_id: UUID) -> int:
    return session.one(
        """
        select count(*) as held from assignment_assignment
        where organisation_id = %s and annotator_id = %s and project_id = %s and state in ('leased', 'started')
        """,
        (session.organisation_id, annotator_id, project_id),
    )["held"]


# The conditions repeat those of the partial indexes word for word, so that the planner can only walk these. The
# annotator's own assignments are looked up task by task (a subselect, not a join that could be turned around; and as a
# truth value, which the planner takes for as likely as not, so that it keeps its plan). The language is asked for in
# statements of their own: an "or" would have the others planned anew each time.
_SUITS = """
    t.organisation_id = %(organisation)s and t.project_id = %(project)s
    and t.state = 'open' and not t.is_paused and t.seats_taken < t.overlap_wanted
    and coalesce((select false from assignment_assignment a where a.organisation_id = %(organisation)s
        and a.task_id = t.id and a.annotator_id = %(annotator)s limit 1), true)
"""
_IN_LANGUAGE = """
    and coalesce((select lower(split_part(i.language, '-', 1)) = any(%(languages)s)
        from tasks_item i where i.organisation_id = %(organisation)s and i.id = t.item_id), true)
"""
_FIRST_WORK = "and not t.is_gold and t.rank > %(after)s order by t.rank"
_SOME_GOLD = """
    and t.is_gold and exists (
        select from tasks_task w where w.organisation_id = %(organisation)s and w.project_id = %(project)s
          and w.state = 'open' and not w.is_gold and not w.is_paused and w.seats_taken < w.overlap_wanted)
    order by md5(t.id::text || %(seed)s::text)
"""
_LEASE = """
    leased as (
        insert into assignment_assignment (organisation_id, id, project_id, task_id, annotator_id, state, fence,
            lease_until, order_seed, price_minor, currency, estimated_seconds)
        select %(organisation)s, %(id)s, %(project)s, p.id, %(annotator)s, 'leased', nextval('assignment_fence'),
            clock_timestamp() + make_interval(secs => %(lease_seconds)s), %(order_seed)s, %(price_minor)s, %(currency)s,
            %(estimated_seconds)s
        from picked p
        where (select count(*) from assignment_assignment a where a.organisation_id = %(organisation)s
               and a.annotator_id = %(annotator)s and a.project_id = %(project)s
               and a.state in ('leased', 'started')) < %(held_max)s
        returning task_id, fence, lease_until),
    seated as ("""
_SHOW = """)
    select p.id as task_id, p.item_id, p.version_id, p.rank, i.payload, l.fence, l.lease_until
    from picked p, leased l, tasks_item i
    where i.organisation_id = %(organisation)s and i.id = p.item_id
"""
_PICK = """
    with picked as materialized (
        select t.id, t.item_id, t.version_id, t.rank from tasks_task t where """
_LOCK = """
        limit 1 for update of t skip locked), """
_LEASE_WORK = _PICK + _SUITS + _FIRST_WORK + _LOCK + _LEASE + TAKE_PICKED_SEAT + _SHOW
_LEASE_WORK_IN_LANGUAGE = _PICK + _SUITS + _IN_LANGUAGE + _FIRST_WORK + _LOCK + _LEASE + TAKE_PICKED_SEAT + _SHOW
_LEASE_GOLD = _PICK + _SUITS + _SOME_GOLD + _LOCK + _LEASE + TAKE_PICKED_SEAT + _SHOW
_LEASE_GOLD_IN_LANGUAGE = _PICK + _SUITS + _IN_LANGUAGE + _SOME_GOLD + _LOCK + _LEASE + TAKE_PICKED_SEAT + _SHOW


def lease_work(session: Session, new: NewLease, *, after: int) -> Leased | None:
    """Lock and lease the first open task after this rank that the annotator has not had."""
    sql = _LEASE_WORK_IN_LANGUAGE if new.languages else _LEASE_WORK
    return _leased(session.first(sql, {**_of(session, new), "after": Int8(after)}))


def lease_gold(session: Session, new: NewLease, *, seed: UUID) -> Leased | None:
    """Lock and lease a hidden check that the annotator has not had, in an order of their own.

    None when there is no other work: checks alone would show themselves.
    """
    sql = _LEASE_GOLD_IN_LANGUAGE if new.languages else _LEASE_GOLD
    return _leased(session.first(sql, {**_of(session, new), "seed": seed}))


def _of(session: Session, new: NewLease) -> dict[str, Any]:
    return {
        "organisation": session.organisation_id,
        "id": new.assignment_id,
        "project": new.project_id,
        "annotator": new.annotator_id,
        "languages": list(new.languages),
        "held_max": new.held_max,
        "lease_seconds": new.lease_seconds,
        "order_seed": Int8(new.order_seed),
        "price_minor": new.price_minor,
        "currency": new.currency,
        "estimated_seconds": new.estimated_seconds,
    }


def _leased(row: Row | None) -> Leased | None:
    return Leased(**row) if row else None


_ASSIGNMENT = """
    select a.id, a.project_id, a.task_id, a.annotator_id, w.person_id, a.state, a.holds_seat, a.fence, a.lease_until,
        a.order_seed, a.active_seconds, a.idle_seconds,
        extract(epoch from clock_timestamp() - a.leased_at)::float8 as elapsed, t.item_id, t.version_id, i.payload
    from assignment_assignment a
    join tasks_task t on t.organisation_id = a.organisation_id and t.id = a.task_id
    join tasks_item i on i.organisation_id = t.organisation_id and i.id = t.item_id
    join workforce_annotator w on w.organisation_id = a.organisation_id and w.id = a.annotator_id
"""


def to_change(session: Session, assignment_id: UUID) -> Assignment | None:
    """The assignment, locked."""
    row = session.first(
        _ASSIGNMENT + "where a.organisation_id = %s and a.id = %s for update of a",
        (session.organisation_id, assignment_id),
    )
    return _assignment(row) if row else None


def held(session: Session, person_id: UUID) -> list[Assignment]:
    """The annotator's live assignments, oldest first."""
    rows = session.all(
        _ASSIGNMENT
        + """where a.organisation_id = %s and w.person_id = %s and a.state in ('leased', 'started', 'revising')
        order by a.id""",
        (session.organisation_id, person_id),
    )
    return [_assignment(row) for row in rows]


def _assignment(row: Row) -> Assignment:
    return Assignment(
        id=row["id"],
        project_id=row["project_id"],
        task_id=row["task_id"],
        item_id=row["item_id"],
        version_id=row["version_id"],
        annotator_id=row["annotator_id"],
        person_id=row["person_id"],
        state=State(row["state"]),
        holds_seat=row["holds_seat"],
        lease=Lease(row["annotator_id"], row["lease_until"], row["fence"]),
        order_seed=row["order_seed"],
        elapsed_seconds=row["elapsed"],
        active_seconds=row["active_seconds"],
        idle_seconds=row["idle_seconds"],
        payload=row["payload"],
    )


def start(session: Session, assignment_id: UUID, lease_seconds: int) -> Row:
    return session.one(
        """
        update assignment_assignment set state = case when state = 'leased' then 'started' else state end,
            started_at = coalesce(started_at, clock_timestamp()),
            lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => %s))
        where organisation_id = %s and id = %s returning fence, lease_until
        """,
        (lease_seconds, session.organisation_id, assignment_id),
    )


def extend(session: Session, assignment_id: UUID, fence: int, lease_seconds: int) -> Row | None:
    """The heartbeat: moves the end under the present token; None when the token is an old one or the lease is gone."""
    return session.first(
        """
        update assignment_assignment
        set lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => %s))
        where organisation_id = %s and id = %s and fence = %s
          and state in ('leased', 'started', 'revising') returning fence, lease_until
        """,
        (lease_seconds, session.organisation_id, assignment_id, fence),
    )


def end(
    session: Session,
    assignment_id: UUID,
    state: State,
    *,
    holds_seat: bool,
    active_seconds: float,
    idle_seconds: float,
    reason: str | None = None,
) -> None:
    session.execute(
        """
        update assignment_assignment set state = %s, holds_seat = %s, active_seconds = %s, idle_seconds = %s,
            reason = %s, started_at = coalesce(started_at, leased_at), ended_at = clock_timestamp()
        where organisation_id = %s and id = %s
        """,
        (state, holds_seat, active_seconds, idle_seconds, reason, session.organisation_id, assignment_id),
    )


_SUBMIT = (
    "with "
    + ADD_RESPONSE
    + """
    , ended as (
        update assignment_assignment set state = 'submitted', active_seconds = %(active)s, idle_seconds = %(idle)s,
            started_at = coalesce(started_at, leased_at), ended_at = clock_timestamp()
        where organisation_id = %(organisation)s and id = %(assignment)s and exists (select from added))
    select exists (select from added) as was_added, coalesce((select is_complete from counted), false) as is_complete
    """
)


def submit(session: Session, response: NewResponse, *, fills_seat: bool) -> Row:
    """Write the response, count it on its task, and end its assignment, all in one statement.

    Returns `was_added` (false when a response of this id is there already) and `is_complete` (it has all it wants).
    """
    return session.one(_SUBMIT, response_values(session, response, fills_seat=fills_seat))


def reopen(session: Session, assignment_id: UUID, state: State, *, holds_seat: bool, lease_seconds: int) -> Row:
    """Back into work under a new token; returns the fence and the lease's end."""
    return session.one(
        """
        update assignment_assignment set state = %s, holds_seat = %s, fence = nextval('assignment_fence'),
            lease_until = clock_timestamp() + make_interval(secs => %s), ended_at = null
        where organisation_id = %s and id = %s returning fence, lease_until
        """,
        (state, holds_seat, lease_seconds, session.organisation_id, assignment_id),
    )


def take_overdue(session: Session, *, limit: int) -> list[Row]:
    """End leases whose time is over (those that were opened have a time of grace); returns what they held."""
    return session.all(
        """
        update assignment_assignment a set state = case when a.state = 'revising' then 'lapsed' else 'expired' end,
            holds_seat = a.state = 'revising', ended_at = clock_timestamp()
        from (
            select s.id, s.holds_seat as held_seat, s.state as was from assignment_assignment s
            join tasks_task t on t.organisation_id = s.organisation_id and t.id = s.task_id
            join projects_version v on v.organisation_id = t.organisation_id and v.id = t.version_id
            where s.organisation_id = %(organisation)s and s.state in ('leased', 'started', 'revising')
              and s.lease_until < clock_timestamp()
              and (s.state <> 'started' or s.lease_until < clock_timestamp() - make_interval(
                secs => coalesce((v.definition #>> '{quality,grace_seconds}')::float8, 900)))
            order by s.lease_until limit %(limit)s for update of s skip locked) due
        where a.organisation_id = %(organisation)s and a.id = due.id
        returning a.id, a.task_id, a.annotator_id, due.held_seat, due.was
        """,
        {"organisation": session.organisation_id, "limit": limit},
    )


# --- drafts ----------------------------------------------------------------------------------------------------------


def draft(session: Session, assignment_id: UUID) -> Draft | None:
    row = session.first(
        "select answers, version, updated_at from assignment_draft where organisation_id = %s and assignment_id = %s",
        (session.organisation_id, assignment_id),
    )
    return Draft(row["answers"], row["version"], row["updated_at"]) if row else None


def save_draft(session: Session, assignment_id: UUID, answers: list[dict[str, Any]], version: int) -> None:
    session.execute(
        """
        insert into assignment_draft (organisation_id, assignment_id, answers, version) values (%s, %s, %s, %s)
        on conflict (organisation_id, assignment_id)
        do update set answers = excluded.answers, version = excluded.version, updated_at = clock_timestamp()
        """,
        (session.organisation_id, assignment_id, Jsonb(answers), version),
    )


def drop_draft(session: Session, assignment_id: UUID) -> None:
    session.execute(
        "delete from assignment_draft where organisation_id = %s and assignment_id = %s",
        (session.organisation_id, assignment_id),
    )


def counted_answers(session: Session, assignment_id: UUID) -> list[dict[str, Any]] | None:
    """The answers of the response that stands for this assignment."""
    row = session.first(
        """
        select r.answers from assignment_assignment a
        join tasks_response r on r.organisation_id = a.organisation_id and r.task_id = a.task_id
            and r.annotator_id = a.annotator_id and r.is_counted
        where a.organisation_id = %s and a.id = %s
        """,
        (session.organisation_id, assignment_id),
    )
    return row["answers"] if row else None
