"""Two at the same time: every order of their steps gives a result that some order of whole steps would give."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from assay.api.main import create_app
from assay.assignment import expire
from assay.assignment.claim import claim
from assay.assignment.model import Assignment, NothingToDo, NotLive, TooLateToRecall
from assay.assignment.submit import Receipt, Submission, recall, submit
from assay.assignment.work import mine, resume
from assay.identity import issue_token
from assay.kernel import new_id
from assay.kernel.lease import LeaseOver
from assay.storage import Actor, Database, Session, outbox

ROUNDS = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Work:
    """A project with one open task and two annotators, all committed, and ways to do things at the same time."""

    database: Database
    organisation_id: UUID
    project: UUID
    task: UUID
    people: list[UUID]
    token: str  # of the first of them

    def do(self, work: Callable[[Session], T]) -> T:
        return self.database.transact(self.organisation_id, Actor("operator"), work)

    @contextmanager
    def unfinished(self, work: Callable[[Session], object]) -> Iterator[None]:
        """It was done, but is committed at the end of the block only."""
        with self.database.transaction(self.organisation_id, Actor("operator")) as session:
            work(session)
            session.finish()
            yield

    def claim(self, person: int = 0) -> Assignment:
        return self.do(lambda session: claim(session, self.people[person], self.project))

    def submit(self, held: Assignment, response_id: UUID) -> Callable[[Session], Receipt]:
        answers = [{"question": "animal", "value": "cat"}]
        submission = Submission(response_id, held.lease.fence, answers, active_seconds=0, idle_seconds=0)
        return lambda session: submit(session, held.id, held.person_id, submission)

    def end_lease(self, held: Assignment) -> None:
        self.do(
            lambda session: session.execute(
                """update assignment_assignment set lease_until = clock_timestamp() - interval '1 second'
                where organisation_id = %s and id = %s""",
                (self.organisation_id, held.id),
            )
        )

    def counts(self) -> tuple[int, int, int, int]:
        """Seats taken and responses as the task counts them; live leases with a seat and responses counted anew."""
        row = self.do(
            lambda session: session.one(
                """
                select t.seats_taken, t.responses,
                    (select count(*) from assignment_assignment a where a.organisation_id = t.organisation_id
                        and a.task_id = t.id and a.state in ('leased', 'started') and a.holds_seat) as live,
                    (select count(*) from tasks_response r where r.organisation_id = t.organisation_id
                        and r.task_id = t.id and r.is_counted) as counted
                from tasks_task t where t.organisation_id = %s and t.id = %s
                """,
                (self.organisation_id, self.task),
            )
        )
        return row["seats_taken"], row["responses"], row["live"], row["counted"]


@pytest.fixture
def work(database: Database, organisation_id: UUID, make_in) -> Work:
    with database.transaction(organisation_id, Actor("operator")) as session:
        make = make_in(session)
        project = make.project(grace_seconds=0)
        (task,) = make.tasks(project)
        people = [make.annotator() for _ in range(2)]
        token = issue_token(session, people[0])[1]
    return Work(database, organisation_id, project, task, people, token)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def waits(future: Future[Any]) -> bool:
    """Whether it is still at work after a while."""
    time.sleep(0.2)
    return not future.done()


def test_the_last_seat_goes_to_one_of_two(work: Work) -> None:
    with work.unfinished(lambda session: claim(session, work.people[0], work.project)), pytest.raises(NothingToDo):
        work.claim(1)
    with pytest.raises(NothingToDo):
        work.claim(1)
    assert work.counts() == (1, 0, 1, 0)


def test_a_claim_that_was_undone_leaves_the_seat_to_the_other(work: Work) -> None:
    with suppress(ZeroDivisionError), work.unfinished(lambda session: claim(session, work.people[0], work.project)):
        raise ZeroDivisionError
    assert work.claim(1).task_id == work.task
    assert work.counts() == (1, 0, 1, 0)


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_at_once_after_the_last_seat(work: Work, threads: ThreadPoolExecutor, _: int) -> None:
    start = threading.Barrier(2)

    def run(person: int) -> bool:
        start.wait(5)
        try:
            return bool(work.claim(person))
        except NothingToDo:
            return False

    assert sorted(threads.map(run, range(2))) == [False, True]
    assert work.counts() == (1, 0, 1, 0)


def test_one_person_cannot_claim_a_task_twice_at_once(work: Work, threads: ThreadPoolExecutor) -> None:
    with work.unfinished(lambda session: claim(session, work.people[0], work.project)):
        second = threads.submit(work.claim)
        assert waits(second)
    with pytest.raises(NothingToDo):
        second.result(5)
    assert work.counts() == (1, 0, 1, 0)


def test_a_lease_that_ends_while_its_response_is_stored_keeps_its_seat(work: Work) -> None:
    held = work.claim()
    work.end_lease(held)
    with work.unfinished(work.submit(held, new_id())):
        assert work.do(expire) == 0
    assert work.do(expire) == 0
    assert work.counts() == (1, 1, 0, 1)


def test_a_response_that_comes_while_its_lease_is_ended_is_told_so(work: Work, threads: ThreadPoolExecutor) -> None:
    held = work.claim()
    work.end_lease(held)
    with work.unfinished(expire):
        late = threads.submit(work.do, work.submit(held, new_id()))
        assert waits(late)
    with pytest.raises(LeaseOver):
        late.result(5)
    assert work.counts() == (0, 0, 0, 0)


def test_a_seat_that_went_to_another_makes_a_resumed_task_surplus(work: Work, threads: ThreadPoolExecutor) -> None:
    held = work.claim()
    work.end_lease(held)
    with work.unfinished(lambda session: claim(session, work.people[1], work.project)):
        again = threads.submit(work.do, lambda session: resume(session, held.id, held.person_id))
        assert waits(again)
    resumed = again.result(5)
    assert not resumed.holds_seat
    assert not work.do(work.submit(resumed, new_id())).is_counted
    assert work.counts() == (1, 0, 1, 0)


def test_the_same_response_twice_at_once_is_stored_once(work: Work, threads: ThreadPoolExecutor) -> None:
    held, response_id = work.claim(), new_id()
    with work.unfinished(work.submit(held, response_id)):
        twin = threads.submit(work.do, work.submit(held, response_id))
        assert waits(twin)
    assert twin.result(5).response_id == response_id
    assert work.counts() == (1, 1, 0, 1)


def test_of_two_responses_at_once_the_second_is_refused(work: Work, threads: ThreadPoolExecutor) -> None:
    held = work.claim()
    with work.unfinished(work.submit(held, new_id())):
        other = threads.submit(work.do, work.submit(held, new_id()))
        assert waits(other)
    with pytest.raises(NotLive):
        other.result(5)
    assert work.counts() == (1, 1, 0, 1)


def test_a_response_that_is_being_heard_cannot_be_recalled(work: Work, threads: ThreadPoolExecutor) -> None:
    held, response_id = work.claim(), new_id()
    work.do(work.submit(held, response_id))
    work.do(
        lambda session: session.execute(
            "update storage_outbox set due_at = clock_timestamp() where organisation_id = %s", (work.organisation_id,)
        )
    )
    with work.unfinished(lambda session: outbox.handled(session, outbox.take(session, limit=9))):
        recalled = threads.submit(work.do, lambda session: recall(session, response_id, held.person_id))
        assert waits(recalled)
    with pytest.raises(TooLateToRecall):
        recalled.result(5)
    assert work.counts() == (1, 1, 0, 1)


def test_a_request_that_comes_three_times_at_once_is_answered_alike(work: Work, threads: ThreadPoolExecutor) -> None:
    held = work.claim()
    headers = {"Authorization": f"Bearer {work.token}", "Idempotency-Key": "once"}
    body = {"fence": held.lease.fence, "reason": "not my subject"}
    with TestClient(create_app(work.database), base_url="https://testserver", headers=headers) as client:

        def give_back() -> int:
            return client.post(f"/api/v1/assignments/{held.id}/return", json=body).status_code

        with work.unfinished(lambda session: mine(session, held.id, held.person_id)):
            replies = [threads.submit(give_back) for _ in range(3)]
            assert all(waits(reply) for reply in replies)
        assert [reply.result(5) for reply in replies] == [204, 204, 204]
    assert work.counts() == (0, 0, 0, 0)
