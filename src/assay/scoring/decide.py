"""Are the answers to a task sure enough? Pure: everything needed is passed in."""

from collections.abc import Sequence

from assay.projects import Definition, QualityPlan
from assay.scoring.model import Posterior, Verdict


def confidence(definition: Definition, posteriors: Sequence[Posterior], responses: int) -> float | None:
    """The least confidence over the required questions with categories; None when there are none.

    A question that fewer than half were asked (its condition was not met) does not decide.
    """
    found = [
        p.confidence
        for p in posteriors
        if p.confidence is not None and definition.question(p.question).required and 2 * p.n > responses
    ]
    return min(found, default=None)


def verdict(
    plan: QualityPlan,
    *,
    confidence: float | None,
    responses: int,
    overlap_wanted: int,
    overlap_max: int,
    answers_differ: bool,
) -> Verdict:
    """What follows for a task. Where all agree there is nothing to adjudicate, however modest the confidence."""
    if responses < overlap_wanted:
        return Verdict.GATHERING
    if confidence is None or confidence >= plan.confidence_wanted:
        return Verdict.CONFIDENT
    if overlap_wanted < overlap_max:
        return Verdict.UNSURE
    if answers_differ and confidence < plan.adjudicate_below:
        return Verdict.DISPUTED
    return Verdict.CONFIDENT


def answers_differ(definition: Definition, posteriors: Sequence[Posterior]) -> bool:
    """Did any required question with categories get different answers?"""
    return any(
        p.probabilities is not None and definition.question(p.question).required and (p.agreement or 0) < 1 and p.n > 1
        for p in posteriors
    )
