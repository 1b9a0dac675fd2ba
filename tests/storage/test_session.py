"""What is left for later is done with the next statement or the commit, all of it or nothing."""

from uuid import UUID

import pytest
from psycopg.errors import UniqueViolation

from assay.kernel import new_id
from assay.storage import Actor, Database, Session

REPLY = """
    insert into identity_idempotency (organisation_id, actor_id, operation, key, body_hash, status, reply)
    values (%s, %s, %s, %s, '', 200, '')
"""
EVENT = """
    insert into audit_event (organisation_id, id, kind, subject_id, actor_kind, salt)
    values (%s, %s, 'thing.happened', %s, 'operator', '')
"""


def keys(session: Session) -> list[str]:
    rows = session.all("select key from identity_idempotency where organisation_id = %s", (session.organisation_id,))
    return sorted(row["key"] for row in rows)


def leave(session: Session, *names: str) -> None:
    for name in names:
        session.later(REPLY, (session.organisation_id, session.organisation_id, "test", name))
        session.later(EVENT, (session.organisation_id, new_id(), new_id()))


def test_what_is_left_for_later_is_there_for_the_next_statement(session: Session) -> None:
    leave(session, "a", "b", "c")
    assert keys(session) == ["a", "b", "c"]


def test_what_is_left_for_later_is_committed(database: Database, organisation_id: UUID) -> None:
    database.transact(organisation_id, Actor("operator"), lambda session: leave(session, "a", "b"))
    with database.transaction(organisation_id, Actor("operator")) as session:
        assert keys(session) == ["a", "b"]


def test_a_refusal_undoes_all_and_harms_nobody_who_comes_after(database: Database, organisation_id: UUID) -> None:
    for _ in range(8):  # psycopg prepares what it has seen five times
        with pytest.raises(UniqueViolation):
            database.transact(organisation_id, Actor("operator"), lambda session: leave(session, "a", "a"))
        with database.transaction(organisation_id, Actor("operator")) as session:
            assert keys(session) == []


def test_an_undone_block_leaves_nothing_for_later(session: Session) -> None:
    leave(session, "before")
    with pytest.raises(ZeroDivisionError), session.savepoint():
        leave(session, "inside")
        raise ZeroDivisionError
    assert keys(session) == ["before"]
