"""Accept a lot, refuse it, or ask for more checks.

The rule reads the error rate's interval after every check, which stays valid however often one looks, so checks can
come in rounds and stop as soon as the answer is clear.

Source: the interval of `estimation/without_replacement.py` (Waudby-Smith and Ramdas 2020); the words of ISO 2859-1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assay.quality.estimation.without_replacement import Interval, after_each_check, at_looks


class Outcome(StrEnum):
    """What to do with the lot."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    MORE = "more"


@dataclass(frozen=True)
class AcceptancePlan:
    """The rule by which a lot is accepted."""

    error_limit: float  # 0..1, the highest error rate that is acceptable
    confidence: float = 0.95  # inside 0..1
    checks_min: int = 1  # no pass on fewer, unless the lot is smaller
    checks_max: int | None = None  # None: up to the whole lot

    def __post_init__(self) -> None:
        if not (0 <= self.error_limit < 1 and 0 < self.confidence < 1):
            raise ValueError(f"need 0 <= error_limit < 1 and 0 < confidence < 1; got {self}")
        if self.checks_min < 1 or (self.checks_max is not None and self.checks_max < self.checks_min):
            raise ValueError(f"need 1 <= checks_min <= checks_max; got {self}")


@dataclass(frozen=True)
class Decision:
    """The outcome so far, and what it rests on."""

    outcome: Outcome
    interval: Interval  # of the number of wrong items in the lot
    next_checks: int  # how many more to draw; 0 unless the outcome is more
    reason: str  # one sentence, fit to show

    @property
    def bound(self) -> float:
        """The lot's error rate is at most this."""
        return self.interval.rate_high

    @property
    def lower(self) -> float:
        """The lot's error rate is at least this."""
        return self.interval.rate_low


def decide(plan: AcceptancePlan, population: int, checks: Sequence[bool]) -> Decision:
    """Judge the lot by the checks so far. Deterministic.

    Pass: the upper bound is within the limit, after at least `checks_min`. Fail: the lower bound is above it, or no
    number of conforming checks that the plan still allows could bring the upper bound within it. Otherwise more: the
    fewest further checks after which the lot passes if all of them conform.

    Args:
        plan: limit, confidence, fewest and most checks.
        population: items in the lot, at least 1.
        checks: in the order in which they were drawn, none left out; True is wrong.
    Returns:
        Decision: outcome, interval, how many more checks, reason.
    Raises:
        ValueError: more checks than items.
    """
    now = after_each_check(population, checks, confidence=plan.confidence)[-1]
    needed = max(min(plan.checks_min, population) - now.checked, 0)
    if now.rate_low > plan.error_limit:
        return Decision(Outcome.FAIL, now, 0, f"the error rate is above the limit of {plan.error_limit:.2%}")
    if now.rate_high <= plan.error_limit and needed == 0:
        return Decision(Outcome.PASS, now, 0, f"the error rate is within the limit of {plan.error_limit:.2%}")
    more = _fewest_to_pass(plan, now, needed)
    if more is None:
        return Decision(
            Outcome.FAIL, now, 0, f"no checks left that could show an error rate within {plan.error_limit:.2%}"
        )
    return Decision(Outcome.MORE, now, more, f"{more} more checks pass the lot if all of them conform")


def _fewest_to_pass(plan: AcceptancePlan, now: Interval, needed: int) -> int | None:
    checks_max = now.population if plan.checks_max is None else min(plan.checks_max, now.population)
    fewest, most = max(needed, 1), checks_max - now.checked
    if most < fewest or not _passes(plan, now, most):
        return None
    while fewest < most:
        middle = (fewest + most) // 2
        fewest, most = (fewest, middle) if _passes(plan, now, middle) else (middle + 1, most)
    return fewest


def _passes(plan: AcceptancePlan, now: Interval, more: int) -> bool:
    then = at_looks(now.population, [(now.checked + more, now.wrong)], confidence=plan.confidence)[-1]
    return min(then.high, now.high) / now.population <= plan.error_limit
