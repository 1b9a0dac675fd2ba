"""The bound holds however often one looks: against the definition, simulation and the edges of small lots."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.quality.estimation.without_replacement import PRIOR, Interval, after_each_check, at_looks, upper_bound


@st.composite
def lots(draw: st.DrawFn) -> tuple[int, list[bool]]:
    lot = draw(st.lists(st.booleans(), min_size=1, max_size=40))
    return len(lot), lot[: draw(st.integers(0, len(lot)))]


def slow_twin(population: int, checked: int, wrong: int, confidence: float) -> tuple[int, int]:
    """Theorem 2.1 word for word: prior over posterior, for each number, both normalised."""
    a, b = PRIOR
    prior = stats.betabinom(population, a, b)
    numbers = range(population + 1)
    likelihood = [
        comb(k, wrong) * comb(population - k, checked - wrong) / comb(population, checked)
        if wrong <= k <= population - (checked - wrong)
        else 0.0
        for k in numbers
    ]
    weight = [prior.pmf(k) * like for k, like in zip(numbers, likelihood, strict=True)]
    kept = [k for k in numbers if weight[k] > 0 and prior.pmf(k) / (weight[k] / sum(weight)) < 1 / (1 - confidence)]
    return min(kept), max(kept)


def replay(population: int, wrong: int, *, runs: int, seed: int) -> list[Interval]:
    """The last of the looks every 10 checks from 30 to 1,000, which holds all before it."""
    rng = np.random.default_rng(seed)
    lot = np.arange(population) < wrong
    found = []
    for _ in range(runs):
        seen = rng.permutation(lot)[:1000].cumsum().tolist()
        found.append(at_looks(population, [(n, seen[n - 1]) for n in range(30, 1001, 10)])[-1])
    return found


@settings(deadline=None)
@given(lots())
def test_the_theorem_word_for_word_agrees(lot: tuple[int, list[bool]]) -> None:
    population, checks = lot
    found = at_looks(population, [(len(checks), sum(checks))])[0]
    assert (found.low, found.high) == slow_twin(population, len(checks), sum(checks), 0.95)


@pytest.mark.parametrize(
    ("rate", "peer_mean_upper"),
    [(0.02, 0.0350), (0.05, 0.0726), (0.10, 0.1317)],  # the peer: the same method, as measured before this code
)
def test_the_truth_is_missed_less_often_than_allowed_and_the_bound_is_sharp(
    rate: float, peer_mean_upper: float
) -> None:
    found = replay(5000, round(5000 * rate), runs=300, seed=1)
    missed = [interval for interval in found if not interval.low <= round(5000 * rate) <= interval.high]
    assert len(missed) / 300 < 0.05
    mean_upper = float(np.mean([interval.rate_high for interval in found]))
    assert rate < mean_upper <= peer_mean_upper


def test_small_lots_looked_at_after_every_check_miss_less_often_than_allowed() -> None:
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(300):
        last = after_each_check(60, rng.permutation(np.arange(60) < 6)[:40].tolist())[-1]
        missed += not last.low <= 6 <= last.high
    assert missed / 300 < 0.05


@settings(deadline=None)
@given(lots(), st.sampled_from([0.8, 0.95, 0.99]))
def test_each_look_lies_within_the_one_before_or_drops_it_and_allows_what_was_seen(
    lot: tuple[int, list[bool]], confidence: float
) -> None:
    population, checks = lot
    found = after_each_check(population, checks, confidence=confidence)
    assert len(found) == len(checks) + 1
    assert (found[0].low, found[0].high) == (0, population)
    for before, after in pairwise(found):
        assert after.wrong <= after.low <= after.high <= population - (after.checked - after.wrong)
        within = before.low <= after.low and after.high <= before.high
        assert within or after.low > before.high or after.high < before.low


@given(lots())
def test_surer_is_wider(lot: tuple[int, list[bool]]) -> None:
    population, checks = lot
    looks = [(len(checks), sum(checks))]
    one, other = at_looks(population, looks, confidence=0.9)[0], at_looks(population, looks, confidence=0.99)[0]
    assert other.low <= one.low <= one.high <= other.high


def test_a_whole_lot_checked_leaves_no_doubt() -> None:
    found = after_each_check(4, [True, False, False, False])[-1]
    assert (found.low, found.high, found.rate, found.rate_high) == (1, 1, 0.25, 0.25)
    assert (after_each_check(1, [True])[-1].low, after_each_check(1, [False])[-1].high) == (1, 0)


def test_the_first_look_knows_nothing() -> None:
    found = after_each_check(10, [])[0]
    assert (found.low, found.high, found.rate, found.rate_low, found.rate_high) == (0, 10, None, 0.0, 1.0)


def test_79_conforming_checks_show_at_most_5_percent_of_5000() -> None:
    assert upper_bound(5000, 79, 0) <= 0.05 < upper_bound(5000, 78, 0)


def test_history_can_only_tighten() -> None:
    alone = upper_bound(1000, 200, 9)
    assert upper_bound(1000, 200, 9, history=[(100, 0)]) < alone
    assert upper_bound(1000, 200, 9, history=[(10, 1)]) == alone


def test_a_sample_that_contradicts_its_earlier_bound_drops_it() -> None:
    before, after = at_looks(1000, [(200, 0), (400, 200)])  # all wrong after none wrong: not a random sample
    assert after == at_looks(1000, [(400, 200)])[0]
    assert before.high < 200 <= after.low


def test_a_lot_of_100000_checked_whole_shows_its_exact_count() -> None:
    rng = np.random.default_rng(0)
    checks = (rng.random(100_000) < 0.03).tolist()
    last = after_each_check(100_000, checks)[-1]
    assert last.low == last.high == sum(checks)


@pytest.mark.parametrize(
    ("population", "looks"),
    [(0, []), (5, [(6, 0)]), (9, [(3, 4)]), (9, [(5, 1), (4, 1)]), (9, [(5, 2), (6, 1)]), (9, [(5, 1), (6, 3)])],
)
def test_impossible_counts_are_refused(population: int, looks: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"need population|exceed|running totals"):
        at_looks(population, looks)
