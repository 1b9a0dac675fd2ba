"""Krippendorff's alpha: agreement beyond chance, for any number of annotators, with gaps, on any scale.

1 is perfect agreement, 0 what values dealt out at random would show, below 0 systematic disagreement.

Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability, repository.upenn.edu/asc_papers/43; alpha is
1 - D_o/D_e, here from sums over counts. Ordinal distance is the squared difference of mid-ranks, which is its
definition written out. Symbols: values V, distinct values C, distinct bags P, n values in bags, m in one of them.
"""

import math
from collections.abc import Callable, Hashable, Iterable
from numbers import Real

import numpy as np

from assay.quality.agreement.bags import Bags, bags_of
from assay.quality.agreement.distances import Distance, Scale
from assay.quality.agreement.likeness import checked_distance, distances_within
from assay.quality.agreement.result import Agreement, bootstrap_interval
from assay.quality.arrays import Floats, sum_by

Statistic = Callable[[Floats], float]  # how often each bag occurs (P,) -> D_o/D_e; NaN where D_e is 0


def alpha(
    items: Iterable[Hashable],
    values: Iterable[object],
    *,
    distance: Scale | str | Distance = Scale.NOMINAL,
    replicates: int = 1000,
    confidence: float = 0.95,
    rng: np.random.Generator | int = 0,
    reference_max: int = 400,
) -> Agreement:
    """Alpha over long, sparse input, with an interval from resampling items. Draws from rng.

    Items with one value are left out. When all values are equal, nothing shows whether annotators can tell items apart:
    `value` is None, as with no pairs at all, and `raw` tells the two cases apart (1 or None). `raw` is the share of
    equal pairs, or for a distance function one less the mean distance, each value weighing the same. There is no
    interval with fewer than 2 items, or when over 5 % of the resamples have no alpha.

    Args:
        items: (V,), the item of each value.
        values: (V,); None and NaN are missing. Finite numbers for ordinal and interval.
        distance: "nominal", "ordinal", "interval", or a function, symmetric and in 0..1, as in `distances`.
        replicates: resamples of the items for the interval; 0 for none.
        confidence: inside 0..1.
        rng: a generator, or the seed of one. The same seed and the same rows in the same order give the same interval.
        reference_max: a distance function is compared against chance on all values if they are at most so many, else on
            so many drawn at random (the number of calls is about half its square).
    Returns:
        Agreement: value, low, high, raw, n_items, n_values, method.
    Raises:
        ValueError: the columns differ in length, an unknown scale, a value that is no number on a scale of numbers, a
            distance outside 0..1, or a setting out of range.
    """
    if reference_max < 2:
        raise ValueError(f"reference_max {reference_max} must be at least 2")
    generator = np.random.default_rng(rng)
    bags = bags_of(items, values)
    if callable(distance):
        name = getattr(distance, "__name__", "a distance")
        apart = distances_within(bags, distance)
        ratio = _by_pairs(bags, apart, _reference(bags, reference_max, generator), distance)
    else:
        name = str(Scale(distance))
        apart = _unequal_within(bags)
        ratio = {Scale.NOMINAL: _nominal, Scale.ORDINAL: _ordinal, Scale.INTERVAL: _interval}[Scale(distance)](bags)
    times = bags.times.astype(np.float64)
    value = float(1 - ratio(times))
    low, high = bootstrap_interval(
        lambda weights: 1 - ratio(weights), bags.times, replicates=replicates, confidence=confidence, rng=generator
    )
    raw = 1 - float(times @ apart) / bags.n_values if bags.n_values else None
    method = f"Krippendorff's alpha, {name}"
    if np.isnan(value):
        return Agreement(None, None, None, raw, bags.n_items, bags.n_values, method)
    return Agreement(value, low, high, raw, bags.n_items, bags.n_values, method)


def _nominal(bags: Bags) -> Statistic:
    apart = _unequal_within(bags)

    def ratio(weights: Floats) -> float:
        totals = bags.totals(weights)
        n = totals.sum()
        return _over(float(weights @ apart) * (n - 1), n * n - totals @ totals)

    return ratio


def _interval(bags: Bags) -> Statistic:
    numbers = _numbers(bags)
    return lambda weights: _squared(bags, weights, numbers)


def _ordinal(bags: Bags) -> Statistic:
    order = np.argsort(_numbers(bags))

    def ratio(weights: Floats) -> float:
        totals = bags.totals(weights)[order]
        mid_ranks = np.empty_like(totals)
        mid_ranks[order] = np.cumsum(totals) - totals / 2
        return _squared(bags, weights, mid_ranks)

    return ratio


def _squared(bags: Bags, weights: Floats, numbers: Floats) -> float:
    """D_o/D_e where the distance is the squared difference of the values' numbers, (C,)."""
    totals = bags.totals(weights)
    n = totals.sum()
    if n == 0:
        return float("nan")
    centred = numbers - totals @ numbers / n  # differences stay, rounding does not grow
    cells = centred[bags.code]
    apart = 2 * (bags.size * bags.sums(cells * cells) - bags.sums(cells) ** 2) / (bags.size - 1)
    present = centred[totals > 0]
    if np.ptp(present) == 0:
        return float("nan")
    return _over(float(weights @ apart) * (n - 1), 2 * (n * (totals @ centred**2) - (totals @ centred) ** 2))


def _by_pairs(bags: Bags, apart: Floats, reference: Floats, distance: Distance) -> Statistic:
    """D_o/D_e for any distance; chance is read from how often each value stands in the reference, (C,)."""
    kinds = np.flatnonzero(reference)
    between = np.zeros((kinds.size, kinds.size))
    for i, a in enumerate(kinds.tolist()):
        for j, b in enumerate(kinds[:i].tolist()):
            between[i, j] = between[j, i] = checked_distance(distance, bags.values[a], bags.values[b])
    share = reference[kinds] / bags.totals(bags.times.astype(np.float64))[kinds]

    def ratio(weights: Floats) -> float:
        totals = bags.totals(weights)
        chance = totals[kinds] * share
        n = chance.sum()
        observed = float(weights @ apart) / max(totals.sum(), 1.0)
        return _over(observed * n * (n - 1), float(chance @ between @ chance))

    return ratio


def _reference(bags: Bags, most: int, rng: np.random.Generator) -> Floats:
    totals = bags.totals(bags.times.astype(np.float64))
    if np.count_nonzero(totals) <= most:
        return totals
    return rng.multivariate_hypergeometric(totals.astype(np.int64), most, method="marginals").astype(np.float64)


def _unequal_within(bags: Bags) -> Floats:
    """Ordered pairs of unequal values in a bag of size m, divided by m - 1; (P,)."""
    bag = np.repeat(np.arange(bags.size.size), bags.size)
    _, where, count = np.unique(bag * max(len(bags.values), 1) + bags.code, return_index=True, return_counts=True)
    equal = sum_by(bag[where], count.astype(np.float64) ** 2, size=bags.size.size)
    return (bags.size**2 - equal) / (bags.size - 1)


def _numbers(bags: Bags) -> Floats:
    for value in bags.values:
        if not isinstance(value, Real) or not math.isfinite(value):
            raise ValueError(f"{value!r} is not a finite number; use nominal for names")
    return np.array(bags.values, dtype=np.float64)


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
