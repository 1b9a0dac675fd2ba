"""Dawid-Skene: infer true labels together with how each annotator errs.

For choices answered by several annotators of uneven care. Assumes that annotators answer
independently of each other once the true label is given.

Source: Dawid and Skene (1979), Applied Statistics 28(1), 20-28, doi:10.2307/2346806; equations 2.3 to 2.5.
Symbols: items i < I, annotators j < J, labels k < K, votes v < V.
"""

from dataclasses import dataclass

import numpy as np

from assay.quality.aggregation.majority import vote_shares
from assay.quality.arrays import Floats, Ints, sum_by
from assay.quality.votes import Votes


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model; `converged` is False when the iterations ran out first."""

    posterior: Floats  # (I, K), rows sum to 1
    confusion: Floats  # (J, K, K), [annotator, true, said], last axis sums to 1
    newcomer: Floats  # (K, K), [true, said], all votes taken together: for annotators the fit has not seen
    prior: Floats  # (K,), sums to 1
    log_likelihood: tuple[float, ...]  # nats, one per iteration
    converged: bool

    @property
    def label(self) -> Ints:
        """The most probable label, (I,); a tie goes to the lowest label number."""
        return self.posterior.argmax(axis=1)


def fit(
    votes: Votes,
    *,
    gold: Ints | None = None,
    smoothing: float = 0.1,
    tolerance: float = 1e-6,
    iterations_max: int = 200,
) -> Fit:
    """Fit by expectation-maximisation, starting from each item's vote shares. Deterministic.

    Posteriors are surer than they deserve where annotators err together. With few votes per annotator (below about 50
    items, or 3 answers each) prefer the majority.

    Args:
        votes: at least one. An item nobody answered gets the prior as its posterior.
        gold: (I,), the true label where it is known and -1 elsewhere; these items keep it. None: none is known.
        smoothing: pseudo-count in every cell, above 0, so what was never seen keeps some probability. Over the 14
            recorded sets of the tests 0.1 was right most often; 0.01 loses half a point, 1 more than one.
        tolerance: nats per vote; stop when a round changes the log likelihood by less.
        iterations_max: rounds, at least 1.
    Returns:
        Fit: posterior, annotators' confusion, prior, the trace, and whether it converged.
    Raises:
        ValueError: there are no votes; gold does not fit the votes; a setting is out of its range.
    """
    if votes.item.size == 0:
        raise ValueError("Dawid-Skene needs at least one vote")
    if smoothing <= 0 or iterations_max < 1:
        raise ValueError(f"smoothing {smoothing} must be above 0 and iterations_max {iterations_max} at least 1")
    ruled_out = _ruled_out(votes, gold)
    posterior = np.where(ruled_out.any(axis=1, keepdims=True), np.exp(ruled_out), vote_shares(votes))
    trace: list[float] = []
    converged = False
    while True:
        in_class, said = tally(votes, posterior)
        prior, confusion = normalise(in_class, said, smoothing)
        posterior, log_likelihood = expect(votes, prior, confusion, ruled_out)
        trace.append(log_likelihood)
        converged = len(trace) > 1 and abs(trace[-1] - trace[-2]) <= tolerance * votes.item.size
        if converged or len(trace) == iterations_max:
            newcomer = normalise(in_class, said.sum(axis=0), smoothing)[1]
            return Fit(posterior, confusion, newcomer, prior, tuple(trace), converged)


def posterior_of(votes: Votes, prior: Floats, confusion: Floats, *, newcomer: Floats | None = None) -> Floats:
    """Posterior of items under an earlier fit, which stays as it is: for answers that came in since. Deterministic.

    An item nobody answered gets the prior.

    Args:
        votes: numbered as in that fit (`Votes.of(..., annotators_known=, labels_known=)`).
        prior: (K,), from the fit.
        confusion: (J, K, K), [annotator, true, said], from the fit.
        newcomer: (K, K), [true, said], taken for annotators numbered J and up. None: there must be none.
    Returns:
        posterior (I, K), rows sum to 1.
    Raises:
        ValueError: the labels differ in number from the fit's, or an annotator is not in it and there is no newcomer.
    """
    _, annotators, labels = votes.shape
    if prior.shape != (labels,) or confusion.shape[1:] != (labels, labels):
        raise ValueError(f"the votes have {labels} labels; prior {prior.shape} and confusion {confusion.shape} differ")
    unseen = max(annotators - confusion.shape[0], 0)
    if unseen and newcomer is None:
        raise ValueError(f"{unseen} annotators are not in the fit; give the newcomer's confusion or fit again")
    if unseen and newcomer is not None:
        confusion = np.concatenate([confusion, np.broadcast_to(newcomer, (unseen, labels, labels))])
    return expect(votes, prior, confusion, _ruled_out(votes, None))[0]


def tally(votes: Votes, posterior: Floats) -> tuple[Floats, Floats]:
    """Expected items per true label (K,) and votes [annotator, true, said]. Shards' tallies add up. Deterministic."""
    _, annotators, labels = votes.shape
    cell = votes.annotator * labels + votes.label
    by_true = [sum_by(cell, posterior[votes.item, true], size=annotators * labels) for true in range(labels)]
    said = np.stack(by_true).reshape(labels, annotators, labels).swapaxes(0, 1)
    return posterior.sum(axis=0), said


def normalise(in_class: Floats, said: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Prior (K,) and confusion (..., K, K) from tallies, a pseudo-count in every cell (equations 2.3, 2.4)."""
    prior = in_class + smoothing
    confusion = said + smoothing
    return prior / prior.sum(), confusion / confusion.sum(axis=-1, keepdims=True)


def expect(votes: Votes, prior: Floats, confusion: Floats, ruled_out: Floats) -> tuple[Floats, float]:
    """Posterior (I, K) and log likelihood in nats, from fixed parameters (equation 2.5). Deterministic.

    Args:
        ruled_out: (I, K), 0 where a label is possible and minus infinity where gold says otherwise.
    """
    items, annotators, labels = votes.shape
    log_said = np.log(confusion).swapaxes(0, 1).reshape(labels, annotators * labels)  # [true, annotator x said]
    cell = votes.annotator * labels + votes.label
    log_joint = ruled_out + np.log(prior)
    for true in range(labels):
        log_joint[:, true] += sum_by(votes.item, log_said[true][cell], size=items)
    peak = log_joint.max(axis=1, keepdims=True)
    joint = np.exp(log_joint - peak)
    total = joint.sum(axis=1, keepdims=True)
    return joint / total, float((peak + np.log(total)).sum())


def _ruled_out(votes: Votes, gold: Ints | None) -> Floats:
    items, _, labels = votes.shape
    ruled_out = np.zeros((items, labels))
    if gold is None:
        return ruled_out
    if gold.shape != (items,) or gold.min(initial=-1) < -1 or gold.max(initial=-1) >= labels:
        raise ValueError(f"gold needs one number for each of {items} items, -1 or 0..{labels - 1}")
    known = gold >= 0
    ruled_out[known] = -np.inf
    ruled_out[known, gold[known]] = 0.0
    return ruled_out
