"""Statements left for later are done or refused together, and a refusal harms nobody who comes after."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from psycopg.errors import DivisionByZero

from assay.storage import Actor, Database, Session

USUAL = ("select %s::int + 1", "select %s::int + 2", "select %s::int + 3")
REFUSED = "select 1 / %s::int"


@pytest.fixture
def one_connection(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, connections=1)
    yield opened
    opened.close()


def test_a_statement_behind_a_refused_one_can_be_used_again(one_connection: Database, organisation_id: UUID) -> None:
    def say(*statements: tuple[str, int]) -> None:
        def later(session: Session) -> None:
            for sql, value in statements:
                session.later(sql, (value,))

        one_connection.transact(organisation_id, Actor("operator"), later)

    with pytest.raises(DivisionByZero):
        say((REFUSED, 0))
    for times, usual in enumerate(USUAL, start=4):  # psycopg prepares what it has seen five times
        for _ in range(times):
            say((usual, 1))
        with pytest.raises(DivisionByZero):
            say((REFUSED, 0), (usual, 1))
        say((usual, 1))
