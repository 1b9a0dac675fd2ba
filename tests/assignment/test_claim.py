"""Who gets which task."""

from collections import Counter
from uuid import UUID

import pytest

from assay.assignment import store
from assay.assignment.claim import claim
from assay.assignment.expire import expire
from assay.assignment.gold_turn import is_gold_turn
from assay.assignment.model import NotEligible, NothingToDo, TooManyHeld
from assay.assignment.work import give_back
from assay.kernel import NotFound, new_id
from assay.storage import Session


def test_tasks_come_in_the_order_of_arrival(session: Session, make) -> None:
    project = make.project(held_max=3)
    ids = make.tasks(project, 3)
    ann = make.annotator()
    assert [claim(session, ann, project).task_id for _ in ids] == ids


def test_a_higher_priority_goes_first(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    urgent = make.tasks(project, 1, priority=5)
    assert claim(session, make.annotator(), project).task_id == urgent[0]


def test_nobody_gets_the_same_task_twice(session: Session, make) -> None:
    project = make.project(overlap_min=2, held_max=3)
    make.tasks(project, 2)
    ann = make.annotator()
    assert len({claim(session, ann, project).task_id for _ in range(2)}) == 2
    with pytest.raises(NothingToDo):
        claim(session, ann, project)


def test_a_task_is_given_to_no_more_people_than_its_overlap(session: Session, make) -> None:
    project = make.project(overlap_min=2)
    make.tasks(project, 1)
    for _ in range(2):
        claim(session, make.annotator(), project)
    with pytest.raises(NothingToDo):
        claim(session, make.annotator(), project)


def test_an_annotator_holds_no_more_than_the_plan_allows(session: Session, make) -> None:
    project = make.project(held_max=2)
    make.tasks(project, 3)
    ann = make.annotator()
    claim(session, ann, project)
    claim(session, ann, project)
    with pytest.raises(TooManyHeld, match="2 tasks"):
        claim(session, ann, project)


def test_a_qualification_is_asked_for(session: Session, make) -> None:
    project = make.project(qualifications=["law"])
    make.tasks(project, 1)
    with pytest.raises(NotEligible, match="needs law"):
        claim(session, make.annotator(), project)
    assert claim(session, make.annotator("law"), project)


def test_a_closed_project_gives_no_tasks(session: Session, make) -> None:
    project = make.project(is_open=False)
    make.tasks(project, 1)
    with pytest.raises(NotEligible, match="draft"):
        claim(session, make.annotator(), project)


def test_an_item_goes_to_those_who_read_its_language(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1, language="zh-Hans")
    with pytest.raises(NothingToDo):
        claim(session, make.annotator(languages=("en",)), project)
    assert claim(session, make.annotator(languages=("en", "zh")), project)


def test_an_unknown_project_is_not_found(session: Session, make) -> None:
    with pytest.raises(NotFound):
        claim(session, make.annotator(), new_id())


def test_a_returned_task_goes_to_someone_else(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    ann, bob = make.annotator(), make.annotator()
    held = claim(session, ann, project)
    give_back(
        session,
        held.id,
        held.person_id,
        fence=held.lease.fence,
        reason="not my field",
        is_fault=False,
        active_seconds=1,
        idle_seconds=0,
    )
    with pytest.raises(NothingToDo):
        claim(session, ann, project)
    assert claim(session, bob, project).task_id == held.task_id


def overdue(session: Session, assignment_id: UUID) -> None:
    session.execute(
        "update assignment_assignment set lease_until = clock_timestamp() - interval '1 day' "
        "where organisation_id = %s and id = %s",
        (session.organisation_id, assignment_id),
    )


def test_an_expired_lease_returns_the_task(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    overdue(session, held.id)
    assert expire(session) == 1
    assert claim(session, make.annotator(), project).task_id == held.task_id


def test_an_overdue_lease_is_free_before_any_job_has_run(session: Session, make) -> None:
    project = make.project()
    make.tasks(project, 1)
    held = claim(session, make.annotator(), project)
    overdue(session, held.id)
    assert claim(session, make.annotator(), project).task_id == held.task_id


def test_gold_is_mixed_in_at_its_share(session: Session, make) -> None:
    project = make.project(gold_share=0.2, held_max=50)
    make.tasks(project, 60)
    gold = set(make.tasks(project, 20, is_gold=True))
    ann = make.annotator()
    claimed = [claim(session, ann, project).task_id for _ in range(50)]
    assert sum(task in gold for task in claimed) == 10
    stretches = [sum(task in gold for task in claimed[i : i + 5]) for i in range(0, 50, 5)]
    assert stretches == [1] * 10


def test_gold_comes_at_places_that_differ_between_people() -> None:
    places = Counter(
        next(n for n in range(10) if is_gold_turn(seed, n, 0.1)) for seed in (UUID(int=i) for i in range(2000))
    )
    assert set(places) == set(range(10))
    assert max(places.values()) < 300  # 200 expected in each place


def test_without_work_there_is_no_gold_either(session: Session, make) -> None:
    project = make.project(gold_share=0.5)
    make.tasks(project, 3, is_gold=True)
    with pytest.raises(NothingToDo):
        claim(session, make.annotator(), project)


def test_the_seats_are_counted_in_the_tasks_row(session: Session, make) -> None:
    project = make.project(overlap_min=3)
    (task,) = make.tasks(project, 1)
    claim(session, make.annotator(), project)
    claim(session, make.annotator(), project)
    row = session.one(
        "select seats_taken, responses from tasks_task where organisation_id = %s and id = %s",
        (session.organisation_id, task),
    )
    assert row == {"seats_taken": 2, "responses": 0}
    assert len(store.live_projects(session)) == 1
