"""Dawid-Skene against the paper's own data, its invariants, simulated truth and a plain slow twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.quality import Votes
from assay.quality.aggregation import dawid_skene, majority

# Dawid and Skene (1979), table 1: 45 patients; five anaesthetists, the first of whom saw each patient three times.
PATIENTS = [
    row
    for line in (
        "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343",
        "1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222",
        "1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343",
        "2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222",
    )
    for row in line.split()
]
# Their conclusion: the class of each patient.
CLASSES = [int(c) for c in "142222132243121111222222112111131224233111212"]


@pytest.fixture(scope="module")
def anaesthetists() -> Votes:
    rows = [
        (patient, max(place - 2, 0), int(said))
        for patient, row in enumerate(PATIENTS)
        for place, said in enumerate(row)
    ]
    return Votes.of(*zip(*rows, strict=True))


def simulated(items: int, per_item: int, *, seed: int) -> tuple[Votes, np.ndarray, np.ndarray]:
    """Votes of 20 annotators of uneven care on 3 labels, the truth, and each annotator's confusion."""
    rng = np.random.default_rng(seed)
    care = rng.uniform(0.35, 0.95, 20)
    confusion = np.stack([np.full((3, 3), (1 - c) / 2) + np.eye(3) * (c - (1 - c) / 2) for c in care])
    truth = rng.choice(3, items, p=[0.5, 0.3, 0.2])
    item = np.repeat(np.arange(items), per_item)
    annotator = np.concatenate([rng.permutation(20)[:per_item] for _ in range(items)])
    chance = confusion[annotator, truth[item]].cumsum(axis=1)
    label = (rng.random(item.size)[:, np.newaxis] > chance).sum(axis=1)
    return Votes(item, annotator, label, (items, 20, 3)), truth, confusion


def slow_twin(votes: Votes, *, smoothing: float, rounds: int) -> list[list[float]]:
    """The paper's equations 2.3 to 2.5, one vote at a time."""
    items, annotators, labels = votes.shape
    rows = list(zip(votes.item.tolist(), votes.annotator.tolist(), votes.label.tolist(), strict=True))
    posterior = [[0.0] * labels for _ in range(items)]
    for i, _, said in rows:
        posterior[i][said] += 1 / sum(i == other for other, _, _ in rows)
    for _ in range(rounds):
        prior = [sum(posterior[i][k] for i in range(items)) + smoothing for k in range(labels)]
        said_if = [[[smoothing] * labels for _ in range(labels)] for _ in range(annotators)]
        for i, j, said in rows:
            for k in range(labels):
                said_if[j][k][said] += posterior[i][k]
        for i in range(items):
            joint = [prior[k] / sum(prior) for k in range(labels)]
            for other, j, said in rows:
                if other == i:
                    joint = [p * said_if[j][k][said] / sum(said_if[j][k]) for k, p in enumerate(joint)]
            posterior[i] = [p / sum(joint) for p in joint]
    return posterior


def test_the_papers_patients_get_the_papers_classes(anaesthetists: Votes) -> None:
    fitted = dawid_skene.fit(anaesthetists, smoothing=1e-6, tolerance=1e-10)
    assert (fitted.label + 1).tolist() == CLASSES
    assert fitted.converged
    assert fitted.prior == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.005)  # table 2
    assert fitted.confusion[0, 0] == pytest.approx([0.89, 0.11, 0, 0], abs=0.01)  # table 2, observer 1, true class 1


def test_a_slow_twin_agrees(anaesthetists: Votes) -> None:
    fitted = dawid_skene.fit(anaesthetists, smoothing=0.1, tolerance=0, iterations_max=7)
    assert fitted.posterior == pytest.approx(np.array(slow_twin(anaesthetists, smoothing=0.1, rounds=7)), abs=1e-9)
    assert not fitted.converged
    assert len(fitted.log_likelihood) == 7


def test_it_recovers_simulated_truth_and_skill() -> None:
    right, by_majority, knowing_all, skill_off = [], [], [], []
    for seed in range(8):
        votes, truth, confusion = simulated(400, 5, seed=seed)
        fitted = dawid_skene.fit(votes)
        best = dawid_skene.posterior_of(votes, np.array([0.5, 0.3, 0.2]), confusion)
        right.append((fitted.label == truth).mean())
        by_majority.append((majority.fit(votes).label == truth).mean())
        knowing_all.append((best.argmax(axis=1) == truth).mean())
        each_label = np.arange(3)
        care = (fitted.confusion[:, each_label, each_label] * fitted.prior).sum(axis=1)
        skill_off.append(np.abs(care - confusion[:, 0, 0]).mean())
    assert np.mean(right) >= np.mean(knowing_all) - 0.02
    assert np.mean(right) >= np.mean(by_majority) + 0.03
    assert np.mean(skill_off) < 0.05


def test_labels_nobody_used_change_nothing() -> None:
    votes, truth, _ = simulated(400, 5, seed=3)
    wider = Votes(votes.item, votes.annotator, votes.label, (400, 20, 6))
    assert (dawid_skene.fit(wider).label == truth).mean() >= (dawid_skene.fit(votes).label == truth).mean() - 0.01


def test_gold_items_keep_their_label_and_teach_the_rest() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 120)
    flips = np.array([0.1, 0.9, 0.9])  # two of three say the opposite: without gold they win
    label = np.where(rng.random((120, 3)) < flips, 1 - truth[:, np.newaxis], truth[:, np.newaxis])
    votes = Votes(np.repeat(np.arange(120), 3), np.tile(np.arange(3), 120), label.reshape(-1), (120, 3, 2))
    gold = np.where(np.arange(120) < 40, truth, -1)
    unaided, anchored = dawid_skene.fit(votes), dawid_skene.fit(votes, gold=gold)
    assert (unaided.label == truth).mean() < 0.2
    assert (anchored.label == truth)[40:].mean() > 0.9
    assert anchored.posterior[:40].tolist() == np.eye(2)[truth[:40]].tolist()


def test_an_item_nobody_answered_gets_the_prior() -> None:
    votes, _, _ = simulated(50, 5, seed=1)
    wider = Votes(votes.item, votes.annotator, votes.label, (51, 20, 3))
    fitted = dawid_skene.fit(wider)
    assert fitted.posterior[50] == pytest.approx(fitted.prior)


def test_one_vote_gives_a_posterior() -> None:
    assert dawid_skene.fit(Votes.of("a", "x", ["yes"], labels_known=["no", "yes"])).label.tolist() == [1]


def test_fixed_parameters_give_the_fits_own_posterior() -> None:
    votes, _, _ = simulated(200, 4, seed=2)
    fitted = dawid_skene.fit(votes, tolerance=1e-12)
    again = dawid_skene.posterior_of(votes, fitted.prior, fitted.confusion)
    assert again == pytest.approx(fitted.posterior, abs=1e-9)


def test_a_newcomer_is_judged_by_the_average_confusion() -> None:
    votes, _, _ = simulated(200, 4, seed=2)
    fitted = dawid_skene.fit(votes)
    zero = np.zeros(1, np.int64)
    new = Votes(zero, zero + 20, zero, (1, 21, 3))
    posterior = dawid_skene.posterior_of(new, fitted.prior, fitted.confusion, newcomer=fitted.newcomer)
    expected = fitted.prior * fitted.newcomer[:, 0]
    assert posterior[0] == pytest.approx(expected / expected.sum())
    with pytest.raises(ValueError, match="1 annotators are not in the fit"):
        dawid_skene.posterior_of(new, fitted.prior, fitted.confusion)


def test_shards_tallies_add_up() -> None:
    votes, _, _ = simulated(60, 5, seed=4)
    posterior = majority.vote_shares(votes)
    whole = dawid_skene.tally(votes, posterior)[1]
    even = votes.item % 2 == 0
    shards = [Votes(votes.item[s], votes.annotator[s], votes.label[s], votes.shape) for s in (even, ~even)]
    assert sum(dawid_skene.tally(shard, posterior)[1] for shard in shards) == pytest.approx(whole)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_shuffling_and_renaming_change_nothing(seed: int) -> None:
    votes, _, _ = simulated(40, 4, seed=seed)
    rng = np.random.default_rng(seed)
    order, names, labels = rng.permutation(votes.item.size), rng.permutation(20), rng.permutation(3)
    other = Votes(votes.item[order], names[votes.annotator[order]], labels[votes.label[order]], votes.shape)
    ours, theirs = dawid_skene.fit(votes, iterations_max=20), dawid_skene.fit(other, iterations_max=20)
    assert theirs.posterior[:, labels] == pytest.approx(ours.posterior, abs=1e-6)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_items_given_twice_change_nothing_but_the_smoothing(seed: int) -> None:
    votes, _, _ = simulated(40, 4, seed=seed)
    item = np.concatenate([votes.item, votes.item + 40])
    twice = Votes(item, np.tile(votes.annotator, 2), np.tile(votes.label, 2), (80, 20, 3))
    ours = dawid_skene.fit(votes, smoothing=0.1, iterations_max=10, tolerance=0)
    theirs = dawid_skene.fit(twice, smoothing=0.2, iterations_max=10, tolerance=0)
    assert theirs.posterior[:40] == pytest.approx(ours.posterior, abs=1e-6)


def test_bad_input_is_refused() -> None:
    votes = Votes.of("ab", "xy", [0, 1])
    with pytest.raises(ValueError, match="at least one vote"):
        dawid_skene.fit(Votes.of([], [], []))
    with pytest.raises(ValueError, match="gold needs one number"):
        dawid_skene.fit(votes, gold=np.array([0, 5]))
    with pytest.raises(ValueError, match="above 0"):
        dawid_skene.fit(votes, smoothing=0)
    with pytest.raises(ValueError, match="2 labels"):
        dawid_skene.posterior_of(votes, np.ones(3) / 3, np.ones((2, 3, 3)) / 3)
