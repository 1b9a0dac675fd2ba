"""The names of other tools, at the door."""

from assay.tasks.reading import propose_mapping, rename


def test_known_names_of_other_tools_are_proposed() -> None:
    columns = ["ID", "conversation", "Outputs", "topic"]
    assert propose_mapping(columns, wanted=["external_id", "messages", "candidates"]) == {
        "ID": "external_id",
        "conversation": "messages",
        "Outputs": "candidates",
    }


def test_a_column_that_is_wanted_itself_keeps_its_name() -> None:
    assert propose_mapping(["id", "question"], wanted=["external_id", "prompt", "question"]) == {"id": "external_id"}


def test_our_own_name_goes_before_an_alias() -> None:
    assert propose_mapping(["id", "external_id"], wanted=["external_id"]) == {}


def test_one_column_stands_for_one_name_only() -> None:
    assert propose_mapping(["answers"], wanted=["value", "candidates"]) == {"answers": "candidates"}


def test_a_mapping_reaches_into_objects_and_leaves_out() -> None:
    row = {"id": "a", "topic": "vat", "secret": 1, "a.b": 2}
    assert rename(row, {"id": "external_id", "topic": "slices.topic", "secret": ""}) == {
        "external_id": "a",
        "slices": {"topic": "vat"},
        "a.b": 2,
    }
