"""Jeffreys' interval against published values and its coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from assay.quality.estimation.proportion import beta_interval


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 7, 0, 0.292), (1, 7, 0.016, 0.501), (2, 7, 0.065, 0.648), (3, 7, 0.139, 0.766)],
)
def test_the_published_table(right: int, n: int, low: float, high: float) -> None:
    """Brown, Cai and DasGupta (2001), table 5, 95 % limits."""
    found = beta_interval(right, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0006)
    assert found.value == right / n


@given(st.integers(0, 60), st.integers(1, 60))
def test_wrong_is_the_mirror_of_right(right: int, n: int) -> None:
    right = min(right, n)
    ours, mirror = beta_interval(right, n), beta_interval(n - right, n)
    assert (ours.low, ours.high) == pytest.approx((1 - mirror.high, 1 - mirror.low), abs=1e-9)
    assert 0 <= ours.low <= ours.value <= ours.high <= 1


def test_more_of_the_same_narrows_it() -> None:
    widths = [found.high - found.low for found in (beta_interval(8 * k, 10 * k) for k in (1, 4, 16))]
    assert widths[0] > 1.7 * widths[1] > 2.9 * widths[2]


def test_it_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.05, 0.95, 4000)
    found = [beta_interval(int(right), 50) for right in rng.binomial(50, shares)]
    covered = np.mean([e.low <= share <= e.high for e, share in zip(found, shares, strict=True)])
    assert covered == pytest.approx(0.95, abs=0.012)


def test_a_numerical_integral_agrees() -> None:
    found = beta_interval(12, 40, confidence=0.9)
    inside, _ = integrate.quad(stats.beta(12.5, 28.5).pdf, found.low, found.high)
    below, _ = integrate.quad(stats.beta(12.5, 28.5).pdf, 0, found.low)
    assert (inside, below) == pytest.approx((0.9, 0.05), abs=1e-6)


@pytest.mark.parametrize(("right", "n", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (0, 0, 0.95), (1, 2, 1.0)])
def test_impossible_counts_are_refused(right: int, n: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="need 0 <= right <= n"):
        beta_interval(right, n, confidence=confidence)
