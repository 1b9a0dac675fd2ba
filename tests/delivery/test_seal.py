"""Lots are frozen sets of settled tasks."""

from uuid import UUID

import pytest

from assay import audit, tasks
from assay.delivery import store
from assay.delivery.model import LotMoveRefused, LotState, NoSuchLot, NothingToSeal
from assay.delivery.seal import Wanted, close, seal
from assay.kernel import new_id
from assay.storage import Session


def kinds(session: Session, subject: UUID) -> list[str]:
    session.finish()
    return [event.kind for event in audit.events(session, subject=subject, limit=50)]


def test_a_lot_takes_the_settled_tasks(session: Session, work, make) -> None:
    project_id, task_ids = work.settled(3)
    make.tasks(project_id, 2)  # open
    lot = seal(session, project_id)
    assert (lot.size, lot.state) == (3, LotState.SEALED)
    assert store.task_ids(session, lot.id) == sorted(task_ids)
    assert kinds(session, lot.id) == ["lot.sealed"]


def test_no_gold_task_is_in_a_lot(session: Session, work) -> None:
    project_id, _ = work.settled(2, is_gold=True)
    with pytest.raises(NothingToSeal):
        seal(session, project_id)


def test_no_task_is_in_two_open_lots(session: Session, work) -> None:
    project_id, _ = work.settled(5)
    first = seal(session, project_id, Wanted(size_max=3))
    second = seal(session, project_id)
    assert (first.size, second.size) == (3, 2)
    assert not set(store.task_ids(session, first.id)) & set(store.task_ids(session, second.id))
    with pytest.raises(NothingToSeal):
        seal(session, project_id)


def test_a_project_without_settled_tasks_has_nothing_to_seal(session: Session, make) -> None:
    project_id = make.project()
    make.tasks(project_id, 2)
    with pytest.raises(NothingToSeal):
        seal(session, project_id)


def test_the_plan_of_the_version_is_frozen_on_the_lot(session: Session, work) -> None:
    plan = {"error_limit": 0.2, "confidence": 0.9, "checks_min": 3, "checks_max": 9}
    project_id, _ = work.settled(1, acceptance=plan)
    assert vars(seal(session, project_id).plan) == plan


def failed(session: Session, work) -> tuple[UUID, UUID]:
    project_id, _ = work.settled(20, acceptance={"error_limit": 0.05, "checks_min": 5, "checks_max": 20})
    lot = work.inspect(seal(session, project_id).id, wrong=20)
    assert lot.state == LotState.FAILED
    return project_id, lot.id


def test_a_closed_lot_frees_its_tasks_for_another(session: Session, work) -> None:
    project_id, lot_id = failed(session, work)
    assert close(session, lot_id).state == LotState.CLOSED
    assert seal(session, project_id).size == 20
    assert kinds(session, lot_id)[-1] == "lot.closed"


def test_what_was_found_wrong_can_be_reviewed_again(session: Session, work) -> None:
    _, lot_id = failed(session, work)
    wrong = store.task_ids(session, lot_id, only_wrong=True)
    close(session, lot_id, redo="nonconforming")
    assert wrong
    assert {tasks.task(session, task_id)["state"] for task_id in wrong} == {"complete"}


def test_only_a_failed_lot_is_closed(session: Session, work) -> None:
    project_id, _ = work.settled(2)
    with pytest.raises(LotMoveRefused, match="sealed"):
        close(session, seal(session, project_id).id)


def test_an_unknown_lot_is_not_found(session: Session) -> None:
    with pytest.raises(NoSuchLot):
        store.lot(session, new_id())
