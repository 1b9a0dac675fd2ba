"""Items in: once each, bad rows by line, and a task for each in the batch."""

from assay.tasks import move_batch
from assay.tasks.imports import Options
from assay.tasks.imports.model import Import


def counts(found: Import) -> tuple[int, int, int]:
    return found.accepted, found.known, found.problems


def items(count: int) -> list[dict]:
    return [{"external_id": f"q{n}", "prompt": f"When is VAT due? {n}"} for n in range(count)]


def test_good_rows_go_in_and_bad_ones_come_back_with_their_line(desk) -> None:
    content = (
        b'{"external_id": "a", "prompt": "One", "language": "en", "slices": {"topic": "vat"}}\n'
        b'{"external_id": "b", "prompt": NaN}\n'
        b'{"prompt": "No id"}\n'
        b'{"external_id": "c"}\n'
        b'{"external_id": "d", "prompt": "Four", "candidates": [{"text": "x"}, {"text": "y"}], "extra": [1]}\n'
        b'{"external_id": "e", "prompt": "Five", "slices": ["vat"]}\n'
    )
    found = desk.take(content, "items")
    assert found.state == "loaded"
    assert counts(found) == (2, 0, 4)
    assert [line for line, _ in desk.problems(found)] == [2, 3, 4, 6]
    stored = desk.rows("select external_id, payload, language, slices from tasks_item order by external_id")
    assert stored[0]["slices"] == {"topic": "vat"}
    assert stored[0]["language"] == "en"
    assert stored[1]["payload"]["extra"] == [1]
    assert [c["id"] for c in stored[1]["payload"]["candidates"]] == ["c1", "c2"]


def test_the_same_file_twice_adds_nothing(desk) -> None:
    assert counts(desk.take(items(3), "items")) == (3, 0, 0)
    assert counts(desk.take(items(4), "items")) == (1, 3, 0)
    assert len(desk.rows("select id from tasks_task")) == 4


def test_a_changed_row_under_a_known_id_is_a_problem_and_never_an_overwrite(desk) -> None:
    desk.take(items(2), "items")
    found = desk.take([{"external_id": "q1", "prompt": "Other"}], "items")
    assert counts(found) == (0, 0, 1)
    assert "known with other content" in desk.problems(found)[0][1]
    assert len(desk.rows("select id from tasks_item where payload->>'prompt' = 'Other'")) == 0


def test_a_duplicated_id_within_a_file_counts_once(desk) -> None:
    row, other = {"external_id": "a", "prompt": "One"}, {"external_id": "a", "prompt": "Two"}
    found = desk.take([row, row, other], "items")
    assert counts(found) == (1, 1, 1)
    assert desk.problems(found) == [(3, "external id 'a' stands in line 1 with other content")]


def test_other_names_of_columns_are_understood_and_reported(desk) -> None:
    found = desk.take([{"id": "7", "question": "When?", "topic": "vat"}], "items", columns={"topic": "slices.topic"})
    assert counts(found) == (1, 0, 0)
    assert found.columns == {"id": "external_id", "question": "prompt", "topic": "slices.topic"}
    assert desk.rows("select slices from tasks_item")[0]["slices"] == {"topic": "vat"}


def test_csv_cells_of_candidates_are_json_and_formulas_stay_text(desk) -> None:
    candidates = '[{"id": "c1", "text": "=1+1"}, {"id": "c2", "text": "@SUM(1)"}]'
    rows = [
        {"external_id": "a", "prompt": "=HYPERLINK(1)", "candidates": candidates},
        {"external_id": "b", "prompt": "-1", "candidates": ""},
        {"external_id": "c", "prompt": "x", "candidates": "[{"},
    ]
    found = desk.take(rows, "items", "csv")
    assert counts(found) == (2, 0, 1)
    assert "candidates holds JSON in a cell" in desk.problems(found)[0][1]
    stored = desk.rows("select payload from tasks_item order by external_id")
    assert stored[0]["payload"]["prompt"] == "=HYPERLINK(1)"
    assert stored[0]["payload"]["candidates"][1] == {"id": "c2", "text": "@SUM(1)"}
    assert stored[1]["payload"]["prompt"] == "-1"


def test_tasks_are_staged_until_their_batch_is_opened(desk) -> None:
    desk.take(items(2), "items")
    assert {row["state"] for row in desk.rows("select state from tasks_task")} == {"staged"}
    batch_id = desk.rows("select id from tasks_batch")[0]["id"]
    desk.change("update projects_project set state = 'live'")
    desk.transact(lambda s: move_batch(s, batch_id, "open"))
    desk.take(items(3), "items")
    states = desk.rows("select state, overlap_wanted, overlap_max from tasks_task")
    assert [tuple(row.values()) for row in states] == [("open", 2, 3)] * 3


def test_items_can_go_into_a_batch_of_their_own(desk) -> None:
    desk.take(items(1), "items", batch="pilot")
    assert desk.rows("select name from tasks_batch") == [{"name": "pilot"}]


def test_a_file_that_is_no_parquet_fails_and_what_was_in_stays(desk) -> None:
    desk.take(items(2), "items")
    found = desk.take(b"PAR1 nothing of the kind PAR1", "items", "parquet")
    assert found.state == "failed"
    assert counts(found) == (0, 0, 1)
    assert desk.problems(found)[0][0] is None
    assert len(desk.rows("select id from tasks_item")) == 2


def test_options_refuse_what_cannot_be_read() -> None:
    assert Options(encoding="GB18030").encoding == "GB18030"
