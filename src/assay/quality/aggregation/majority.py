"""Majority vote: the label most annotators gave.

For choices with few items or few answers per annotator, where a model of the annotators has nothing to learn from.
Assumes that annotators are equally good and err alike.

Source: the counting rule itself; as a baseline in Dawid and Skene (1979), Applied Statistics 28(1), 20-28.
Symbols: items I, annotators J, labels K, votes V.
"""

from dataclasses import dataclass

import numpy as np

from assay.quality.arrays import Floats, Ints
from assay.quality.votes import Votes


@dataclass(frozen=True, eq=False)
class Fit:
    """Each item's vote shares."""

    posterior: Floats  # (I, K), shares of the item's votes, rows sum to 1
    prior: Floats  # (K,), shares of all votes, sums to 1

    @property
    def label(self) -> Ints:
        """The most voted label, (I,); a tie goes to the lowest label number."""
        return self.posterior.argmax(axis=1)


def fit(votes: Votes) -> Fit:
    """Count the votes. Deterministic.

    An item nobody answered gets the shares of all votes. A tie stays a tie in `posterior`.

    Args:
        votes: at least one.
    Returns:
        Fit: shares per item and overall.
    Raises:
        ValueError: there are no votes.
    """
    if votes.item.size == 0:
        raise ValueError("a majority needs at least one vote")
    prior = np.bincount(votes.label, minlength=votes.shape[2]) / votes.label.size
    return Fit(vote_shares(votes), prior)


def vote_shares(votes: Votes) -> Floats:
    """Share of each item's votes per label, (I, K); for items without votes the share of all votes. Deterministic."""
    items, _, labels = votes.shape
    cell = votes.item * labels + votes.label
    counts = np.bincount(cell, minlength=items * labels).reshape(items, labels).astype(np.float64)
    counts[counts.sum(axis=1) == 0] = counts.sum(axis=0)
    return counts / counts.sum(axis=1, keepdims=True)
