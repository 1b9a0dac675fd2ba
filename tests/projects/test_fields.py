"""What an item shows, and what of it may reach an annotator."""

import pytest

from assay.projects import blind_payload, check_item, normalise_item, parse_definition

DEFINITION = parse_definition(
    {
        "fields": [
            {"key": "prompt", "type": "markdown", "from": "item.task.prompt", "lang": "item.language"},
            {"key": "chat", "type": "conversation", "from": "item.messages", "optional": True, "fold": ["system"]},
            {"key": "candidates", "type": "candidates", "from": "item.candidates", "min": 2, "max": 3},
        ],
        "questions": [{"key": "pick", "type": "choice", "title": "?", "options_from": "item.options"}],
    }
)
ITEM = {
    "task": {"prompt": "什么时候交增值税？", "author": "model_x"},
    "language": "zh",
    "messages": [{"role": "user", "text": "سؤال", "model": "model_x"}, {"id": "x", "role": "tool", "text": ""}],
    "candidates": [{"text": "a", "source": "model_a", "cost": 3}, {"messages": [{"role": "assistant", "text": "😀"}]}],
    "options": ["yes", "no"],
    "gold": "yes",
}


ASKED = {"role": "user", "text": "?"}


def changed(**more):
    return {**ITEM, **more}


def test_an_item_that_fits_has_no_problem() -> None:
    assert check_item(DEFINITION, ITEM) == []


@pytest.mark.parametrize(
    ("item", "where"),
    [
        (changed(task={}), "item.task.prompt"),
        (changed(task="text"), "item.task.prompt"),
        (changed(task={"prompt": 5}), "item.task.prompt"),
        (changed(task={"prompt": "a\0"}), "item.task.prompt"),
        (changed(task={"prompt": "\udc00"}), "item.task.prompt"),
        (changed(extra=float("nan")), "item.extra"),
        (changed(extra=2**60), "item.extra"),
        (changed(extra=[0] * 5_001), "item"),
        (changed(messages="hello"), "item.messages"),
        (changed(messages=[]), "item.messages"),
        (changed(messages=["hello"]), "item.messages[0]"),
        (changed(messages=[{"role": "human", "text": ""}]), "item.messages[0].role"),
        (changed(messages=[{"role": "user"}]), "item.messages[0].text"),
        (changed(messages=[{"role": "user", "text": "", "id": 1}]), "item.messages[0].id"),
        (changed(messages=[{"role": "user", "text": "", "id": "m2"}, ASKED]), "item.messages[1].id"),
        (changed(candidates=[{"text": "a"}]), "item.candidates"),
        (changed(candidates=[{"text": "a"}] * 4), "item.candidates"),
        (changed(candidates={"text": "a"}), "item.candidates"),
        (changed(candidates=["a", "b"]), "item.candidates[0]"),
        (changed(candidates=[{"text": "a"}, {"text": "b", "messages": []}]), "item.candidates[1]"),
        (changed(candidates=[{"text": "a"}, {}]), "item.candidates[1]"),
        (changed(candidates=[{"text": "a"}, {"text": None}]), "item.candidates[1].text"),
        (changed(candidates=[{"text": "a"}, {"messages": 5}]), "item.candidates[1].messages"),
        (changed(candidates=[{"id": "c", "text": "a"}, {"id": "c", "text": "b"}]), "item.candidates[1].id"),
        ("text", "item"),
        (None, "item"),
    ],
)  # fmt: skip
def test_a_value_that_fits_no_field_is_a_problem_at_its_path(item, where) -> None:
    assert where in {problem.where for problem in check_item(DEFINITION, item)}


def test_an_optional_field_may_be_absent_or_null() -> None:
    assert check_item(DEFINITION, changed(messages=None)) == []


def test_missing_ids_are_filled_in_and_given_ones_stay() -> None:
    stored = normalise_item(DEFINITION, ITEM)
    assert [message["id"] for message in stored["messages"]] == ["m1", "x"]
    assert [candidate["id"] for candidate in stored["candidates"]] == ["c1", "c2"]
    assert stored["candidates"][1]["messages"][0]["id"] == "c2.m1"
    assert stored["gold"] == "yes"
    assert normalise_item(DEFINITION, stored) == stored
    assert "id" not in ITEM["messages"][0]


def test_only_what_fields_show_reaches_an_annotator() -> None:
    assert blind_payload(DEFINITION, normalise_item(DEFINITION, ITEM)) == {
        "task": {"prompt": "什么时候交增值税？"},
        "language": "zh",
        "messages": [{"id": "m1", "role": "user", "text": "سؤال"}, {"id": "x", "role": "tool", "text": ""}],
        "candidates": [
            {"id": "c1", "text": "a"},
            {"id": "c2", "messages": [{"id": "c2.m1", "role": "assistant", "text": "😀"}]},
        ],
        "options": ["yes", "no"],
    }


def test_the_source_is_shown_only_where_the_field_is_not_blind() -> None:
    open_field = {"key": "c", "type": "candidates", "from": "item.c", "blind": []}
    question = {"key": "q", "type": "text", "title": "?"}
    definition = parse_definition({"fields": [open_field], "questions": [question]})
    item = {"c": [{"id": "c1", "text": "a", "source": "model_a", "cost": 3}]}
    assert blind_payload(definition, item) == {"c": [{"id": "c1", "text": "a", "source": "model_a"}]}
