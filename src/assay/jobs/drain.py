"""Hands due messages to their listeners, one organisation at a time, each list in one transaction with its effect."""

import logging
from itertools import groupby
from uuid import UUID

from assay.identity.organisations import organisations
from assay.jobs.wiring import LISTENERS
from assay.kernel import Unavailable
from assay.storage import Actor, Database, Session, outbox
from assay.storage.outbox import Message

BLOCK = 500  # messages in one transaction
log = logging.getLogger(__name__)


def drain(database: Database) -> int:
    """Handle what is due in all organisations; returns how many messages were handled."""
    return sum(drain_organisation(database, organisation_id) for organisation_id in organisations(database))


def drain_organisation(database: Database, organisation_id: UUID) -> int:
    """Handle blocks until nothing is due. A block that fails is tried again message by message."""
    total = 0
    while handled := _handle_block(database, organisation_id):
        total += handled
    return total


def _handle_block(database: Database, organisation_id: UUID) -> int:
    def work(session: Session, limit: int) -> int:
        if not outbox.lock(session):
            return 0  # another process hands out this organisation's messages
        messages = outbox.take(session, limit=limit)
        for name, mine in _by_listener(messages):
            LISTENERS[name][0](session, mine)
        outbox.handled(session, messages)
        return len(messages)

    try:
        return database.transact(organisation_id, Actor("job"), lambda session: work(session, BLOCK))
    except Unavailable:
        raise
    except Exception:  # whatever a listener raised, the others must go on
        log.exception("a block of messages failed; trying one by one")
        return _handle_one(database, organisation_id)


def _handle_one(database: Database, organisation_id: UUID) -> int:
    """Handle the first due message alone; if that fails too, set it back for later."""
    with database.transaction(organisation_id, Actor("job")) as session:
        messages = outbox.take(session, limit=1)
        if not messages:
            return 0
        try:
            with session.savepoint():
                LISTENERS[messages[0].listener][0](session, messages)
            outbox.handled(session, messages)
        except Exception as failure:
            log.exception("message %s to %s failed", messages[0].id, messages[0].listener)
            outbox.failed(session, messages[0], repr(failure))
    return 1


def _by_listener(messages: list[Message]) -> list[tuple[str, list[Message]]]:
    ordered = sorted(messages, key=lambda m: m.listener)  # stable: the order within a listener stays
    return [(name, list(mine)) for name, mine in groupby(ordered, key=lambda m: m.listener)]
