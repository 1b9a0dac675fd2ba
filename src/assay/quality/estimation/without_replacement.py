"""How many items of a lot are wrong? Bounds that stay valid however often one looks at the checks made so far.

Checks are drawn uniformly at random from a finite lot, without replacement. With the chosen confidence the true number
lies within all the intervals at once, so one may look after each check and stop when the figure pleases.

Source: Waudby-Smith and Ramdas (2020), Confidence sequences for sampling without replacement, NeurIPS 33,
arXiv:2006.04347; section 2, theorem 2.1: the prior-posterior-ratio martingale of a beta-binomial prior.
Symbols, as in the paper: N items in the lot, N+ of them wrong, t checked, S wrong among the checked, alpha = 1 -
confidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from assay.quality.arrays import Bools, Ints, log_beta, log_factorial

# Beta(a, b) over the error rate, chosen once for all lots. Any choice is valid, a good one is sharp: with this one 79
# conforming checks show at most 5 % wrong in a lot of 5,000; with the uniform prior it takes 154.
PRIOR = (0.5, 10.0)


@dataclass(frozen=True)
class Interval:
    """What is known of a lot after a look: between `low` and `high` of its items are wrong, both included."""

    population: int
    checked: int
    wrong: int  # among the checked
    low: int
    high: int
    confidence: float
    method: str = "prior-posterior-ratio confidence sequence, without replacement, prior Beta(0.5, 10)"

    @property
    def rate(self) -> float | None:
        """The share wrong among the checked; None before the first check."""
        return self.wrong / self.checked if self.checked else None

    @property
    def rate_low(self) -> float:
        """The lot's error rate is at least this."""
        return self.low / self.population

    @property
    def rate_high(self) -> float:
        """The lot's error rate is at most this."""
        return self.high / self.population


def after_each_check(population: int, checks: Sequence[bool], *, confidence: float = 0.95) -> tuple[Interval, ...]:
    """The interval before the first check and after each one. Deterministic.

    Args:
        population: items in the lot, at least 1.
        checks: in the order in which they were drawn; True is wrong.
        confidence: inside 0..1; the chance, over all looks together, that no interval misses.
    Returns:
        len(checks) + 1 intervals, each within the one before (but see `at_looks`).
    Raises:
        ValueError: more checks than items, or a value out of its range.
    """
    looks = list(enumerate(accumulate((int(wrong) for wrong in checks), initial=0)))
    return at_looks(population, looks, confidence=confidence)


def at_looks(population: int, looks: Sequence[tuple[int, int]], *, confidence: float = 0.95) -> tuple[Interval, ...]:
    """The interval at each look, each within the one before (the running intersection). Deterministic.

    Should an interval not meet those before it, they have missed (chance below 1 - confidence, unless the sample was
    not random) and are dropped: what was seen is never contradicted.

    Args:
        population: N, items in the lot, at least 1.
        looks: (checked, wrong) so far, in order; neither may fall.
        confidence: inside 0..1; the chance, over all looks together, that no interval misses.
    Returns:
        one interval a look.
    Raises:
        ValueError: the counts fall, exceed the lot or contradict each other; confidence is out of range.
    """
    counts = np.asarray(looks, dtype=np.int64).reshape(-1, 2)
    checked, wrong = counts[:, 0], counts[:, 1]
    _refuse_impossible(population, checked, wrong, confidence)
    intervals: list[Interval] = []
    low, high = 0, population
    for t, s, at_least, at_most in zip(*_at_once(population, checked, wrong, 1 - confidence), strict=True):
        meets = max(low, at_least) <= min(high, at_most)
        low, high = (max(low, at_least), min(high, at_most)) if meets else (at_least, at_most)
        intervals.append(Interval(population, t, s, low, high, confidence))
    return tuple(intervals)


def upper_bound(
    population: int, checked: int, wrong: int, *, confidence: float = 0.95, history: Sequence[tuple[int, int]] = ()
) -> float:
    """The lot's error rate is at most this, 0..1. Deterministic.

    Args:
        population, checked, wrong, confidence: as in `at_looks`.
        history: earlier looks (checked, wrong), which can only tighten the bound.
    Raises:
        ValueError: as `at_looks`.
    """
    return at_looks(population, [*history, (checked, wrong)], confidence=confidence)[-1].rate_high


def _refuse_impossible(population: int, checked: Ints, wrong: Ints, confidence: float) -> None:
    if population < 1 or not 0 < confidence < 1:
        raise ValueError(f"need population >= 1 and 0 < confidence < 1; got {population} and {confidence}")
    more, more_wrong = np.diff(checked, prepend=0), np.diff(wrong, prepend=0)
    if checked.max(initial=0) > population:
        raise ValueError(f"{checked.max()} checks exceed the lot of {population} items")
    if (more < 0).any() or (more_wrong < 0).any() or (more_wrong > more).any():
        raise ValueError(
            "looks are running totals (checked, wrong): neither may fall, and wrong only grows with checked"
        )


def _at_once(
    population: int, checked: Ints, wrong: Ints, alpha: float
) -> tuple[list[int], list[int], list[int], list[int]]:
    """For each look on its own: t, S, and the least and greatest N+ whose prior-posterior ratio is below 1/alpha."""
    right = checked - wrong
    least, greatest = wrong, population - right  # what the checked items alone leave possible
    likeliest = np.clip((wrong * population - right) // np.maximum(checked, 1) + 1, least, greatest)
    # The ratio is the chance of these checks under the prior over their chance given N+.
    a, b = np.array(PRIOR)[:, np.newaxis]
    threshold = log_beta(a + wrong, b + right) - log_beta(a, b) + np.log(alpha)

    def possible(number: Ints) -> Bools:
        chance = log_factorial(number) - log_factorial(number - wrong)
        chance += log_factorial(population - number) - log_factorial(population - number - right)
        chance += log_factorial(population - checked) - log_factorial(np.asarray(population))
        return chance > threshold

    # The chance given N+ rises up to the likeliest N+ and falls after it, so each end is found by halving.
    low, high = (_last_possible(likeliest, end, possible) for end in (least, greatest))
    return checked.tolist(), wrong.tolist(), low.tolist(), high.tolist()


def _last_possible(inside: Ints, end: Ints, possible: Callable[[Ints], Bools]) -> Ints:
    outside = end
    at_end = possible(end)
    while (np.abs(outside - inside) > 1).any():
        middle = (inside + outside) // 2
        held = possible(middle)
        inside, outside = np.where(held, middle, inside), np.where(held, outside, middle)
    return np.where(at_end, end, inside)
