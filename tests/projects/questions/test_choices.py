"""Several of several."""

import pytest

HARMS = {
    "type": "choices",
    "options": [{"id": "bio"}, {"id": "cyber"}, {"id": "fraud"}, {"id": "none", "exclusive": True}],
    "min": 1,
    "max": 2,
}


def test_options_are_stored_sorted(ask) -> None:
    assert ask(**HARMS).stored(["cyber", "bio"]) == ["bio", "cyber"]


@pytest.mark.parametrize(
    ("value", "where", "reason"),
    [
        (["bio", "gas"], "q.value[1]", "must be one of bio, cyber, fraud, none"),
        (["bio", "bio"], "q.value[1]", "'bio' stands twice"),
        (["bio", "none"], "q.value[1]", "'none' stands alone or not at all"),
        ([], "q.value", "has 0 options; at least 1 are asked for"),
        (["bio", "cyber", "fraud"], "q.value", "has 3 options; at most 2 are asked for"),
        ("bio", "q.value", "must be a list of option ids"),
        ([["bio"]], "q.value[0]", "must be one of bio, cyber, fraud, none"),
    ],
)
def test_a_wrong_set_is_refused(ask, value, where, reason) -> None:
    assert ask(**HARMS).refusal(value) == (where, reason)


def test_an_exclusive_option_is_enough_whatever_the_minimum(ask) -> None:
    assert ask(**{**HARMS, "min": 2}).stored(["none"]) == ["none"]


def test_an_empty_set_is_an_answer_where_nothing_is_asked_for(ask) -> None:
    assert ask(**{**HARMS, "min": 0}).stored([]) == []


@pytest.mark.parametrize(
    ("accept", "value", "verdict", "score"),
    [
        ([["bio", "cyber"]], ["cyber", "bio"], "right", 1),
        ([["bio", "cyber"]], ["bio"], "partly", 1 / 2),
        ([["bio", "cyber"]], ["bio", "fraud"], "wrong", 1 / 3),
        ([["bio"], ["fraud"]], ["fraud"], "right", 1),
    ],
)
def test_half_of_the_union_in_common_is_partly_right(ask, accept, value, verdict, score) -> None:
    grade = ask(**HARMS).grade(accept, value)
    assert (grade.verdict, grade.score) == (verdict, pytest.approx(score))


def test_the_wide_export_has_one_column_per_option(ask) -> None:
    assert ask(**HARMS).columns(["cyber"]) == {
        "q": ["cyber"],
        "q.bio": 0,
        "q.cyber": 1,
        "q.fraud": 0,
        "q.none": 0,
    }


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"min": 3, "max": 2}, "min 3 must not be more than max 2"),
        ({"min": 9, "max": None}, "min 9 is more than there are options"),
    ],
)
def test_a_range_that_nothing_can_fill_is_refused(fault, keys, reason) -> None:
    assert fault(**{**HARMS, **keys}) == ("questions[0]", reason)
