"""What tests of review need: a project at work, reviewers, and everyone hearing of what happened."""

from typing import Any
from uuid import UUID

import pytest

from assay import identity
from assay.assignment.claim import claim
from assay.assignment.submit import Submission, submit
from assay.identity.model import Role
from assay.jobs import wiring
from assay.kernel import new_id
from assay.storage import Session, outbox


class House:
    """A project in which people answer and review."""

    def __init__(self, session: Session, make: Any) -> None:
        self.session = session
        self.make = make
        self.project_id: UUID
        self.people: dict[str, UUID] = {}

    def open(self, tasks: int = 1, **quality: Any) -> list[UUID]:
        """A project with these tasks; nothing is reviewed unless asked for."""
        review = {"first_n": 0, "share": 0, "share_later": 0, "floor": 0} | quality.pop("review", {})
        self.project_id = self.make.project(recall_seconds=0, review=review, **quality)
        return self.make.tasks(self.project_id, tasks)

    def person(self, name: str) -> UUID:
        """An annotator of this name."""
        return self.people.setdefault(name, self.people.get(name) or self.make.annotator())

    def reviewer(self) -> UUID:
        return identity.add_member(self.session, f"{new_id()}@example.org", "Rev", [Role.REVIEWER])

    def answer(self, name: str, value: str) -> UUID:
        """The next task of this person, answered; the response's id."""
        held = claim(self.session, self.person(name), self.project_id)
        return self.submit(held, value)

    def submit(self, held: Any, value: str) -> UUID:
        answers = [{"question": "animal", "value": value}]
        response_id = new_id()
        submit(
            self.session,
            held.id,
            held.person_id,
            Submission(response_id, held.lease.fence, answers, active_seconds=1, idle_seconds=0),
        )
        return response_id

    def hear(self) -> None:
        """Hand out all messages that are due, as the background worker does."""
        while True:
            self.session.finish()
            messages = outbox.take(self.session, limit=500)
            if not messages:
                return
            for message in messages:
                wiring.LISTENERS[message.listener][0](self.session, [message])
            outbox.handled(self.session, messages)


@pytest.fixture
def house(session: Session, make) -> House:
    return House(session, make)
