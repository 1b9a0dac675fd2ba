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
            select %s, e.id, e.kind, e.subject, %s, %s, e.body, decode(e.salt, 'hex')
            from jsonb_to_recordset(%s) as e (id uuid, kind text, subject uuid, body jsonb, salt text)
            """,
            (session.organisation_id, session.actor.kind, session.actor.id, Jsonb([_row(e) for e in events])),
        )


def _row(event: NewEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "kind": event.kind,
        "subject": str(event.subject),
        "body": event.body,
        "salt": event.salt.hex(),
    }


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
