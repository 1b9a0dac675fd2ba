"""How far apart are two answers? One distance per type of question, 0 for equal and 1 for nothing in common.

Sources: Krippendorff (2011), Computing Krippendorff's alpha-reliability, for the scales; Jaccard (1912), New
Phytologist 11(2), 37-50; Fagin et al. (2006), SIAM J. Discrete Math. 20(3), 628-648, for rankings with ties (penalty
1/2).
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Any

Distance = Callable[[Any, Any], float]  # symmetric, 0..1, 0 between equals
Span = tuple[int, int, Hashable]  # start, end (exclusive), label


class Scale(StrEnum):
    """Scales whose distances are sums over counts, so that no pair is ever looked at."""

    NOMINAL = "nominal"  # equal or not
    ORDINAL = "ordinal"  # how many values lie between, by the ranks in the data
    INTERVAL = "interval"  # squared difference of numbers


nominal = Scale.NOMINAL
ordinal = Scale.ORDINAL
interval = Scale.INTERVAL


def jaccard(a: Collection[Hashable], b: Collection[Hashable]) -> float:
    """1 - shared / all members of two sets of choices; two empty sets are equal. Deterministic."""
    one, other = set(a), set(b)
    union = len(one | other)
    return 1 - len(one & other) / union if union else 0.0


def ranking(a: Sequence[Collection[Hashable]], b: Sequence[Collection[Hashable]]) -> float:
    """Share of pairs of candidates ordered differently; a tie against an order counts half. Deterministic.

    Args:
        a, b: tiers, best first, each the candidates that share a place. Candidates in only one of the two are passed
            over; without two in common nothing is known and the distance is that of a random order, 1/2.
    """
    place_a = {candidate: place for place, tier in enumerate(a) for candidate in tier}
    place_b = {candidate: place for place, tier in enumerate(b) for candidate in tier}
    pairs = list(combinations([candidate for candidate in place_a if candidate in place_b], 2))
    if not pairs:
        return 0.5
    apart = sum(abs(_order(place_a[x], place_a[y]) - _order(place_b[x], place_b[y])) for x, y in pairs)
    return apart / (2 * len(pairs))


def span_f1(a: Collection[Span], b: Collection[Span]) -> float:
    """1 - F1 of two sets of marked stretches, matched when start, end and label are equal. Deterministic.

    Two empty sets are equal.
    """
    matched = (Counter(a) & Counter(b)).total()
    return _one_minus_f1(matched, len(a), len(b))


def span_overlap_f1(a: Collection[Span], b: Collection[Span]) -> float:
    """1 - F1, matched one to one when labels are equal and the shared part is at least half the union. Deterministic.

    As many as possible are matched. Two empty sets are equal.
    """
    ours, theirs = list(a), list(b)
    near = [[column for column, other in enumerate(theirs) if _overlap(one, other)] for one in ours]
    taken: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:  # Kuhn (1955): move earlier matches along if that frees a place
        for column in near[row]:
            if column not in seen:
                seen.add(column)
                if column not in taken or place(taken[column], seen):
                    taken[column] = row
                    return True
        return False

    matched = sum(place(row, set()) for row in range(len(ours)))
    return _one_minus_f1(matched, len(ours), len(theirs))


def _order(x: int, y: int) -> int:
    return (x > y) - (x < y)


def _overlap(a: Span, b: Span) -> bool:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    union = max(a[1], b[1]) - min(a[0], b[0])
    return a[2] == b[2] and shared > 0 and 2 * shared >= union


def _one_minus_f1(matched: int, ours: int, theirs: int) -> float:
    return 1 - 2 * matched / (ours + theirs) if ours + theirs else 0.0
