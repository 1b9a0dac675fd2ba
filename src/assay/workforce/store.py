"""Tables of annotators and qualifications."""

from collections.abc import Sequence
from uuid import UUID

from assay.kernel import new_id
from assay.storage import Session
from assay.storage.session import Row
from assay.workforce.model import Annotator, NoSuchAnnotator

_ANNOTATOR = """
    select a.id, a.pseudonym, a.state, a.languages, array(
        select q.kind from workforce_qualification q
        where q.organisation_id = a.organisation_id and q.annotator_id = a.id
          and q.state in ('provisional', 'active') and q.expires_at > clock_timestamp()) as qualifications
    from workforce_annotator a
"""


def annotator_of(session: Session, person_id: UUID) -> Annotator | None:
    """The annotator that this person is here, if any."""
    row = session.first(
        _ANNOTATOR + "where a.organisation_id = %s and a.person_id = %s", (session.organisation_id, person_id)
    )
    return _annotator(row) if row else None


def get_annotator(session: Session, annotator_id: UUID) -> Annotator:
    """Raises NoSuchAnnotator."""
    row = session.first(
        _ANNOTATOR + "where a.organisation_id = %s and a.id = %s", (session.organisation_id, annotator_id)
    )
    if row is None:
        raise NoSuchAnnotator("no such annotator in this organisation")
    return _annotator(row)


def annotators(session: Session, *, after: UUID | None, limit: int) -> list[Annotator]:
    rows = session.all(
        _ANNOTATOR + "where a.organisation_id = %s and (%s::uuid is null or a.id > %s) order by a.id limit %s",
        (session.organisation_id, after, after, limit),
    )
    return [_annotator(row) for row in rows]


def add(session: Session, annotator_id: UUID, person_id: UUID | None, pseudonym: str, languages: Sequence[str]) -> bool:
    """False when the pseudonym is taken or the person is registered already."""
    return bool(
        session.execute(
            """
            insert into workforce_annotator (organisation_id, id, person_id, pseudonym, languages)
            values (%s, %s, %s, %s, %s) on conflict do nothing
            """,
            (session.organisation_id, annotator_id, person_id, pseudonym, list(languages)),
        )
    )


def recorded_annotators(session: Session, pseudonyms: Sequence[str]) -> dict[str, UUID]:
    """The ids of annotators known by these pseudonyms; who is new is added, without a person behind the name."""
    names = sorted(set(pseudonyms))
    session.execute(
        """
        insert into workforce_annotator (organisation_id, id, pseudonym)
        select %s, id, name from unnest(%s::uuid[], %s::text[]) as fresh (id, name)
        on conflict (organisation_id, pseudonym) do nothing
        """,
        (session.organisation_id, [new_id() for _ in names], names),
    )
    rows = session.all(
        "select id, pseudonym from workforce_annotator where organisation_id = %s and pseudonym = any(%s)",
        (session.organisation_id, names),
    )
    return {row["pseudonym"]: row["id"] for row in rows}


def move(session: Session, annotator_id: UUID, *, before: str, after: str) -> bool:
    """False when the annotator was not in the state before."""
    return bool(
        session.execute(
            "update workforce_annotator set state = %s where organisation_id = %s and id = %s and state = %s",
            (after, session.organisation_id, annotator_id, before),
        )
    )


def grant(session: Session, annotator_id: UUID, kind: str, granted_by: UUID | None, *, days_valid: int) -> UUID:
    """One live row per annotator and kind: a renewal moves its end."""
    return session.one(
        """
        insert into workforce_qualification (organisation_id, id, annotator_id, kind, granted_by, expires_at)
        values (%s, %s, %s, %s, %s, clock_timestamp() + make_interval(days => %s))
        on conflict (organisation_id, annotator_id, kind) where state in ('provisional', 'active')
        do update set expires_at = excluded.expires_at, granted_by = excluded.granted_by
        returning id
        """,
        (session.organisation_id, new_id(), annotator_id, kind, granted_by, days_valid),
    )["id"]


def _annotator(row: Row) -> Annotator:
    return Annotator(
        row["id"], row["pseudonym"], row["state"], frozenset(row["languages"]), frozenset(row["qualifications"])
    )
