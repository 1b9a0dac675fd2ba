"""What tests of scoring need: people who answer, without the detour over leases."""

from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from assay import tasks, workforce
from assay.kernel import new_id
from assay.scoring.refresh import hear
from assay.storage import Session
from assay.tasks import NewResponse

Answers = list[dict[str, Any]]


class Crowd:
    """Annotators by a short name, who answer tasks at once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.people: dict[str, UUID] = {}

    def __getitem__(self, name: str) -> UUID:
        if name not in self.people:
            self.people[name] = workforce.recorded_annotators(self.session, [name])[name]
        return self.people[name]

    def answer(self, task_id: UUID, name: str, answers: Answers | str) -> UUID:
        """A counted response; a plain text is the answer to `animal`."""
        task = tasks.task(self.session, task_id)
        assert task is not None
        if isinstance(answers, str):
            answers = [{"question": "animal", "value": answers}]
        response_id = new_id()
        assert tasks.take_seat(self.session, task_id), "the task is full"
        tasks.add_response(
            self.session,
            NewResponse(
                id=response_id,
                project_id=task["project_id"],
                task_id=task_id,
                item_id=task["item_id"],
                annotator_id=self[name],
                assignment_id=None,
                version_id=task["version_id"],
                answers=[{"target": None, "why": None, "cites": []} | row for row in answers],
                shown={},
                body_hash=str(response_id),
                is_counted=True,
                active_seconds=0,
                idle_seconds=0,
            ),
            fills_seat=True,
        )
        return response_id

    def answer_and_hear(self, task_id: UUID, **said: Answers | str) -> list[UUID]:
        """Each named annotator answers; then scoring hears of it."""
        ids = [self.answer(task_id, name, answers) for name, answers in said.items()]
        hear(self.session, ids)
        return ids

    def put_key(self, task_id: UUID, accept: list[Any]) -> None:
        """Make what is accepted known for a task's item."""
        self.session.execute(
            """
            insert into tasks_gold (organisation_id, id, project_id, item_id, question, accept)
            select organisation_id, %s, project_id, item_id, 'animal', %s from tasks_task
            where organisation_id = %s and id = %s
            """,
            (new_id(), Jsonb({"accept": accept}), self.session.organisation_id, task_id),
        )


@pytest.fixture
def crowd(session: Session) -> Crowd:
    return Crowd(session)
