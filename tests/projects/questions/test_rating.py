"""A step on an anchored scale."""

import pytest

from assay.projects import check_item

FIVE = {"type": "rating", "scale": {"min": 1, "max": 5, "anchors": {"1": "无用", "5": "خبير"}}}
SIGNED = {"type": "rating", "scale": {"min": -3, "max": 3, "between": ["c1", "c2"], "anchors": {"0": "equal"}}}


def test_a_step_is_stored_per_candidate(ask) -> None:
    asked = ask(**FIVE, about={"field": "candidates", "each": True}, required=False)
    assert asked.stored(4, target="c2") == 4
    assert asked.columns(4, target="c2") == {"q.c2": 4}


@pytest.mark.parametrize("value", [2.0, 2.5, "2", True, [2]])
def test_only_whole_steps_are_taken(ask, value) -> None:
    assert ask(**FIVE).refusal(value) == ("q.value", "must be a whole step")


@pytest.mark.parametrize("value", [0, 6, -1])
def test_a_step_beyond_the_scale_is_refused(ask, value) -> None:
    assert ask(**FIVE).refusal(value) == ("q.value", "must lie between 1 and 5")


def test_a_signed_step_lies_between_two_candidates(ask) -> None:
    assert [ask(**SIGNED).stored(step) for step in (-3, 0, 3)] == [-3, 0, 3]


def test_an_item_without_the_compared_candidates_is_a_problem(ask) -> None:
    item = {"source": "x", "candidates": [{"id": "c1", "text": ""}, {"id": "x", "text": ""}]}
    [problem] = check_item(ask(**SIGNED).definition, item)
    assert problem.reason == "has no candidate 'c2', which the question 'q' compares"


@pytest.mark.parametrize(
    ("scale", "reason"),
    [
        ({"min": 5, "max": 1}, "min 5 to max 1: a scale has 2 to 101 steps, from low to high"),
        ({"min": 0, "max": 101}, "min 0 to max 101: a scale has 2 to 101 steps, from low to high"),
        ({"min": 1, "max": 5, "anchors": {"6": "x"}}, "anchors: '6' is no step of the scale"),
        ({"min": -3, "max": 3, "between": ["a", "a"]}, "between: names two different candidates"),
        (
            {"min": -3, "max": 2, "between": ["a", "b"]},
            "between: the scale must reach as far to one side as to the other, such as -3 to 3",
        ),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(fault, scale, reason) -> None:
    assert fault(type="rating", scale=scale) == ("questions[0].scale", reason)


@pytest.mark.parametrize(
    ("value", "more", "verdict"),
    [(4, {}, "right"), (5, {}, "partly"), (3, {}, "partly"), (2, {}, "wrong"), (5, {"tolerance": 1}, "right")],
)
def test_one_step_beyond_the_tolerance_is_partly_right(ask, value, more, verdict) -> None:
    assert ask(**FIVE).grade([4], value, **more).verdict == verdict


def test_an_interval_scale_is_compared_as_one(ask) -> None:
    assert ask(**FIVE).question.agreement == "ordinal"
    assert ask(**FIVE, kind="interval").question.agreement == "interval"
