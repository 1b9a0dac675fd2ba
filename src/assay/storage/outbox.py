"""Messages from a change to those who must hear of it: rows of the same transaction, taken at least once.

A message is deleted in the transaction of its effect, so the effect happens once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from assay.kernel import new_id
from assay.storage.session import Session

TRIES_MAX = 8  # then a message is parked and shown to operators; nothing is dropped in silence

_listeners: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Message:
    """One event on its way to one listener."""

    id: UUID
    listener: str
    kind: str
    subject: UUID
    body: dict[str, Any]
    tries: int


@dataclass(frozen=True)
class NewMessage:
    """Word to be left for a listener."""

    listener: str
    kind: str
    subject: UUID
    body: dict[str, Any]
    due_at: datetime | None = None
    delay_seconds: float = 0


def subscribe(kind: str, listener: str) -> None:
    """Have every event of this kind put into the outbox for this listener. Called once, where the house is wired."""
    names = _listeners.setdefault(kind, [])
    if listener not in names:
        names.append(listener)


def listeners_of(kind: str) -> tuple[str, ...]:
    return tuple(_listeners.get(kind, ()))


def put(session: Session, messages: list[NewMessage]) -> None:
    """Leave messages, each due at a time or after a delay on the database's clock.

    A second message of the same kind about the same subject moves the first.
    """
    latest = {(m.listener, m.kind, m.subject): m for m in messages}.values()
    if latest:
        session.later(
            """
            insert into storage_outbox (organisation_id, id, listener, kind, subject_id, body, due_at)
            select %s, m.id, m.listener, m.kind, m.subject, m.body,
                coalesce(m.due_at, clock_timestamp() + make_interval(secs => m.delay))
            from jsonb_to_recordset(%s)
                as m (id uuid, listener text, kind text, subject uuid, body jsonb, due_at timestamptz, delay float8)
            on conflict (organisation_id, listener, kind, subject_id)
            do update set due_at = excluded.due_at, body = excluded.body, tries = 0, parked_at = null
            """,
            (session.organisation_id, Jsonb([_row(m) for m in latest])),
        )


def _row(message: NewMessage) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "listener": message.listener,
        "kind": message.kind,
        "subject": str(message.subject),
        "body": message.body,
        "due_at": message.due_at.isoformat() if message.due_at else None,
        "delay": message.delay_seconds,
    }


def cancel(session: Session, kind: str, subject: UUID) -> bool:
    """False when there is nothing left to cancel. Waits for whoever is handing it out at this moment."""
    return bool(
        session.execute(
            "delete from storage_outbox where organisation_id = %s and kind = %s and subject_id = %s",
            (session.organisation_id, kind, subject),
        )
    )


def lock(session: Session) -> bool:
    """True when this transaction is now the only one that hands out this organisation's messages."""
    key = session.organisation_id.int % (1 << 62)
    return session.one("select pg_try_advisory_xact_lock(%s) as mine", (key,))["mine"]


def take(session: Session, *, limit: int) -> list[Message]:
    """Due messages, locked until the transaction ends, oldest first."""
    rows = session.all(
        """
        select id, listener, kind, subject_id, body, tries from storage_outbox
        where organisation_id = %s and parked_at is null and due_at <= clock_timestamp()
        order by due_at, id limit %s for update skip locked
        """,
        (session.organisation_id, limit),
    )
    return [Message(r["id"], r["listener"], r["kind"], r["subject_id"], r["body"], r["tries"]) for r in rows]


def handled(session: Session, messages: list[Message]) -> None:
    session.execute(
        "delete from storage_outbox where organisation_id = %s and id = any(%s)",
        (session.organisation_id, [m.id for m in messages]),
    )


def failed(session: Session, message: Message, error: str) -> None:
    """Try again later, each time after twice the wait; park it after the last try."""
    session.execute(
        """
        update storage_outbox set tries = tries + 1, error = %s, due_at = clock_timestamp() + make_interval(secs => %s),
            parked_at = case when tries + 1 >= %s then clock_timestamp() end
        where organisation_id = %s and id = %s
        """,
        (error[:2000], 2 ** (message.tries + 1), TRIES_MAX, session.organisation_id, message.id),
    )
