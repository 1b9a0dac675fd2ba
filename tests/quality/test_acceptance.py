"""A lot passes, fails or asks for more, by the bound and by nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.quality.sampling.acceptance import AcceptancePlan, Decision, Outcome, decide

PLAN = AcceptancePlan(error_limit=0.05, checks_min=30, checks_max=400)
RIGHT, WRONG = [False], [True]


def inspected(plan: AcceptancePlan, lot: list[bool]) -> tuple[Decision, int]:
    """Draw what is asked for until the outcome is clear."""
    checked = 0
    while (decision := decide(plan, len(lot), lot[:checked])).outcome is Outcome.MORE:
        checked += decision.next_checks
    return decision, checked


def test_the_first_request_is_the_fewest_that_could_pass() -> None:
    decision = decide(PLAN, 5000, [])
    assert (decision.outcome, decision.next_checks) == (Outcome.MORE, 79)
    assert decide(PLAN, 5000, RIGHT * 79).outcome is Outcome.PASS
    assert decide(PLAN, 5000, RIGHT * 78).next_checks == 1


def test_no_pass_before_the_fewest_checks() -> None:
    plan = AcceptancePlan(error_limit=0.05, checks_min=100)
    decision = decide(plan, 5000, RIGHT * 90)
    assert decision.bound <= 0.05
    assert (decision.outcome, decision.next_checks) == (Outcome.MORE, 10)
    assert decide(plan, 5000, RIGHT * 100).outcome is Outcome.PASS


def test_a_limit_ruled_out_fails_at_once() -> None:
    decision = decide(PLAN, 5000, WRONG * 8 + RIGHT * 4)
    assert decision.outcome is Outcome.FAIL
    assert decision.lower > 0.05
    assert "above the limit" in decision.reason


def test_checks_used_up_fail() -> None:
    plan = AcceptancePlan(error_limit=0.01, checks_min=30, checks_max=200)
    decision = decide(plan, 5000, RIGHT * 199 + WRONG)
    assert decision.outcome is Outcome.FAIL
    assert decision.lower <= 0.01
    assert "no checks left" in decision.reason


def test_a_pass_out_of_reach_fails_before_the_checks_are_wasted() -> None:
    plan = AcceptancePlan(error_limit=0.05, checks_min=30, checks_max=100)
    assert decide(plan, 5000, RIGHT * 40 + WRONG * 3).outcome is Outcome.FAIL


def test_a_lot_smaller_than_the_fewest_checks_is_checked_whole() -> None:
    assert decide(PLAN, 20, []).next_checks == 20
    assert decide(PLAN, 20, RIGHT * 20).outcome is Outcome.PASS
    assert decide(PLAN, 20, RIGHT * 19 + WRONG).outcome is Outcome.PASS  # exactly 5 %
    assert decide(PLAN, 20, RIGHT * 18 + WRONG * 2).outcome is Outcome.FAIL


def test_a_limit_of_zero_asks_for_nearly_the_whole_lot() -> None:
    plan = AcceptancePlan(error_limit=0)
    assert decide(plan, 50, []).next_checks == 49  # one of 50 would be found with 98 %
    assert decide(plan, 50, RIGHT * 49).outcome is Outcome.PASS
    assert decide(plan, 50, RIGHT * 10 + WRONG).outcome is Outcome.FAIL


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 300),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.integers(1, 50),
    st.none() | st.integers(50, 200),
    st.randoms(),
)
def test_every_inspection_ends_within_the_plan(
    population: int, rate: float, limit: float, checks_min: int, checks_max: int | None, random: object
) -> None:
    lot = [place < rate * population for place in range(population)]
    random.shuffle(lot)  # type: ignore[attr-defined]
    plan = AcceptancePlan(error_limit=limit, checks_min=checks_min, checks_max=checks_max)
    decision, checked = inspected(plan, lot)
    assert checked <= min(population, checks_max or population)
    if decision.outcome is Outcome.PASS:
        assert decision.bound <= limit
        assert checked >= min(checks_min, population)


def test_bad_lots_seldom_pass_and_good_lots_mostly_do() -> None:
    rng = np.random.default_rng(4)

    def passed(rate: float) -> float:
        lots = [(rng.permutation(1000) < rate * 1000).tolist() for _ in range(60)]
        return sum(inspected(PLAN, lot)[0].outcome is Outcome.PASS for lot in lots) / 60

    assert passed(0.051) <= 0.05
    assert passed(0.01) >= 0.95


@pytest.mark.parametrize(
    "settings",
    [
        {"error_limit": -0.1},
        {"error_limit": 1.0},
        {"error_limit": 0.1, "confidence": 1.0},
        {"error_limit": 0.1, "checks_min": 0},
        {"error_limit": 0.1, "checks_min": 10, "checks_max": 9},
    ],
)
def test_an_impossible_plan_cannot_be_built(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="need"):
        AcceptancePlan(**settings)  # type: ignore[arg-type]


def test_more_checks_than_items_are_refused() -> None:
    with pytest.raises(ValueError, match="exceed"):
        decide(PLAN, 3, RIGHT * 4)
