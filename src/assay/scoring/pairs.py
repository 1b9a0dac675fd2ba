"""How alike the answers to one item are: the mean over pairs of answers."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from assay.quality.agreement.distances import Distance


def mean_likeness(values: Sequence[Any], distance: Distance) -> float | None:
    """One less the mean distance of the pairs; None with fewer than two values."""
    pairs = list(combinations(values, 2))
    return 1 - sum(distance(a, b) for a, b in pairs) / len(pairs) if pairs else None
