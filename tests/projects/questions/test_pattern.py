"""No pattern can make a match slow."""

import time

import pytest

from assay.projects.questions import pattern


@pytest.mark.parametrize(
    "good", [r"[A-Z]{2}-\d{4}", r"[^@\s]+@[^@\s]+\.[a-z]{2,9}", r"(?:yes|no)", r"\d+(\.\d\d)?", "[)*+]+", "是+"]
)
def test_ordinary_patterns_are_taken(good) -> None:
    assert pattern.fault(good) is None


@pytest.mark.parametrize(
    "bad",
    [
        "(a+)+$",
        "(a|a)*b",
        r"(a)\1",
        "(?=a)a",
        "(?i)a",
        "a*a*a*a*",
        "a?" * 9,
        "(ab){2}",
        "a{1000}",
        "a" * 201,
        "[",
        "a?*",
    ],
)
def test_patterns_that_could_be_slow_are_refused(bad) -> None:
    assert pattern.fault(bad)


@pytest.mark.parametrize("worst", ["a*a*a*b", "a?a?a?a?a?a?a?a?a*a*a*b", "[a-z]*[a-z]*[a-z]*(1|2|3|4|5|6|7|8|9)"])
def test_the_worst_that_is_taken_is_quick(worst) -> None:
    assert pattern.fault(worst) is None
    begun = time.perf_counter()
    assert not pattern.matches(worst, "a" * pattern.TEXT_MAX)
    assert time.perf_counter() - begun < 5


def test_a_long_text_is_not_tried() -> None:
    assert not pattern.matches("a+", "a" * (pattern.TEXT_MAX + 1))
