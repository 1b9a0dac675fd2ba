"""Which of two."""

import pytest

from assay.projects import InvalidGold, check_answers, check_item

BETTER = {
    "type": "pairwise",
    "of": {"field": "pair"},
    "strengths": ["slightly", "clearly", "much"],
    "tie": True,
    "both_bad": True,
}


def test_a_verdict_names_the_candidate_by_its_id(ask) -> None:
    assert ask(**BETTER).stored({"verdict": "p2", "strength": 2}) == {"verdict": "p2", "strength": 2}
    assert ask(**BETTER).stored({"verdict": "tie"}) == {"verdict": "tie"}
    assert ask(**BETTER).stored({"verdict": "both_bad", "strength": None}) == {"verdict": "both_bad"}


@pytest.mark.parametrize(
    ("value", "where", "reason"),
    [
        ({"verdict": "p3"}, "q.value.verdict", "must be one of p1, p2, tie, both_bad"),
        ({"verdict": "p2"}, "q.value.strength", "must be a step from 1 to 3"),
        ({"verdict": "p2", "strength": 4}, "q.value.strength", "must be a step from 1 to 3"),
        ({"verdict": "p2", "strength": True}, "q.value.strength", "must be a step from 1 to 3"),
        (
            {"verdict": "tie", "strength": 1},
            "q.value.strength",
            "is only given with a candidate, where the question asks for it",
        ),
        ({}, "q.value.verdict", "is missing"),
        ("p2", "q.value", "must be an object with verdict"),
        ({"verdict": "p2", "strenght": 1}, "q.value.strenght", "is not a known key here"),
    ],
)
def test_a_wrong_verdict_is_refused(ask, value, where, reason) -> None:
    assert ask(**BETTER).refusal(value) == (where, reason)


def test_a_tie_must_be_offered(ask) -> None:
    plain = ask(type="pairwise", of={"field": "pair"})
    assert plain.refusal({"verdict": "tie"}) == ("q.value.verdict", "must be one of p1, p2")
    assert plain.stored({"verdict": "p1"}) == {"verdict": "p1"}


@pytest.mark.parametrize(
    ("value", "more", "verdict"),
    [
        ({"verdict": "p2", "strength": 3}, {}, "right"),
        ({"verdict": "p2", "strength": 2}, {}, "right"),
        ({"verdict": "p2", "strength": 1}, {}, "partly"),
        ({"verdict": "p2", "strength": 2}, {"tolerance": 0}, "partly"),
        ({"verdict": "p1", "strength": 3}, {}, "wrong"),
        ({"verdict": "tie"}, {}, "wrong"),
    ],
)
def test_the_strength_may_be_one_off(ask, value, more, verdict) -> None:
    assert ask(**BETTER).grade([{"verdict": "p2", "strength": 3}], value, **more).verdict == verdict


def test_gold_may_leave_the_strength_open(ask) -> None:
    asked = ask(**BETTER)
    assert [asked.grade([{"verdict": "p2"}], {"verdict": "p2", "strength": s}).verdict for s in (1, 3)] == ["right"] * 2
    assert asked.grade([{"verdict": "p2"}], {"verdict": "p1", "strength": 1}).verdict == "wrong"
    with pytest.raises(InvalidGold):
        asked.grade([{"verdict": "p9"}], {"verdict": "p1", "strength": 1})


def test_the_wide_export_signs_the_strength_by_the_order_of_the_item(ask) -> None:
    assert ask(**BETTER).columns({"verdict": "p1", "strength": 2}, shown={"pair": ["p2", "p1"]}) == {
        "q": "p1",
        "q.strength": 2,
        "q.signed": -2,
        "q.first_shown": "p2",
    }
    assert ask(**BETTER).columns({"verdict": "both_bad"})["q.signed"] == 0


def test_the_categories_are_the_candidates_and_what_is_offered(ask) -> None:
    asked = ask(**BETTER)
    content = asked.definition.content(asked.item)
    assert asked.question.categories(content, None) == ["p1", "p2", "tie", "both_bad"]
    assert asked.question.label({"verdict": "p2", "strength": 1}) == "p2"


def test_the_field_must_hold_exactly_two(fault) -> None:
    assert fault(type="pairwise", of={"field": "candidates"}) == (
        "questions[0].of.field",
        "compares exactly two; give the field 'candidates' min 2 and max 2",
    )


def test_a_candidate_may_not_be_called_like_a_verdict(ask) -> None:
    pair = [{"id": "tie", "text": "a"}, {"id": "b", "text": "b"}]
    [problem] = check_item(ask(**BETTER).definition, {"source": "x", "pair": pair})
    assert problem.reason.startswith("names a candidate 'tie'")


def test_it_is_not_asked_of_an_item_without_candidates(ask) -> None:
    assert check_answers(ask(**BETTER).definition, {"source": "x"}, []) == []
