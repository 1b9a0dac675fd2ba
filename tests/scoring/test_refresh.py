"""What comes in is scored at once, and the overlap follows how sure the answers are."""

from typing import Any
from uuid import UUID

from assay import tasks
from assay.scoring import refit, store
from assay.scoring.refresh import hear
from assay.storage import Session


def task_of(session: Session, task_id: UUID) -> dict[str, Any]:
    row = tasks.task(session, task_id)
    assert row is not None
    return row


def posterior(session: Session, task_id: UUID) -> dict[str, Any]:
    (row,) = store.posteriors_of_tasks(session, [task_id])
    return row


def decision(session: Session, task_id: UUID) -> str:
    return store.tasks(session, [task_id])[0]["decided"]


def test_shares_are_held_back_by_one_vote(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=3))
    crowd.answer_and_hear(task, ann="cat", bob="cat", cem="dog")
    found = posterior(session, task)
    assert found["probabilities"] == {"cat": 0.625, "dog": 0.375}
    assert (found["value"], found["n"], found["run_id"]) == ("cat", 3, None)
    assert found["method"] == "majority, shares with one prior vote"


def test_an_unsure_task_is_reopened_for_one_more(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=2, overlap_max=4, confidence_wanted=0.8))
    crowd.answer_and_hear(task, ann="cat", bob="dog")
    assert decision(session, task) == "unsure"
    row = task_of(session, task)
    assert (row["state"], row["overlap_wanted"]) == ("open", 3)


def test_hearing_twice_does_the_work_once(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=2, overlap_max=4, confidence_wanted=0.8))
    heard = crowd.answer_and_hear(task, ann="cat", bob="dog")
    hear(session, heard)
    assert task_of(session, task)["overlap_wanted"] == 3


def test_a_task_is_disputed_at_its_most_answers(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=2, overlap_max=2, confidence_wanted=0.8))
    crowd.answer_and_hear(task, ann="cat", bob="dog")
    row = task_of(session, task)
    assert (row["state"], row["is_disputed"]) == ("complete", True)


def test_where_all_agree_there_is_nothing_to_adjudicate(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=1, overlap_max=1, confidence_wanted=0.99))
    crowd.answer_and_hear(task, ann="cat")
    assert decision(session, task) == "confident"
    assert not task_of(session, task)["is_disputed"]
    assert posterior(session, task)["confidence"] == 0.75


def test_a_task_with_too_few_answers_waits(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=2))
    crowd.answer_and_hear(task, ann="cat")
    assert decision(session, task) == "gathering"


def test_a_recalled_response_is_not_heard(session: Session, make, crowd) -> None:
    (task,) = make.tasks(make.project(overlap_min=2))
    response = crowd.answer(task, "ann", "cat")
    tasks.uncount(session, response, state="recalled")
    tasks.uncount_response(session, task)
    hear(session, [response])
    assert store.posteriors_of_tasks(session, [task]) == []


def test_hidden_checks_are_graded_and_never_decided(session: Session, make, crowd) -> None:
    project = make.project(overlap_min=2)
    (task,) = make.tasks(project, is_gold=True)
    crowd.put_key(task, ["cat"])
    crowd.answer_and_hear(task, ann="cat", bob="dog")
    counted = {row["source"]: (row["right"], row["n"]) for row in store.gold_totals(session, project)}
    assert counted == {"graded here": (1, 2)}
    assert decision(session, task) is None


def test_enough_answers_call_for_a_refit(session: Session, make, crowd) -> None:
    project = make.project(overlap_min=1)
    ids = [crowd.answer(task, f"a{i % 5}", "cat") for i, task in enumerate(make.tasks(project, 100))]
    hear(session, ids[:99])
    assert store.latest_run(session, project, done=False) is None
    hear(session, ids[99:])
    run = store.latest_run(session, project, done=False)
    assert run is not None
    assert run["state"] == "queued"


def test_piece_by_piece_gives_what_a_rebuild_gives(session: Session, make, crowd) -> None:
    project = make.project(overlap_min=3, recall_seconds=0)
    ids = make.tasks(project, 12)
    for turn, name in enumerate(("ann", "bob", "cem")):
        for i, task in enumerate(ids):
            crowd.answer_and_hear(task, **{name: "cat" if (i + turn) % 3 else "dog"})
    shown = ("task_id", "question", "target", "value", "probabilities", "confidence", "agreement", "n", "responses")
    piecewise = [[row[name] for name in shown] for row in store.posteriors_of_tasks(session, ids)]
    refit(session, project)
    assert [[row[name] for name in shown] for row in store.posteriors_of_tasks(session, ids)] == piecewise
