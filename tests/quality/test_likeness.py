"""Mean pairwise likeness, without chance."""

import pytest

from assay.quality.agreement import likeness
from assay.quality.agreement.distances import span_f1

ONE, OTHER = [(0, 4, "p")], [(5, 9, "p")]


def test_it_is_the_mean_over_pairs() -> None:
    found = likeness("aabbb", [ONE, ONE, ONE, ONE, OTHER], distance=span_f1)
    assert found.value == pytest.approx((2 * 1 + 3 * (1 / 3)) / 5)  # each answer weighs the same
    assert found.raw == found.value
    assert (found.n_items, found.n_values) == (2, 5)
    assert found.method == "mean pairwise 1 - span_f1"


def test_the_interval_narrows_with_items() -> None:
    def width(copies: int) -> float:
        items = [f"{copy}{item}" for copy in range(copies) for item in "aabb"]
        found = likeness(items, [ONE, ONE, ONE, OTHER] * copies, distance=span_f1)
        assert found.low is not None
        assert found.high is not None
        assert found.low < 0.5 < found.high
        return found.high - found.low

    assert width(10) == pytest.approx(2 * width(40), rel=0.3)


def test_single_answers_leave_nothing_to_compare() -> None:
    assert likeness("ab", [ONE, ONE], distance=span_f1).value is None


def test_a_distance_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be in 0\.\.1"):
        likeness("aa", [1, 2], distance=lambda a, b: 7.0)
