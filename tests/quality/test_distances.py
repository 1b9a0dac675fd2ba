"""Distances between two answers, by tables of cases and by what every distance must satisfy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.quality.agreement.distances import Distance, Span, jaccard, ranking, span_f1, span_overlap_f1

TIERS = st.permutations("wxyz").flatmap(
    lambda order: st.integers(1, 4).map(lambda cut: [order[:cut], *[[c] for c in order[cut:]]])
)
SPANS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 5), st.sampled_from("pq")).map(lambda s: (s[0], s[0] + s[1], s[2])),
    max_size=5,
    unique=True,
)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [([], [], 0), (["x"], [], 1), (["x"], ["x"], 0), (["x", "y"], ["y", "z"], 2 / 3), (["x"], ["y"], 1)],
)
def test_jaccard(a: list[str], b: list[str], apart: float) -> None:
    assert jaccard(a, b) == pytest.approx(apart)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ([["x"], ["y"], ["z"]], [["x"], ["y"], ["z"]], 0),
        ([["x"], ["y"], ["z"]], [["z"], ["y"], ["x"]], 1),
        ([["x"], ["y"], ["z"]], [["y"], ["x"], ["z"]], 1 / 3),
        ([["x", "y"]], [["x"], ["y"]], 1 / 2),
        ([["x", "y"], ["z"]], [["y", "x"], ["z"]], 0),
        ([["x"], ["y"]], [["p"], ["q"]], 1 / 2),
    ],
)
def test_ranking(a: list[list[str]], b: list[list[str]], apart: float) -> None:
    assert ranking(a, b) == pytest.approx(apart)


@pytest.mark.parametrize(
    ("a", "b", "exact", "overlapping"),
    [
        ([], [], 0, 0),
        ([(0, 4, "p")], [], 1, 1),
        ([(0, 4, "p")], [(0, 4, "p")], 0, 0),
        ([(0, 4, "p")], [(0, 4, "q")], 1, 1),
        ([(0, 4, "p")], [(0, 2, "p")], 1, 0),  # exactly half
        ([(0, 4, "p")], [(3, 7, "p")], 1, 1),
        ([(0, 4, "p"), (6, 9, "p")], [(0, 4, "p")], 1 / 3, 1 / 3),
        ([(0, 4, "p"), (2, 4, "p")], [(0, 4, "p"), (0, 5, "p")], 1 / 2, 0),  # 0-4 must give way to 2-4
    ],
)
def test_spans(a: list[Span], b: list[Span], exact: float, overlapping: float) -> None:
    assert span_f1(a, b) == pytest.approx(exact)
    assert span_overlap_f1(a, b) == pytest.approx(overlapping)


def holds(distance: Distance, a: object, b: object) -> None:
    assert 0 <= distance(a, b) <= 1
    assert distance(a, b) == pytest.approx(distance(b, a))
    assert distance(a, a) == 0


@given(TIERS, TIERS)
def test_rankings_are_as_far_one_way_as_the_other(a: list[list[str]], b: list[list[str]]) -> None:
    holds(ranking, a, b)


@given(SPANS, SPANS)
def test_spans_are_as_far_one_way_as_the_other_and_overlap_forgives(a: list[Span], b: list[Span]) -> None:
    holds(span_f1, a, b)
    holds(span_overlap_f1, a, b)
    assert span_overlap_f1(a, b) <= span_f1(a, b) + 1e-12


@given(st.lists(st.sampled_from("pqrs")), st.lists(st.sampled_from("pqrs")))
def test_sets_are_as_far_one_way_as_the_other(a: list[str], b: list[str]) -> None:
    holds(jaccard, a, b)
