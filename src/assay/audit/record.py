"""Write down what happened, and leave word for those who listen."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from assay.audit import store
from assay.kernel import new_id
from assay.storage import Session, outbox

TIMERS = "timers"  # the listener that runs out timers


@dataclass
class _Page:
    """The events of one transaction, written together just before its commit."""

    session: Session
    events: list[store.NewEvent] = field(default_factory=list)
    messages: list[outbox.NewMessage] = field(default_factory=list)

    def write(self) -> None:
        store.append(self.session, self.events)
        outbox.put(self.session, self.messages)
        self.events.clear()
        self.messages.clear()


def record(
    session: Session, kind: str, *, subject: UUID, body: dict[str, Any] | None = None, delay_seconds: float = 0
) -> None:
    """Record an event about a subject. `body` holds ids and plain facts, never anything personal.

    Listeners hear of it after `delay_seconds` on the database's clock (a response may be recalled until then).
    """
    page = _page(session)
    page.events.append(store.NewEvent(new_id(), kind, subject, body or {}, os.urandom(16)))
    for listener in outbox.listeners_of(kind):
        page.messages.append(outbox.NewMessage(listener, kind, subject, body or {}, delay_seconds=delay_seconds))


def remind(session: Session, kind: str, *, subject: UUID, at: datetime, body: dict[str, Any] | None = None) -> None:
    """Set a timer: `kind` is heard about `subject` once `at` has passed. One per kind and subject."""
    _page(session).messages.append(outbox.NewMessage(TIMERS, kind, subject, body or {}, due_at=at))


def forget(session: Session, kind: str, *, subject: UUID) -> bool:
    """Cancel a timer, or an event that nobody has heard of yet. False when it ran out or was heard by now."""
    page = _page(session)
    others = [m for m in page.messages if (m.kind, m.subject) != (kind, subject)]
    was_fresh = len(others) < len(page.messages)
    page.messages = others
    return outbox.cancel(session, kind, subject) or was_fresh


def _page(session: Session) -> _Page:
    page = session.notes.get("audit")
    if page is None:
        page = session.notes["audit"] = _Page(session)
    session.at_end("audit", page.write)
    return page
