"""Plans: short to write, hard to get wrong."""

import pytest

from assay.projects import InvalidDefinition, QualityPlan, ReviewShare, project_file

WHOLE = {
    "name": "n",
    "version": "1.0.0",
    "guideline": {"version": "1.0.0", "markdown": "x"},
    "fields": [{"key": "a", "type": "text", "from": "item.a"}],
    "questions": [{"key": "q", "type": "text", "title": "?"}],
}


def test_an_empty_plan_has_sensible_defaults() -> None:
    plan = project_file.of_values(WHOLE).quality
    assert plan == QualityPlan()
    assert (plan.overlap_min, plan.overlap_max, plan.held_max) == (1, 1, 3)
    assert (plan.lease_seconds, plan.recall_seconds) == (900, 30)
    assert (plan.acceptance.checks_min, plan.acceptance.checks_max) == (30, 300)


def test_what_is_not_said_follows_from_what_is() -> None:
    plan = QualityPlan.model_validate({"overlap_min": 3, "confidence_wanted": 0.8, "acceptance": {"checks_min": 500}})
    assert (plan.overlap_max, plan.adjudicate_below, plan.acceptance.checks_max) == (3, 0.8, 500)


@pytest.mark.parametrize(
    ("plan", "where", "reason"),
    [
        ({"overlap_min": 3, "overlap_max": 2}, "quality", "overlap_min 3 must not be more than overlap_max 2"),
        ({"overlap_min": 0}, "quality.overlap_min", "must be at least 1"),
        ({"gold_share": 0.6}, "quality.gold_share", "must be at most 0.5"),
        ({"confidence_wanted": 95}, "quality.confidence_wanted", "must be less than 1"),
        ({"overlap": 3}, "quality.overlap", "is not a known key here"),
        ({"review": {"floor": 2}}, "quality.review.floor", "must be at most 1"),
        ({"acceptance": {"checks_min": 9, "checks_max": 8}}, "quality.acceptance", "checks_min 9 must not be more"),
        ({"lease_seconds": 15.5}, "quality.lease_seconds", "must be a whole number"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(plan, where, reason) -> None:
    with pytest.raises(InvalidDefinition) as error:
        project_file.of_values({**WHOLE, "quality": plan})
    assert error.value.problems[0].where == where
    assert error.value.problems[0].reason.startswith(reason)


@pytest.mark.parametrize("pay", [{"currency": "usd", "price_minor": 1}, {"currency": "USD", "price_minor": 1.5}])
def test_a_price_is_whole_minor_units_of_a_currency(pay) -> None:
    with pytest.raises(InvalidDefinition):
        project_file.of_values({**WHOLE, "pay": pay})


@pytest.mark.parametrize(
    ("before", "share"), [(0, 1), (19, 1), (20, 0.3), (99, 0.3), (100, 0.1), (500, 0.05), (9999, 0.05)]
)
def test_the_share_under_review_falls_with_experience(before, share) -> None:
    assert ReviewShare().share_at(before) == share


def test_nothing_is_reviewed_where_nothing_is_asked() -> None:
    assert ReviewShare(first_n=0, floor=0).share_at(0) == 0
