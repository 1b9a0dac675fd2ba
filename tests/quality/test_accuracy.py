"""Accuracy on gold and accuracy inferred from others stay apart, and each says how sure it is."""

import numpy as np
import pytest

from assay.quality import Votes
from assay.quality.aggregation import dawid_skene, majority
from assay.quality.skill import accuracy


def test_gold_counts_give_jeffreys_interval() -> None:
    found = accuracy.on_gold(1, 7)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((1 / 7, 0.016, 0.501), abs=0.001)
    assert found.method == "gold, Jeffreys interval, 95%"


def test_without_gold_there_is_no_accuracy_on_gold() -> None:
    assert accuracy.on_gold(0, 0) is None
    with pytest.raises(ValueError, match="right"):
        accuracy.on_gold(2, 1)


def test_sure_posteriors_count_like_gold() -> None:
    votes = Votes.of("abcdabcd", "xxxxyyyy", [0, 0, 1, 1, 0, 0, 1, 0])
    sure = np.eye(2)[[0, 0, 1, 0]]
    x, y = accuracy.inferred(votes, sure)
    gold = accuracy.on_gold(3, 4)
    assert x is not None
    assert y is not None
    assert gold is not None
    assert (x.value, x.low, x.high, x.n) == pytest.approx((gold.value, gold.low, gold.high, 4))
    assert y.value == 1
    assert x.method.startswith("inferred from posteriors")


def test_unsure_posteriors_count_for_less() -> None:
    votes = Votes.of("abab", "xxyy", [0, 1, 0, 1])
    (x, _) = accuracy.inferred(votes, np.array([[0.8, 0.2], [0.2, 0.8]]))
    assert x is not None
    assert x.value == pytest.approx(0.8)
    assert x.n == pytest.approx(1)  # half the variance is in the sample, half in the truth
    assert x.low < 0.5


def test_an_item_nobody_else_answered_says_nothing() -> None:
    votes = Votes.of("aabb", "xyzz", [0, 1, 0, 0])
    x, y, z = accuracy.inferred(votes, majority.fit(votes).posterior)
    assert x is not None
    assert y is not None
    assert z is None


def test_simulated_skill_is_recovered_and_in_the_interval() -> None:
    rng = np.random.default_rng(2)
    skill = np.linspace(0.6, 0.95, 12)
    truth = rng.integers(0, 2, 600)
    right = rng.random((600, 12)) < skill
    label = np.where(right, truth[:, np.newaxis], 1 - truth[:, np.newaxis])
    asked = rng.random((600, 12)) < 0.5
    item, annotator = np.nonzero(asked)
    votes = Votes(item, annotator, label[asked], (600, 12, 2))
    found = [estimate for estimate in accuracy.inferred(votes, dawid_skene.fit(votes).posterior) if estimate]
    assert np.abs(np.array([e.value for e in found]) - skill).max() < 0.06
    assert sum(e.low <= true <= e.high for e, true in zip(found, skill, strict=True)) >= 10


def test_a_posterior_of_other_votes_is_refused() -> None:
    with pytest.raises(ValueError, match="the votes need"):
        accuracy.inferred(Votes.of("a", "x", [0]), np.ones((2, 1)))
