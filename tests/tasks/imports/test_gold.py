"""Gold in: checked against its question, stored once, and put out as hidden checks."""


def counts(found) -> tuple[int, int, int]:
    return found.accepted, found.known, found.problems


def test_gold_is_stored_and_its_tasks_become_hidden_checks(full_desk) -> None:
    rows = [
        {"item": "q0", "question": "safe", "accept": ["no"], "because": "names a person"},
        {"item": "q1", "question": "stars", "accept": [4], "tolerance": 0},
    ]
    assert counts(full_desk.take(rows, "gold")) == (2, 0, 0)
    stored = full_desk.rows("select question, accept, source from tasks_gold order by question")
    assert stored[0]["accept"] == {"accept": ["no"], "tolerance": None, "because": "names a person"}
    assert stored[1]["accept"]["tolerance"] == 0
    tasks = full_desk.rows("select is_gold, overlap_max from tasks_task order by position")
    assert [task["is_gold"] for task in tasks] == [True, True, False]
    assert tasks[0]["overlap_max"] > 100


def test_the_same_gold_is_known_and_other_gold_is_a_problem(full_desk) -> None:
    row = {"external_id": "q0", "question": "safe", "accept": ["no"]}
    full_desk.take([row], "gold")
    found = full_desk.take([row, {**row, "accept": ["yes"]}], "gold")
    assert counts(found) == (0, 1, 1)
    assert full_desk.problems(found)[0][0] == 2


def test_each_bad_key_is_named(full_desk) -> None:
    rows = [
        {"external_id": "nowhere", "question": "safe", "accept": ["no"]},
        {"external_id": "q0", "question": "colour", "accept": ["no"]},
        {"external_id": "q0", "question": "safe", "accept": ["maybe"]},
        {"external_id": "q0", "question": "safe"},
        {"external_id": "q0", "accept": ["no"]},
    ]
    found = full_desk.take(rows, "gold")
    reasons = [reason for _, reason in full_desk.problems(found)]
    assert counts(found) == (0, 0, 5)
    parts = ["does not have", "not a question", "must be one of yes, no", "accept is missing", "has several"]
    for reason, part in zip(reasons, parts, strict=True):
        assert part in reason


def test_gold_comes_from_a_flat_table_too(full_desk) -> None:
    rows = [{"task": "q0", "label": "no"}, {"task": "q1", "label": "yes"}]
    assert counts(full_desk.take(rows, "gold", "csv", question="safe")) == (2, 0, 0)


def test_answered_tasks_stay_work(full_desk) -> None:
    full_desk.take([{"item": "q0", "annotator": "r1", "safe": "no"}], "responses")
    full_desk.take([{"item": "q0", "question": "safe", "accept": ["no"]}], "gold")
    tasks = full_desk.rows("select is_gold from tasks_task order by position")
    assert not any(task["is_gold"] for task in tasks)


def test_gold_that_is_not_hidden_leaves_the_task_alone(full_desk) -> None:
    full_desk.take([{"item": "q0", "question": "safe", "accept": ["no"], "hidden": False}], "gold")
    assert not any(task["is_gold"] for task in full_desk.rows("select is_gold from tasks_task"))
