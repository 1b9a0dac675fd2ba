"""The table of events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.storage import Session


class NewEvent(NamedTuple):
    """An event about to be written. The salt lets a later leaf of the log commit to the body without showing it."""

    id: UUID
    kind: str
    subject: UUID
    body: dict[str, Any]
    salt: bytes


@dataclass(frozen=True)
class Event:
    """What happened, to what, when, and by whom."""

    id: UUID
    kind: str
    subject_id: UUID
    actor_kind: str
    actor_id: UUID | None
    at: datetime
    body: dict[str, Any]


def append(session: Session, events: list[NewEvent]) -> None:
    if events:
        session.later(
            """
            insert into audit_event (organisation_id, id, kind, subject_id, actor_kind, actor_id, body, salt)
            select %s, e.id, e.kind, e.subject, %s, %s, e.body, e.salt
            from unnest(%s::uuid[], %s::text[], %s::uuid[], %s::jsonb[], %s::bytea[])
                as e (id, kind, subject, body, salt)
            """,
            (
                session.organisation_id,
                session.actor.kind,
                session.actor.id,
                [e.id for e in events],
                [e.kind for e in events],
                [e.subject for e in events],
                [Jsonb(e.body) for e in events],
                [e.salt for e in events],
            ),
        )


def events(
    session: Session,
    *,
    subject: UUID | None = None,
    kind: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Event]:
    """Events in the order of their ids, which is nearly the order of time."""
    rows = session.all(
        """
        select id, kind, subject_id, actor_kind, actor_id, at, body from audit_event
        where organisation_id = %(organisation)s
          and (%(subject)s::uuid is null or subject_id = %(subject)s)
          and (%(kind)s::text is null or kind = %(kind)s)
          and (%(after)s::uuid is null or id > %(after)s)
        order by id limit %(limit)s
        """,
        {"organisation": session.organisation_id, "subject": subject, "kind": kind, "after": after, "limit": limit},
    )
    return [Event(**row) for row in rows]
