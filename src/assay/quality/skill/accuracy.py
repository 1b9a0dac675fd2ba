"""An annotator's accuracy: on gold, where the truth is known, or inferred from what others answered. Never mixed.

Source: intervals after Brown, Cai and DasGupta (2001), as in `estimation/proportion.py`; the effective count adds the
variance of the unknown truth to that of the sample (law of total variance).
Symbols: items I, annotators J, labels K, votes V.
"""

from dataclasses import replace

import numpy as np

from assay.quality.arrays import Floats, sum_by
from assay.quality.estimation.proportion import Estimate, beta_interval
from assay.quality.votes import Votes


def on_gold(right: float, n: float, *, confidence: float = 0.95) -> Estimate | None:
    """Accuracy on gold items. Deterministic.

    Args:
        right: 0..n; an answer graded partly right may count in part.
        n: gold items answered.
        confidence: inside 0..1.
    Returns:
        Estimate with Jeffreys' interval; None when n is 0.
    Raises:
        ValueError: right is not in 0..n, or confidence is out of range.
    """
    if n == 0 and right == 0:
        return None
    estimate = beta_interval(right, n, confidence=confidence)
    return replace(estimate, method=f"gold, {estimate.method}")


def inferred(votes: Votes, posterior: Floats, *, confidence: float = 0.95) -> tuple[Estimate | None, ...]:
    """Accuracy of each annotator against the inferred labels. Deterministic.

    The mean posterior of what they said. Items that nobody else answered are left out: there the posterior only repeats
    the vote. The figure trusts the posterior, which the annotator's own vote has moved; it ranks annotators well and
    flatters all of them a little. `n` is smaller than the count of votes as the true labels are less sure.

    Args:
        votes: V votes.
        posterior: (I, K), rows sum to 1, of these votes.
        confidence: inside 0..1.
    Returns:
        one for each annotator, (J,); None for those with no vote on a shared item.
    Raises:
        ValueError: posterior does not fit the votes.
    """
    items, annotators, labels = votes.shape
    if posterior.shape != (items, labels):
        raise ValueError(f"the posterior has shape {posterior.shape}, the votes need {(items, labels)}")
    voters = np.bincount(np.unique(votes.item * annotators + votes.annotator) // max(annotators, 1), minlength=items)
    shared = voters[votes.item] > 1
    who, right = votes.annotator[shared], np.clip(posterior[votes.item, votes.label][shared], 0, 1)
    count = np.bincount(who, minlength=annotators)
    total = sum_by(who, right, size=annotators)
    unsure = sum_by(who, right * (1 - right), size=annotators)
    return tuple(
        _inferred(n, value, variance, confidence)
        for n, value, variance in zip(count.tolist(), total.tolist(), unsure.tolist(), strict=True)
    )


def _inferred(n: int, right: float, unsure: float, confidence: float) -> Estimate | None:
    if n == 0:
        return None
    value = min(right / n, 1.0)
    of_sample = value * (1 - value) / n
    effective = n if of_sample == 0 else n * of_sample / (of_sample + unsure / n**2)
    estimate = beta_interval(value * effective, effective, confidence=confidence)
    return replace(estimate, method=f"inferred from posteriors, {estimate.method}")
