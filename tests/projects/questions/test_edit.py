"""The difference between a draft and what became of it."""

import time

from hypothesis import given
from hypothesis import strategies as st

from assay.projects.questions.edit import diff, distance

WORDS = st.lists(st.sampled_from(["a", "bb", " ", "\n", "税", "😀"]), max_size=30).map("".join)


@given(WORDS, WORDS)
def test_the_steps_lead_from_the_draft_to_the_text(base: str, text: str) -> None:
    steps = diff(base, text)
    assert "".join(words for sign, words in steps if sign != "+") == base
    assert "".join(words for sign, words in steps if sign != "-") == text


def test_the_distance_counts_characters_out_and_in() -> None:
    assert distance(diff("The lower court", "The higher court")) == len("lower") + len("higher")
    assert distance(diff("same", "same")) == 0


def test_it_goes_word_by_word_and_by_character_in_chinese() -> None:
    assert diff("The lower court", "The higher court") == [
        ("=", "The "),
        ("-", "lower"),
        ("+", "higher"),
        ("=", " court"),
    ]
    assert diff("欧盟峰会", "欧盟大会") == [("=", "欧盟"), ("-", "峰"), ("+", "大"), ("=", "会")]


def test_two_long_unlike_texts_are_one_replacement_and_quick() -> None:
    begun = time.perf_counter()
    steps = diff("a b " * 12_000, "c d " * 12_000)
    assert [sign for sign, _ in steps] == ["-", "+"]
    assert time.perf_counter() - begun < 5
