"""The log: one append-only event for every change of state, written in the same transaction as the change.

The log keeps it for ever; the outbox hands it to those who listen.
"""

from assay.audit.record import forget, record, remind
from assay.audit.store import Event, events

__all__ = ["Event", "events", "forget", "record", "remind"]
