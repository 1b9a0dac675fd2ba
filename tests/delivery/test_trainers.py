"""What each settled answer teaches a model, and what is left out."""

from typing import Any

import pytest

from assay.delivery.content import Training
from assay.delivery.trainers import (
    ItemContent,
    LeftAside,
    Pair,
    demonstration_questions,
    edited_over_rejected,
    is_test,
    make,
    preference_questions,
)


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


ITEM = ItemContent([{"role": "user", "content": "When?"}], {f"c{n}": said(f"answer {n}") for n in range(1, 5)})
TWO = ItemContent(ITEM.prompt, {id: ITEM.candidates[id] for id in ("c1", "c2")})
SIGNED = {"key": "prefer", "type": "rating", "scale": {"min": -3, "max": 3, "between": ["c1", "c2"]}}
PAIRWISE, RANKING, TEXT = ({"key": kind, "type": kind} for kind in ("pairwise", "ranking", "text"))


def pairs(
    question: dict[str, Any], value: Any, item: ItemContent = ITEM, **training: Any
) -> list[tuple[str, str, float]]:
    made = make(question, value, item, Training(**training)).pairs
    return [(pair.chosen[0]["content"], pair.rejected[0]["content"], pair.margin) for pair in made]


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        (PAIRWISE, {"verdict": "c2", "strength": 3}, [("answer 2", "answer 1", 3.0)]),
        (PAIRWISE, {"verdict": "c1"}, [("answer 1", "answer 2", 1.0)]),
        (PAIRWISE, "c1", [("answer 1", "answer 2", 1.0)]),
        (SIGNED, -2, [("answer 1", "answer 2", 2.0)]),
        (SIGNED, 1.5, [("answer 2", "answer 1", 1.5)]),
    ],
)
def test_a_verdict_on_two_is_one_pair(question: dict[str, Any], value: Any, expected: list[Any]) -> None:
    assert pairs(question, value, TWO) == expected


@pytest.mark.parametrize(
    ("question", "value", "reason"),
    [
        (PAIRWISE, {"verdict": "tie"}, "tie"),
        (PAIRWISE, {"verdict": "both_bad"}, "both bad"),
        (PAIRWISE, None, "not answerable"),
        (SIGNED, 0, "tie"),
        (RANKING, {"tiers": [["c1", "c2", "c3", "c4"]], "all_bad": False}, "tie"),
        (RANKING, {"tiers": [["c1"], ["c2"], ["c3"], ["c4"]], "all_bad": True}, "all bad"),
        (TEXT, "  ", "empty text"),
        (PAIRWISE, {"verdict": "c9"}, "candidate without text"),
    ],
)
def test_what_prefers_nothing_is_left_out_with_its_reason(question: dict[str, Any], value: Any, reason: str) -> None:
    with pytest.raises(LeftAside, match=reason):
        make(question, value, TWO, Training())


TIERS = {"tiers": [["c1"], ["c2", "c3"], ["c4"]], "all_bad": False}


def test_a_ranking_gives_all_pairs_but_those_that_tie() -> None:
    assert pairs(RANKING, TIERS) == [
        ("answer 1", "answer 2", 1.0),
        ("answer 1", "answer 3", 1.0),
        ("answer 1", "answer 4", 2.0),
        ("answer 2", "answer 4", 1.0),
        ("answer 3", "answer 4", 1.0),
    ]


def test_a_ranking_may_give_only_neighbours_or_best_against_worst() -> None:
    assert len(pairs(RANKING, TIERS, pairs="neighbours")) == 4
    assert pairs(RANKING, TIERS, pairs="best_worst") == [("answer 1", "answer 4", 2.0)]


def test_the_unranked_come_last() -> None:
    value = {"tiers": [["c1"], ["c2"]], "unranked": ["c3", "c4"]}
    assert ("answer 2", "answer 4", 1.0) in pairs(RANKING, value)


def test_a_ranking_with_a_shared_best_teaches_no_answer() -> None:
    made = make(RANKING, {"tiers": [["c1", "c2"], ["c3", "c4"]]}, ITEM, Training())
    assert made.demonstration is None


def test_an_edit_is_better_than_what_it_edits_and_than_what_that_had_beaten() -> None:
    edit = make(TEXT, {"text": "better", "base": "c1", "unchanged": False}, TWO, Training())
    beaten = Pair(said("answer 1"), said("answer 2"), 1.0)
    assert edit.pairs == (Pair(said("better"), said("answer 1"), 1.0),)
    assert edited_over_rejected(edit.pairs, [beaten]) == [Pair(said("better"), said("answer 2"), 1.0)]


def test_an_unchanged_draft_is_learned_from_but_preferred_to_nothing() -> None:
    made = make(TEXT, {"text": "answer 1", "base": "c1", "unchanged": True}, TWO, Training())
    assert (made.pairs, made.demonstration) == ((), said("answer 1"))


def test_a_remark_is_not_a_demonstration() -> None:
    questions = [
        {"key": "why", "type": "text", "format": "plain"},
        {"key": "reply", "type": "text", "format": "markdown"},
        {"key": "edit", "type": "text", "base": {"field": "draft"}},
        SIGNED,
        {"key": "quality", "type": "rating", "scale": {"min": 1, "max": 5}},
    ]
    assert demonstration_questions({"questions": questions}, Training()) == {"reply", "edit"}
    assert demonstration_questions({"questions": questions}, Training(demonstrations=("why",))) == {"why"}
    assert preference_questions({"questions": questions}) == {"prefer"}


def test_fields_become_the_prompt_and_the_source_of_a_candidate_stays_out() -> None:
    definition = {
        "fields": [
            {"key": "law", "type": "text", "from": "item.context.law"},
            {"key": "chat", "type": "conversation", "from": "item.messages"},
            {"key": "candidates", "type": "candidates", "from": "item.candidates"},
        ],
        "questions": [],
    }
    payload = {
        "context": {"law": "§ 18 UStG"},
        "messages": [{"id": "m1", "role": "user", "text": "When?"}],
        "candidates": [{"id": "c1", "text": "Now.", "source": "model_a"}],
    }
    item = ItemContent.of(definition, payload)
    assert item.prompt == [{"role": "user", "content": "§ 18 UStG\n\nWhen?"}]
    assert item.candidates == {"c1": said("Now.")}


def test_an_item_keeps_its_side_of_the_split_for_ever() -> None:
    assert [is_test(f"q-{n}", 0.1) for n in range(9)] == [is_test(f"q-{n}", 0.1) for n in range(9)]
    share = sum(is_test(f"q-{n}", 0.1) for n in range(10_000)) / 10_000
    assert abs(share - 0.1) < 0.01
