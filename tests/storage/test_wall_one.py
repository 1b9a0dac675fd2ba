"""The first wall: a statement on an organisation's table says which organisation. Held for every statement in tests."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from assay.storage import Session

House = Callable[[Session, Any], None]


@pytest.fixture
def house(wall_one: Any, monkeypatch: pytest.MonkeyPatch) -> House:
    """Runs a statement as a room would."""
    monkeypatch.setattr(wall_one, "_is_asked_by_the_house", lambda: True)

    def run(session: Session, statement: Any) -> None:
        session.all(statement, {"organisation": session.organisation_id})

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "select * from audit_event",
        "select organisation_id from audit_event",
        "update tasks_task set state = 'open' where id is null",
        "select 1 from identity_person p join identity_membership m on m.person_id = p.id",
        "with gone as (delete from storage_outbox returning id) select * from gone",
        SQL("select * from {}").format(Identifier("audit_event")),
    ],
    ids=str,
)
def test_a_statement_that_does_not_say_which_organisation_is_refused(
    session: Session, house: House, statement: Any
) -> None:
    with pytest.raises(AssertionError, match="without its organisation_id"):
        house(session, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from audit_event where organisation_id = %(organisation)s",
        "select e.id from audit_event e where e.organisation_id = %(organisation)s",
        "select id from identity_person",
        "select clock_timestamp()",
    ],
)
def test_a_statement_that_says_it_or_needs_not_passes(session: Session, house: House, statement: str) -> None:
    house(session, statement)
