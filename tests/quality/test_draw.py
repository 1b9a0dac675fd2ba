"""A sample can be drawn again from its seed, continued, and favours nobody."""

from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.quality.sampling.draw import draw, order

IDS = [f"task-{number}" for number in range(100)]


def test_the_order_is_frozen() -> None:
    assert draw(IDS, 5, seed="2026") == [
        "task-56",
        "task-57",
        "task-89",
        "task-0",
        "task-27",
    ]  # as sha256sum and sort say


def test_anyone_can_draw_it_again() -> None:
    assert order(IDS, seed="s") == sorted(IDS, key=lambda task: sha256(f"s\n{task}".encode()).hexdigest())


@settings(deadline=None, max_examples=30)
@given(st.sets(st.text("abc\n文", max_size=4), max_size=12), st.integers(0, 25), st.integers(0, 25))
def test_a_longer_sample_continues_a_shorter_one(ids: set[str], first: int, more: int) -> None:
    continued = draw(ids, first, seed="s") + draw(ids, more, seed="s", after=first)
    assert continued == draw(ids, first + more, seed="s")
    assert set(draw(ids, len(ids), seed="s")) == ids


def test_every_item_is_as_likely_as_the_next() -> None:
    drawn = Counter(task for seed in range(2000) for task in draw(IDS, 10, seed=str(seed)))
    assert stats.chisquare([drawn[task] for task in IDS]).pvalue > 0.001


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="comes twice"):
        draw(["a", "a"], 1, seed="s")
    with pytest.raises(ValueError, match="line feed"):
        draw(["a"], 1, seed="s\n")
    with pytest.raises(ValueError, match="count ids"):
        draw(["a"], -1, seed="s")
