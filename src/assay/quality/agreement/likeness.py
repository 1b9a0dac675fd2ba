"""Likeness: the mean agreement of pairs of answers to the same item, without a correction for chance.

For answers that mean nothing beside those to another item, such as marked stretches of its text.

Source: Hripcsak and Rothschild (2005), JAMIA 12(3), 296-298: mean pairwise F1, where chance agreement has no meaning.
Symbols: values V, distinct bags P.
"""

from collections.abc import Hashable, Iterable

import numpy as np

from assay.quality.agreement.bags import Bags, bags_of
from assay.quality.agreement.distances import Distance
from assay.quality.agreement.result import Agreement, bootstrap_interval
from assay.quality.arrays import Floats


def likeness(
    items: Iterable[Hashable],
    values: Iterable[object],
    *,
    distance: Distance,
    replicates: int = 1000,
    confidence: float = 0.95,
    rng: np.random.Generator | int = 0,
) -> Agreement:
    """One less the mean distance between answers to the same item, with an interval over items. Draws from rng.

    Every answer weighs the same, so an item counts by its answers. Items with one answer are left out; without any
    other, `value` is None.

    Args:
        items: (V,), the item of each value.
        values: (V,); None and NaN are missing.
        distance: symmetric, 0..1, as in `distances`.
        replicates: resamples of the items for the interval; 0 for none.
        confidence: inside 0..1.
        rng: a generator, or the seed of one.
    Returns:
        Agreement: `value` and `raw` are the same figure.
    Raises:
        ValueError: the columns differ in length, a distance is outside 0..1, or a setting is out of range.
    """
    bags = bags_of(items, values)
    apart = distances_within(bags, distance)

    def mean_likeness(weights: Floats) -> float:
        n = float(weights @ bags.size)
        return 1 - float(weights @ apart) / n if n else float("nan")

    low, high = bootstrap_interval(
        mean_likeness, bags.times, replicates=replicates, confidence=confidence, rng=np.random.default_rng(rng)
    )
    value = mean_likeness(bags.times.astype(np.float64)) if bags.n_items else None
    name = getattr(distance, "__name__", "a distance")
    return Agreement(value, low, high, value, bags.n_items, bags.n_values, f"mean pairwise 1 - {name}")


def distances_within(bags: Bags, distance: Distance) -> Floats:
    """Sum over ordered pairs of values in a bag of size m, divided by m - 1; (P,)."""
    memory: dict[tuple[int, int], float] = {}
    apart = np.zeros(bags.size.size)
    for bag, (start, size) in enumerate(zip(bags.start.tolist(), bags.size.tolist(), strict=True)):
        codes = bags.code[start : start + size].tolist()
        pairs = [(a, b) for i, a in enumerate(codes) for b in codes[i + 1 :] if a != b]
        for pair in pairs:
            if pair not in memory:
                memory[pair] = checked_distance(distance, bags.values[pair[0]], bags.values[pair[1]])
        apart[bag] = 2 * sum(memory[pair] for pair in pairs) / (size - 1)
    return apart


def checked_distance(distance: Distance, a: object, b: object) -> float:
    """The distance, refused unless it is in 0..1."""
    apart = distance(a, b)
    if not 0 <= apart <= 1:
        raise ValueError(f"the distance of {a!r} and {b!r} is {apart}; it must be in 0..1")
    return apart
