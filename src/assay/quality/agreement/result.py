"""What every measure of agreement returns, and its interval by resampling items."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assay.quality.arrays import Floats, Ints

UNDEFINED_MAX = 0.05  # above this share of replicates without a value the rest would give a false interval


@dataclass(frozen=True)
class Agreement:
    """An agreement with its interval; None stands for what cannot be said, never for zero."""

    value: float | None  # at most 1; None where it is undefined
    low: float | None  # None where there is no value, fewer than 2 items, or too little variety to resample
    high: float | None
    raw: float | None  # 0..1, agreement before chance is taken into account; None without pairs
    n_items: int  # items with at least 2 values
    n_values: int  # values on those items
    method: str


def bootstrap_interval(
    statistic: Callable[[Floats], float],
    times: Ints,
    *,
    replicates: int,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[float | None, float | None]:
    """Percentile interval from resampling items. Draws from rng.

    Args:
        statistic: from how often each bag of values occurs, (P,), to the figure; NaN where it is undefined.
        times: (P,), how many items have each bag.
        replicates: 0 for no interval.
        confidence: inside 0..1.
    Raises:
        ValueError: a setting is out of range.
    Source: Efron (1979), Annals of Statistics 7(1), 1-26, doi:10.1214/aos/1176344552.
    """
    if replicates < 0 or not 0 < confidence < 1:
        raise ValueError(f"need replicates >= 0 and 0 < confidence < 1; got {replicates} and {confidence}")
    items = int(times.sum())
    if replicates == 0 or items < 2:
        return None, None
    drawn = rng.multinomial(items, times / items, size=replicates)
    found = np.array([statistic(weights) for weights in drawn.astype(np.float64)])
    found = found[~np.isnan(found)]
    if found.size < (1 - UNDEFINED_MAX) * replicates:
        return None, None
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
