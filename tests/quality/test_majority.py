"""The majority is a count; ties stay ties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.quality import Votes
from assay.quality.aggregation import majority

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=30)


def fit(rows: list[tuple[int, int, int]]) -> dict[object, list[float]]:
    votes = Votes.of(*zip(*rows, strict=True), labels_known=range(3))
    return dict(zip(votes.item_names, majority.fit(votes).posterior.tolist(), strict=True))


def test_shares_are_shares_of_the_items_votes() -> None:
    votes = Votes.of("aaab", "xyzx", ["no", "yes", "no", "yes"])
    assert majority.fit(votes).posterior == pytest.approx(np.array([[2 / 3, 1 / 3], [0, 1]]))
    assert majority.fit(votes).label.tolist() == [0, 1]


def test_a_tie_stays_a_tie_and_its_label_is_the_lowest() -> None:
    fitted = majority.fit(Votes.of("aa", "xy", ["yes", "no"]))
    assert fitted.posterior.tolist() == [[0.5, 0.5]]
    assert fitted.label.tolist() == [0]


def test_an_item_nobody_answered_gets_the_shares_of_all_votes() -> None:
    zero = np.zeros(4, np.int64)
    votes = Votes(zero, zero, np.array([0, 0, 0, 1]), (2, 1, 2))
    assert majority.fit(votes).posterior[1].tolist() == [0.75, 0.25]


def test_no_votes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one vote"):
        majority.fit(Votes.of([], [], []))


@given(ROWS, st.randoms(use_true_random=False))
def test_shuffled_or_duplicated_votes_give_the_same_shares(rows: list[tuple[int, int, int]], random: object) -> None:
    shuffled = rows * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    ours, theirs = fit(rows), fit(shuffled)
    assert {item: pytest.approx(shares) for item, shares in ours.items()} == theirs


@given(ROWS)
def test_a_plain_count_agrees(rows: list[tuple[int, int, int]]) -> None:
    for item, shares in fit(rows).items():
        said = [label for name, _, label in rows if name == item]
        assert shares == pytest.approx([said.count(label) / len(said) for label in range(3)])
