"""Votes keep names, number labels the same way whatever the order, and refuse bad rows by their number."""

import numpy as np
import pytest

from assay.quality import Votes


def test_names_become_numbers_and_are_kept() -> None:
    votes = Votes.of(["a", "a", "b"], ["x", "y", "x"], ["no", "yes", "no"])
    assert votes.shape == (2, 2, 2)
    assert votes.item.tolist() == [0, 0, 1]
    assert votes.annotator.tolist() == [0, 1, 0]
    assert votes.label.tolist() == [0, 1, 0]
    assert (votes.item_names, votes.annotator_names, votes.label_names) == (("a", "b"), ("x", "y"), ("no", "yes"))


def test_labels_are_numbered_in_sorted_order() -> None:
    assert Votes.of("ab", "xx", ["yes", "no"]).label_names == ("no", "yes")
    assert Votes.of("ab", "xx", [3, "no"]).label_names == (3, "no")


def test_the_known_labels_keep_their_order_and_may_be_unused() -> None:
    votes = Votes.of(["a"], ["x"], ["tie"], labels_known=["left", "tie", "right"])
    assert votes.label.tolist() == [1]
    assert votes.shape == (1, 1, 3)


def test_known_annotators_keep_their_numbers() -> None:
    votes = Votes.of("ab", ["new", "old"], [0, 1], annotators_known=["older", "old"])
    assert votes.annotator_names == ("older", "old", "new")
    assert votes.annotator.tolist() == [2, 1]


def test_arrays_and_no_rows_are_welcome() -> None:
    assert Votes.of(np.array([5, 6]), np.array(["x", "y"]), np.array([1, 0])).item_names == (5, 6)
    assert Votes.of([], [], []).shape == (0, 0, 0)


@pytest.mark.parametrize(
    ("items", "annotators", "labels", "sentence"),
    [
        (["a"], ["x", "y"], [1, 2], "differ in length"),
        (["a", "b"], ["x", "y"], [1, None], "row 1 of labels: None"),
        (["a", "b"], ["x", "y"], [float("nan"), 1.0], "row 0 of labels: nan"),
        (["a", None], ["x", "y"], [1, 1], "row 1 of items"),
        (["a", "b", "c"], ["x", "y", "x"], [1, 2, 9], "row 2: label 9 is not one of"),
    ],
)
def test_a_bad_row_is_named(items: list[str], annotators: list[str], labels: list[int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Votes.of(items, annotators, labels, labels_known=[1, 2])


def test_numbers_outside_the_shape_are_refused() -> None:
    zero, two = np.zeros(2, np.int64), np.array([0, 2])
    with pytest.raises(ValueError, match=r"row 1: label 2 is not in 0\.\.1"):
        Votes(zero, zero, two, (1, 1, 2))
    with pytest.raises(ValueError, match="one row per vote"):
        Votes(zero, zero[:1], zero, (1, 1, 1))


def test_a_label_known_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Votes.of("a", "x", [1], labels_known=[1, 1])


def test_gold_is_numbered_like_the_votes() -> None:
    votes = Votes.of("abc", "xxx", ["no", "yes", "no"])
    assert votes.gold_labels({"b": "no", "elsewhere": "yes"}).tolist() == [-1, 0, -1]
    with pytest.raises(ValueError, match="gold of item 'a'"):
        votes.gold_labels({"a": "perhaps"})
