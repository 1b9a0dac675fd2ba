"""Recorded responses in: counted like our own, completing their tasks."""

import pytest


def counts(found) -> tuple[int, int, int]:
    return found.accepted, found.known, found.problems


ANSWERS = [{"question": "safe", "value": "no"}, {"question": "stars", "value": 4}]


def test_recorded_responses_are_counted_and_complete_their_tasks(full_desk) -> None:
    rows = [
        {"external_id": f"q{n}", "annotator": f"rater{r}", "answers": ANSWERS, "seconds": 20.7}
        for n in range(2)
        for r in range(n + 1)
    ]
    assert counts(full_desk.take(rows, "responses")) == (3, 0, 0)
    tasks = full_desk.rows("select state, responses, seats_taken from tasks_task order by position")
    assert [tuple(task.values()) for task in tasks] == [("staged", 1, 1), ("complete", 2, 2), ("staged", 0, 0)]
    stored = full_desk.rows("select source, is_counted, active_seconds, answers from tasks_response")
    assert all(row["source"] == "recorded" and row["is_counted"] for row in stored)
    assert stored[0]["active_seconds"] == pytest.approx(20.7)
    assert [answer["value"] for answer in stored[0]["answers"]] == ["no", 4]
    assert [row["pseudonym"] for row in full_desk.rows("select pseudonym from workforce_annotator order by 1")] == [
        "rater0",
        "rater1",
    ]
    assert len(full_desk.rows("select id from audit_event where kind = 'task.completed'")) == 1


def test_more_responses_than_the_plan_asks_for_are_taken(full_desk) -> None:
    rows = [{"item": "q0", "worker": f"w{r}", "safe": "no"} for r in range(12)]
    assert counts(full_desk.take(rows, "responses")) == (12, 0, 0)
    task = full_desk.rows("select state, responses, overlap_max from tasks_task order by position")[0]
    assert task == {"state": "complete", "responses": 12, "overlap_max": 12}


def test_the_same_response_is_known_and_another_of_the_annotator_is_a_problem(full_desk) -> None:
    row = {"item": "q0", "annotator": "r1", "safe": "no"}
    full_desk.take([row], "responses")
    found = full_desk.take([row, {**row, "safe": "yes"}], "responses")
    assert counts(found) == (0, 1, 1)
    assert "'r1'" in full_desk.problems(found)[0][1]
    assert len(full_desk.rows("select id from tasks_response")) == 1


def test_a_flat_table_has_a_column_for_each_question(full_desk) -> None:
    rows = [
        {
            "item": "q0",
            "rater": "r1",
            "safe": "no",
            "stars": "4",
            "harms": "cyber|bio",
            "total": "16.0",
            "seconds": "22.3",
        },
        {"item": "q1", "rater": "r1", "safe": "yes", "stars": "", "harms": "", "total": "", "seconds": ""},
    ]
    assert counts(full_desk.take(rows, "responses", "csv")) == (2, 0, 0)
    stored = full_desk.rows(
        "select answers from tasks_response r join tasks_item i on i.id = r.item_id order by external_id"
    )
    assert {a["question"]: a["value"] for a in stored[0]["answers"]} == {
        "safe": "no",
        "stars": 4,
        "harms": ["bio", "cyber"],
        "total": "16.0",
    }
    assert [a["question"] for a in stored[1]["answers"]] == ["safe"]


def test_a_label_column_means_the_question_that_was_said(full_desk) -> None:
    found = full_desk.take([{"task": "q0", "worker": "w1", "label": "no"}], "responses", "csv", question="safe")
    assert counts(found) == (1, 0, 0)
    assert found.columns == {"task": "external_id", "worker": "annotator", "label": "value"}


def test_each_bad_response_is_named(full_desk) -> None:
    rows = [
        {"item": "q9", "annotator": "r1", "safe": "no"},
        {"item": "q0", "safe": "no"},
        {"item": "q0", "annotator": "r1", "safe": "purple"},
        {"item": "q0", "annotator": "r1", "stars": 3},
        {"item": "q0", "annotator": "r1"},
        {"item": "q0", "annotator": "r1", "safe": "no", "seconds": -3},
        {"item": "q0", "annotator": "r1", "safe": "no", "submitted_at": "yesterday"},
    ]
    found = full_desk.take(rows, "responses")
    assert counts(found) == (0, 0, 7)
    parts = ["does not have", "annotator is missing", "must be one of yes, no", "safe needs an answer", "are missing"]
    parts += ["must be a number from 0", "must be a time"]
    for (_, reason), part in zip(sorted(full_desk.problems(found)), parts, strict=True):
        assert part in reason
    assert full_desk.rows("select id from tasks_response") == []


def test_gold_results_are_taken_as_found_or_as_verdict(full_desk) -> None:
    rows = [
        {"item": "q0", "annotator": "r1", "found": "True"},
        {"item": "q1", "annotator": "r1", "found": "false"},
        {"item": "q1", "annotator": "r2", "found": "perhaps"},
    ]
    found = full_desk.take(rows, "gold_results", "csv", question="safe")
    assert counts(found) == (2, 0, 1)
    assert counts(full_desk.take(rows[:2], "gold_results", "csv", question="safe")) == (0, 2, 0)
    verdicts = full_desk.rows("select verdict from tasks_gold_result order by verdict")
    assert [row["verdict"] for row in verdicts] == ["right", "wrong"]
    found = full_desk.take([{"item": "q2", "annotator": "r1", "question": "safe", "verdict": "partly"}], "gold_results")
    assert counts(found) == (1, 0, 0)


def test_suggestions_are_kept_apart_from_responses(full_desk) -> None:
    row = {"item": "q0", "question": "stars", "value": 4, "score": 0.7, "agent": "model_a", "agent_version": "3"}
    assert counts(full_desk.take([row, row], "suggestions")) == (1, 1, 0)
    found = full_desk.take(
        [{**row, "value": 5}, {**row, "value": 9, "agent": "b"}, {**row, "agent": ""}], "suggestions"
    )
    assert counts(found) == (0, 0, 3)
    assert full_desk.rows("select id from tasks_response") == []
