"""Candidates in order."""

import pytest

from assay.projects.questions.ranking import ranks

RANK = {"type": "ranking", "of": {"field": "candidates"}, "ties": True, "all_bad": True}


def tiers(*groups: str, **more):
    return {"tiers": [group.split() for group in groups], **more}


def test_an_order_with_ties_is_stored_with_each_tier_sorted(ask) -> None:
    assert ask(**RANK).stored(tiers("c3 c1", "c2", "c4")) == tiers("c1 c3", "c2", "c4", all_bad=False)


def test_all_may_be_bad_with_or_without_an_order(ask) -> None:
    assert ask(**RANK).stored({"tiers": [], "all_bad": True}) == {"tiers": [], "all_bad": True}
    assert ask(**RANK).stored(tiers("c1", "c2", "c3", "c4", all_bad=True))["all_bad"] is True


@pytest.mark.parametrize(
    ("value", "where", "reason"),
    [
        (tiers("c1", "c2", "c3"), "q.value.tiers", "leaves out c4"),
        (tiers("c1", "c2", "c3", "c4", "c1"), "q.value.tiers", "names a candidate twice"),
        (tiers("c1", "c2", "c3", "c9"), "q.value.tiers", "names 'c9', which is no candidate of this item"),
        (tiers("c1", "", "c2 c3 c4"), "q.value.tiers[1]", "must hold one candidate or more"),
        (tiers("c1", "c2", "c3", unranked=["c4"]), "q.value.unranked", "must be empty: all are to be put in order"),
        ({"tiers": "c1"}, "q.value.tiers", "must be a list of lists of candidate ids"),
        ({"tiers": ["c1"]}, "q.value.tiers[0]", "must be a list of candidate ids"),
        ({"tiers": [[["c1"]]]}, "q.value.tiers", "names ['c1'], which is no candidate of this item"),
        ({"tiers": [], "all_bad": 1}, "q.value.all_bad", "must be true or false"),
        ({"order": []}, "q.value.tiers", "is missing"),
        ({"tiers": [], "x": 1}, "q.value.x", "is not a known key here"),
        ([], "q.value", "must be an object with tiers"),
    ],
)  # fmt: skip
def test_a_wrong_order_is_refused(ask, value, where, reason) -> None:
    assert ask(**RANK).refusal(value) == (where, reason)


def test_ties_and_all_bad_must_be_offered(ask) -> None:
    plain = ask(type="ranking", of={"field": "candidates"})
    assert plain.refusal(tiers("c1 c2", "c3", "c4")) == ("q.value.tiers[0]", "must hold one candidate; no ties")
    assert plain.refusal({"tiers": [], "all_bad": True}) == ("q.value.all_bad", "is not offered by this question")


def test_only_the_top_is_ordered_where_that_is_asked(ask) -> None:
    top = ask(**RANK, top=2)
    assert top.stored(tiers("c2", "c1", unranked=["c4", "c3"]))["unranked"] == ["c3", "c4"]
    assert top.stored(tiers("c2", "c1 c3", unranked=["c4"]))["tiers"] == [["c2"], ["c1", "c3"]]
    for wrong in (tiers("c1", unranked=["c2", "c3", "c4"]), tiers("c1", "c2", "c3", unranked=["c4"])):
        assert top.refusal(wrong) == ("q.value.tiers", "must order the best 2 and leave the rest unranked")


@pytest.mark.parametrize(
    ("value", "verdict", "score"),
    [
        (tiers("c1", "c2", "c3", "c4"), "right", 1),
        (tiers("c2", "c1", "c3", "c4"), "partly", 5 / 6),
        (tiers("c1 c2", "c3", "c4"), "partly", 5.5 / 6),
        (tiers("c4", "c3", "c2", "c1"), "wrong", 0),
        (tiers("c1", "c2", "c3", "c4", all_bad=True), "partly", 0.75),
    ],
)
def test_the_grade_is_the_share_of_pairs_in_the_same_order(ask, value, verdict, score) -> None:
    grade = ask(**RANK).grade([tiers("c1", "c2", "c3", "c4")], value)
    assert (grade.verdict, grade.score) == (verdict, pytest.approx(score))


def test_gold_may_say_only_that_all_are_bad(ask) -> None:
    gold = [{"tiers": [], "all_bad": True}]
    assert ask(**RANK).grade(gold, {"tiers": [], "all_bad": True}).verdict == "right"
    assert ask(**RANK).grade(gold, tiers("c1", "c2", "c3", "c4")).verdict == "partly"


def test_tied_candidates_share_a_rank(ask) -> None:
    assert ask(**RANK).columns(tiers("c1 c3", "c2", "c4")) == {
        "q.rank.c1": 1,
        "q.rank.c3": 1,
        "q.rank.c2": 3,
        "q.rank.c4": 4,
        "q.all_bad": False,
    }
    assert ranks(tiers("c1", unranked=["c2"])) == {"c1": 1, "c2": None}


def test_it_ranks_candidates_only(fault) -> None:
    assert fault(type="ranking", of={"field": "source"}) == (
        "questions[0].of.field",
        "'source' is not a field of type candidates",
    )
