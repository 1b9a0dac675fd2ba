"""A decimal number."""

import pytest

TOTAL = {"type": "number", "unit": "EUR", "min": 0, "max": "5000.00", "decimals": 2}


@pytest.mark.parametrize(
    ("value", "stored"),
    [("1234.50", "1234.50"), (8.1, "8.1"), (16, "16"), (16.0, "16.0"), ("0", "0"), ("-0.00", "0.00"), (-0.0, "0.0")],
)
def test_a_number_is_stored_as_its_digits(ask, value, stored) -> None:
    assert ask(**TOTAL).stored(value) == stored


def test_a_small_float_is_written_without_an_exponent(ask) -> None:
    assert ask(type="number").stored(1e-7) == "0.0000001"


@pytest.mark.parametrize("value", ["1,5", "1e3", "+1", " 1", "01", "1.", ".5", "", "١٢", "NaN", "9" * 41, 1e300])
def test_other_ways_of_writing_are_refused(ask, value) -> None:
    where, reason = ask(type="number").refusal(value)
    assert where == "q.value"
    assert "such as '1234.50'" in reason


@pytest.mark.parametrize("value", [True, [1], {"n": 1}])
def test_what_is_no_number_is_refused(ask, value) -> None:
    assert ask(type="number").refusal(value)[0] == "q.value"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(ask, value) -> None:
    assert ask(type="number").refusal(value) == ("q.value", "is not a finite number; leave it out or write null")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("-0.01", "must be at least 0"),
        ("5000.01", "must be at most 5000.00"),
        ("1.005", "must have at most 2 decimals"),
    ],
)
def test_range_and_decimals_are_kept(ask, value, reason) -> None:
    assert ask(**TOTAL).refusal(value) == ("q.value", reason)


def test_zeros_at_the_end_are_no_further_decimals(ask) -> None:
    assert ask(**TOTAL).stored("1.5000") == "1.5000"


@pytest.mark.parametrize(("value", "verdict"), [("10.1", "right"), ("10.100", "right"), ("10.2", "wrong")])
def test_gold_is_compared_in_decimals(ask, value, verdict) -> None:
    assert ask(type="number").grade(["10.0"], value, tolerance="0.1").verdict == verdict


def test_limits_must_be_numbers_in_order(fault) -> None:
    assert fault(type="number", min="low") == ("questions[0].min", "must be a number, or text such as '0.50'")
    assert fault(type="number", min="2", max=1) == ("questions[0]", "min 2 must not be more than max 1")
