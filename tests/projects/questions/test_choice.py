"""One of several."""

import pytest

from assay.projects import check_item

YES_NO = [{"id": "yes", "title": "Yes"}, {"id": "no"}]


def test_an_option_is_stored_by_its_id(ask) -> None:
    assert ask(type="choice", options=YES_NO).stored("no") == "no"


def test_ids_may_be_in_any_script(ask) -> None:
    asked = ask(type="choice", options=[{"id": "是"}, {"id": "لا"}, {"id": "🙂"}])
    assert [asked.stored(id) for id in ("是", "لا", "🙂")] == ["是", "لا", "🙂"]


@pytest.mark.parametrize("value", ["maybe", "", ["yes"], 1, True, {"id": "yes"}])
def test_anything_but_an_option_is_refused(ask, value) -> None:
    assert ask(type="choice", options=YES_NO).refusal(value) == ("q.value", "must be one of yes, no")


def test_options_may_come_with_the_item(ask) -> None:
    asked = ask(type="choice", options_from="item.options")
    assert asked.stored("green") == "green"
    assert asked.refusal("blue") == ("q.value", "must be one of red, green")


def test_an_item_without_its_options_is_a_problem(ask) -> None:
    asked = ask(type="choice", options_from="item.options")
    for options in (None, [], "red", [{"title": "no id"}], [1], ["a", "a"], ["a|b"]):
        [problem] = check_item(asked.definition, {"source": "x", "options": options})
        assert problem.where == "item.options"


@pytest.mark.parametrize(
    ("keys", "where", "reason"),
    [
        ({}, "questions[0]", "has either options or options_from"),
        ({"options": YES_NO, "options_from": "item.o"}, "questions[0]", "has either options or options_from"),
        ({"options": YES_NO[:1]}, "questions[0]", "options: 2 to 1,000 are needed"),
        ({"options": YES_NO * 2}, "questions[0]", "options: the id 'yes' stands twice"),
        ({"options": [{"id": "a", "titel": "A"}]}, "questions[0].options[0].titel", "is not a known key here"),
        ({"options": [{"id": True}]}, "questions[0].options[0].id", "must be text; put it in quotes"),
        ({"options": YES_NO, "layout": "grid"}, "questions[0].layout", "must be one of 'radio', 'buttons' or 'menu'"),
        ({"options_from": "options"}, "questions[0].options_from", "must be a path into the item, such as item.prompt"),
    ],
)
def test_a_wrong_definition_is_refused_by_its_key(fault, keys, where, reason) -> None:
    assert fault(type="choice", **keys) == (where, reason)


def test_gold_is_a_set_of_accepted_values(ask) -> None:
    asked = ask(type="choice", options=[*YES_NO, {"id": "unclear"}])
    assert asked.grade(["no", "unclear"], "unclear").verdict == "right"
    assert asked.grade(["no", "unclear"], "yes").verdict == "wrong"


def test_the_wide_export_has_the_value_and_the_reason(ask) -> None:
    assert ask(type="choice", options=YES_NO).columns("no") == {"q": "no"}
    with_why = ask(type="choice", options=YES_NO, why="optional")
    assert with_why.columns("no", why="因为") == {"q": "no", "q.why": "因为"}


def test_labels_are_the_option_ids(ask) -> None:
    asked = ask(type="choice", options=YES_NO)
    assert asked.question.categories(asked.definition.content(asked.item), None) == ["yes", "no"]
    assert asked.question.label("no") == "no"


def test_a_refusal_does_not_name_a_thousand_options(ask) -> None:
    asked = ask(type="choice", options=[{"id": f"o{i}"} for i in range(1_000)])
    assert asked.refusal("x")[1].endswith("o18, o19 … (1000 in all)")
