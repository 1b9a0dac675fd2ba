"""Alpha against the published example, its definition pair by pair, and cases where it cannot be said."""

import random
from collections import Counter
from itertools import permutations
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.quality.agreement import Agreement, alpha
from assay.quality.agreement.distances import Distance, Scale, jaccard

# Krippendorff (2011), example C: 4 observers, 12 units, gaps.
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
ROWS = [(unit, int(said)) for row in OBSERVERS for unit, said in enumerate(row) if said != "."]
SCALES = ["nominal", "ordinal", "interval"]
TABLES = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), min_size=2, max_size=25)


def of(rows: list[tuple[int, int]], distance: Scale | str | Distance, **settings: float) -> Agreement:
    return alpha([item for item, _ in rows], [value for _, value in rows], distance=distance, **settings)


def squared_distance(scale: str, totals: Counter[int], a: int, b: int) -> float:
    """The three definitions of the paper, written out."""
    if scale == "nominal":
        return float(a != b)
    if scale == "interval":
        return float(a - b) ** 2
    between = sum(totals[value] for value in range(min(a, b), max(a, b) + 1))
    return (between - (totals[a] + totals[b]) / 2) ** 2


def slow_twin(rows: list[tuple[int, int]], scale: str) -> float | None:
    units = [[value for item, value in rows if item == unit] for unit in dict(rows)]
    units = [unit for unit in units if len(unit) > 1]
    values = [value for unit in units for value in unit]
    totals, n = Counter(values), len(values)
    if len(totals) < 2:
        return None
    observed = sum(
        squared_distance(scale, totals, a, b) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2)
    )
    expected = sum(squared_distance(scale, totals, a, b) for a, b in permutations(values, 2)) / (n - 1)
    return 1 - observed / expected


@pytest.mark.parametrize(("scale", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example(scale: str, published: float) -> None:
    found = of(ROWS, scale)
    assert found.value == pytest.approx(published, abs=0.0005)
    assert found.low is not None
    assert found.high is not None
    assert found.low < published < found.high
    assert (found.n_items, found.n_values) == (11, 40)
    assert found.raw == pytest.approx(0.8)
    assert found.method == f"Krippendorff's alpha, {scale}"


@given(TABLES, st.sampled_from(SCALES))
def test_the_definition_pair_by_pair_agrees(rows: list[tuple[int, int]], scale: str) -> None:
    twin = slow_twin(rows, scale)
    found = of(rows, scale, replicates=0).value
    assert found == (None if twin is None else pytest.approx(twin, abs=1e-9))


@given(TABLES)
def test_a_distance_function_that_says_equal_or_not_is_the_nominal_scale(rows: list[tuple[int, int]]) -> None:
    by_counts, by_pairs = of(rows, "nominal", replicates=20), of(rows, lambda a, b: float(a != b), replicates=20)
    for field in ("value", "low", "high", "raw"):
        assert getattr(by_pairs, field) == pytest.approx(getattr(by_counts, field), abs=1e-9)


@given(TABLES, st.sampled_from(SCALES), st.integers(0, 99))
def test_shuffling_and_renaming_items_change_nothing(rows: list[tuple[int, int]], scale: str, seed: int) -> None:
    other = [(100 - item, value) for item, value in rows]
    random.Random(seed).shuffle(other)
    assert of(other, scale, replicates=0).value == pytest.approx(of(rows, scale, replicates=0).value, abs=1e-9)


@given(TABLES, st.permutations([1, 2, 3, 4]))
def test_renaming_labels_changes_nothing_on_the_nominal_scale(rows: list[tuple[int, int]], names: list[int]) -> None:
    other = [(item, names[value - 1]) for item, value in rows]
    assert of(other, "nominal", replicates=0).value == pytest.approx(of(rows, "nominal", replicates=0).value)


@given(TABLES)
def test_shifted_and_stretched_numbers_change_nothing_on_the_interval_scale(rows: list[tuple[int, int]]) -> None:
    other = [(item, 1000 - 3 * value) for item, value in rows]
    assert of(other, "interval", replicates=0).value == pytest.approx(of(rows, "interval", replicates=0).value)


def test_items_given_many_times_come_near_the_same_alpha() -> None:
    many = [(unit + 100 * copy, value) for copy in range(50) for unit, value in ROWS]
    assert of(many, "ordinal", replicates=0).value == pytest.approx(0.815, abs=0.01)


def test_the_interval_covers_the_long_run_alpha() -> None:
    def judged(items: int, seed: int) -> Agreement:
        rng = np.random.default_rng(seed)
        truth = np.repeat(rng.integers(0, 4, items), 3)
        said = np.where(rng.random(3 * items) < 0.7, truth, rng.integers(0, 4, 3 * items))
        return alpha(np.repeat(np.arange(items), 3).tolist(), said.tolist(), replicates=150, rng=seed)

    long_run = 0.49  # two agree by knowing with .7 ** 2, and otherwise by chance alone
    assert judged(50_000, 0).value == pytest.approx(long_run, abs=0.01)
    small = [judged(80, seed) for seed in range(100)]
    covered = [a for a in small if a.low is not None and a.high is not None and a.low <= long_run <= a.high]
    assert 0.88 <= len(covered) / 100 <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    assert of(ROWS, "ordinal", rng=7) == of(ROWS, "ordinal", rng=7)
    assert of(ROWS, "ordinal", rng=7) != of(ROWS, "ordinal", rng=8)


def test_one_value_throughout_has_raw_agreement_but_no_alpha() -> None:
    found = alpha("aabb", [1, 1, 1, 1])
    assert (found.value, found.low, found.high, found.raw) == (None, None, None, 1.0)
    assert alpha("aabb", [2.5, 2.5, 2.5, 2.5], distance="interval").value is None


def test_single_values_leave_nothing_to_compare() -> None:
    found = alpha("abc", [1, 2, 3])
    assert (found.value, found.raw, found.n_items, found.n_values) == (None, None, 0, 0)
    assert alpha([], []).value is None
    assert alpha("abc", [{1}, {2}, {3}], distance=jaccard).value is None


def test_missing_values_are_left_out() -> None:
    found = alpha("aaabbc", [1.0, 1.0, None, 2.0, float("nan"), 3.0], distance="interval")
    assert (found.n_items, found.n_values) == (1, 2)


def test_one_item_has_no_interval() -> None:
    found = alpha("aa", [1, 2])
    assert found.value == pytest.approx(0)
    assert found.low is None


def test_too_little_variety_has_no_interval() -> None:
    found = alpha([i // 2 for i in range(40)], [1] * 39 + [2])  # a third of the resamples see one value only
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_sets_are_compared_by_what_they_share() -> None:
    found = alpha(
        "aabb", [["x", "y"], ["y", "x"], ["z"], ["z", "x"]], distance=lambda a, b: jaccard(a, b), replicates=0
    )
    assert found.raw == pytest.approx(0.75)  # the lists xy and yx are equal sets; z shares half with zx


def test_chance_from_a_draw_of_the_values_comes_near_chance_from_all() -> None:
    rng = np.random.default_rng(1)
    items = np.repeat(np.arange(300), 3).tolist()
    values = [tuple(rng.permutation(9)[: rng.integers(1, 5)].tolist()) for _ in items]
    exact = alpha(items, values, distance=jaccard, reference_max=1000, replicates=50)
    drawn = alpha(items, values, distance=jaccard, reference_max=200, replicates=50)
    assert drawn.value == pytest.approx(exact.value, abs=0.02)
    assert drawn.raw == exact.raw


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="one row per value"):
        alpha("ab", [1])
    with pytest.raises(ValueError, match="'red' is not a finite number"):
        alpha("aa", ["red", "blue"], distance="ordinal")
    with pytest.raises(ValueError, match="cardinal"):
        alpha("aa", [1, 2], distance="cardinal")
    with pytest.raises(ValueError, match=r"must be in 0\.\.1"):
        alpha("aa", [1, 5], distance=lambda a, b: abs(a - b))
    with pytest.raises(ValueError, match="replicates"):
        alpha("aa", [1, 2], replicates=-1)


def test_experts_penalties_with_a_thousand_resamples(shared_data: Path) -> None:
    rows = pyarrow.csv.read_csv(shared_data / "experts_zh_en" / "ratings.csv")
    found = {
        scale: alpha(rows["item"].to_pylist(), rows["penalty"].to_pylist(), distance=scale, rng=0) for scale in SCALES
    }
    assert {scale: round(a.value or 0, 3) for scale, a in found.items()} == {
        "nominal": 0.085,
        "ordinal": 0.446,
        "interval": 0.457,
    }
    for a in found.values():
        assert (a.n_items, a.n_values, round(a.raw or 0, 3)) == (3770, 11310, 0.207)
        assert a.low is not None
        assert a.high is not None
        assert 0.01 < a.high - a.low < 0.07
