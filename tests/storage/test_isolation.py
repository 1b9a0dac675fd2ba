"""The second wall: to raw SQL that names no organisation, the database shows and takes the session's own rows only."""

from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from assay.identity import found_organisation
from assay.kernel import new_id
from assay.storage import Actor, Database, Session


@pytest.fixture
def other_id(database: Database) -> UUID:
    """Another organisation, with rows of its own."""
    return found_organisation(database, "Rival", owner_email=f"{new_id()}@example.org", owner_name="Rita")[0]


def seen(session: Session, table: str) -> set[UUID]:
    """The organisations whose rows a statement without any filter finds."""
    query = SQL("select distinct organisation_id from {}").format(Identifier(table))
    return {row["organisation_id"] for row in session.all(query)}


@pytest.mark.parametrize("table", ["identity_organisation", "identity_membership", "audit_event"])
def test_a_session_sees_its_own_rows_only(session: Session, other_id: UUID, table: str) -> None:
    assert other_id != session.organisation_id
    assert seen(session, table) == {session.organisation_id}


def test_without_an_organisation_nothing_is_seen(database: Database, organisation_id: UUID) -> None:
    with database.connection() as connection:
        assert connection.execute("select * from identity_organisation").fetchall() == []


def test_the_setting_ends_with_its_transaction(database: Database, organisation_id: UUID) -> None:
    with database.connection() as connection, connection.transaction():
        connection.execute("select set_config('assay.organisation', %s, true)", (str(organisation_id),))
        assert connection.execute("select * from identity_organisation").fetchall()
    with database.connection() as connection:  # of a pool of one or many: each may have served before
        left = connection.execute("select current_setting('assay.organisation', true) as left").fetchone()
        assert left is not None
        assert not left["left"]
        assert connection.execute("select * from identity_organisation").fetchall() == []


def test_a_row_for_another_organisation_is_refused(session: Session, other_id: UUID) -> None:
    with pytest.raises(InsufficientPrivilege, match="row-level security"), session.savepoint():
        session.execute(
            "insert into storage_outbox (organisation_id, id, listener, kind, subject_id, due_at) "
            "values (%s, %s, 'x', 'x', %s, now())",
            (other_id, new_id(), new_id()),
        )


def test_a_change_touches_no_row_of_another_organisation(
    database: Database, organisation_id: UUID, other_id: UUID
) -> None:
    with database.transaction(organisation_id, Actor("test")) as session:
        assert session.execute("update identity_organisation set name = 'Taken'") == 1
    with database.transaction(other_id, Actor("test")) as session:
        assert session.one("select name from identity_organisation")["name"] == "Rival"


def test_a_row_cannot_be_moved_to_another_organisation(session: Session, other_id: UUID) -> None:
    with pytest.raises(InsufficientPrivilege, match="row-level security"), session.savepoint():
        session.execute("update identity_membership set organisation_id = %s", (other_id,))


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set kind = 'x'",
        "delete from audit_event",
        "truncate audit_event",
        "delete from tasks_response",
    ],
)
def test_history_cannot_be_rewritten(session: Session, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege, match="permission denied"), session.savepoint():
        session._connection.execute(statement)  # pyright: ignore[reportArgumentType]
