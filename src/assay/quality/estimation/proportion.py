"""The interval of a share: how many of all, seen in a sample of them.

Source: Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133, doi:10.1214/ss/1009213286; section 4.3.
"""

from dataclasses import dataclass

from assay.quality.arrays import beta_quantile


@dataclass(frozen=True)
class Estimate:
    """A share with its interval."""

    value: float  # 0..1
    low: float  # 0..1, at most value
    high: float  # 0..1, at least value
    n: float  # observations behind it; not whole where they count in part
    method: str


def beta_interval(right: float, n: float, *, confidence: float = 0.95) -> Estimate:
    """A share with Jeffreys' interval: quantiles of the Beta(right + 1/2, n - right + 1/2) posterior. Deterministic.

    For independent observations looked at once; someone who stops when the figure pleases needs a confidence sequence.
    With none right the interval starts at 0, with all right it ends at 1. Counts need not be whole.

    Args:
        right: 0..n.
        n: above 0.
        confidence: inside 0..1, shared equally by both sides.
    Returns:
        Estimate: right / n and its interval.
    Raises:
        ValueError: a value is out of its range.
    """
    if not (0 <= right <= n and n > 0 and 0 < confidence < 1):
        raise ValueError(f"need 0 <= right <= n, n > 0, 0 < confidence < 1; got {right}, {n}, {confidence}")
    tail = (1 - confidence) / 2
    low = 0.0 if right == 0 else float(beta_quantile(right + 0.5, n - right + 0.5, tail))
    high = 1.0 if right == n else float(beta_quantile(right + 0.5, n - right + 0.5, 1 - tail))
    value = right / n
    return Estimate(value, min(low, value), max(high, value), n, f"Jeffreys interval, {confidence:.0%}")
