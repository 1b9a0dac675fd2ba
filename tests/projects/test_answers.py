"""Answers against questions: what is stored, and what is refused under which name."""

import pytest

from assay.projects import (
    InvalidAnswers,
    InvalidGold,
    check_answers,
    check_gold,
    check_value,
    parse_definition,
)

EACH = {"field": "candidates", "each": True}
YES_NO = [{"id": "yes"}, {"id": "no"}]
RAW = {
    "fields": [
        {"key": "chat", "type": "conversation", "from": "item.messages", "optional": True},
        {"key": "candidates", "type": "candidates", "from": "item.candidates", "min": 2, "max": 2},
    ],
    "questions": [
        {
            "key": "better",
            "type": "pairwise",
            "title": "Which?",
            "of": {"field": "candidates"},
            "tie": True,
            "cannot_assess": True,
        },
        {"key": "faults", "type": "choices", "title": "Faults", "about": EACH, "required": False, "options": YES_NO},
        {
            "key": "why",
            "type": "text",
            "title": "Why?",
            "when": {"question": "better", "path": "verdict", "op": "!=", "value": "tie"},
        },
        {
            "key": "quality",
            "type": "rating",
            "title": "Quality",
            "about": EACH,
            "required": False,
            "scale": {"min": 1, "max": 5},
            "why": {"required_if": {"op": "<", "value": 3}},
            "not_applicable": True,
        },
    ],
}
DEFINITION = parse_definition(RAW)
ITEM = {
    "messages": [{"id": "m1", "role": "user", "text": "多少钱？"}],
    "candidates": [{"id": "c1", "text": "a😀b"}, {"id": "c2", "text": "No"}],
}
TIE = {"question": "better", "value": {"verdict": "tie"}}


def refused(*rows) -> list[tuple[str, str]]:
    with pytest.raises(InvalidAnswers) as error:
        check_answers(DEFINITION, ITEM, list(rows))
    return [(problem.where, problem.reason) for problem in error.value.problems]


def quality(**more):
    return {"question": "quality", "target": "c1", "value": 4, **more}


def test_stored_answers_are_written_out_in_the_order_of_the_questions() -> None:
    rows = check_answers(DEFINITION, ITEM, [quality(), TIE])
    assert rows == [
        {
            "question": "better",
            "target": None,
            "value": {"verdict": "tie"},
            "why": None,
            "cites": [],
            "not_applicable": False,
            "cannot_assess": False,
        },
        {
            "question": "quality",
            "target": "c1",
            "value": 4,
            "why": None,
            "cites": [],
            "not_applicable": False,
            "cannot_assess": False,
        },
    ]
    assert check_answers(DEFINITION, ITEM, rows) == rows


def test_a_required_answer_must_be_there() -> None:
    assert refused() == [("better", "needs an answer")]
    assert refused({"question": "better", "value": {"verdict": "c1"}}) == [("why", "needs an answer")]


def test_what_was_not_asked_must_not_be_answered() -> None:
    assert refused(TIE, {"question": "why", "value": "x"}) == [
        ("why", "was not asked, because its condition is not met")
    ]


def test_a_condition_on_an_answer_that_is_not_there_is_not_met() -> None:
    cannot = {"question": "better", "value": None, "cannot_assess": True}
    assert [row["question"] for row in check_answers(DEFINITION, ITEM, [cannot])] == ["better"]


@pytest.mark.parametrize(
    ("row", "where", "reason"),
    [
        ("better", "answers[1]", "must be an object with a question and a value"),
        ({"value": 1}, "answers[1]", "must be an object with a question and a value"),
        ({"question": "nope", "value": 1}, "answers[1].question", "'nope' is not a question of this project"),
        (quality(target=1), "answers[1].target", "must be the id of what the question is about, or null"),
        (quality(target="c9"), "quality[c9]", "is about nothing that the question is asked about in this item"),
        (quality(target=None), "quality", "is about nothing that the question is asked about in this item"),
        (quality(colour=1), "quality[c1].colour", "is not a known key of an answer"),
        (quality(value=9), "quality[c1].value", "must lie between 1 and 5"),
        (quality(value=None), "quality[c1].value", "is missing; leave the whole answer out if there is none"),
        (quality(value=2), "quality[c1].why", "is missing: this answer needs a reason"),
        (quality(value=2, why="  "), "quality[c1].why", "is missing: this answer needs a reason"),
        (quality(why=3), "quality[c1].why", "must be text or null"),
        (quality(not_applicable=True), "quality[c1].value", "must be null where not_applicable is set"),
        (quality(value=None, cannot_assess=True), "quality[c1].cannot_assess", "is not offered by this question"),
        (
            quality(value=None, cannot_assess=True, not_applicable=True),
            "quality[c1].cannot_assess",
            "excludes not_applicable; choose one",
        ),
        (quality(not_applicable=1), "quality[c1].not_applicable", "must be true or false"),
        (
            {"question": "faults", "target": "c1", "value": ["yes"], "why": "x"},
            "faults[c1].why",
            "is not asked for; leave it out",
        ),
        (TIE, "better", "is answered twice"),
        (quality(why="a\0"), "quality[c1].why", "contains a NUL character; remove it"),
        (quality(value=2, why="x" * 100_001), "quality[c1]", "has more than 100,000 characters"),
        (quality(cites="x"), "quality[c1].cites", "must be a list of addresses"),
        (quality(cites=[{}] * 5_001), "quality[c1]", "has more than 5,000 parts"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_name(row, where, reason) -> None:
    assert refused(TIE, row) == [(where, reason)]


@pytest.mark.parametrize("answers", [None, {}, "x", [{}] * 5_001])
def test_answers_are_a_list_of_bounded_length(answers) -> None:
    with pytest.raises(InvalidAnswers):
        check_answers(DEFINITION, ITEM, answers)


ADDRESS = {"field": "candidates", "part": "c1", "start": 2, "end": 3, "quote": "b"}


def test_citations_quote_in_code_points() -> None:
    whole = {"field": "chat", "part": "m1"}
    rows = check_answers(DEFINITION, ITEM, [TIE, quality(cites=[ADDRESS, whole])])
    assert rows[1]["cites"] == [ADDRESS, whole]


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("c1", "cites[0]"),
        ({}, "cites[0]"),
        ({**ADDRESS, "field": "nope"}, "cites[0].field"),
        ({**ADDRESS, "part": "c9"}, "cites[0].part"),
        ({**ADDRESS, "part": ["c1"]}, "cites[0].part"),
        ({**ADDRESS, "part": None}, "cites[0]"),
        ({**ADDRESS, "quote": "😀"}, "cites[0].quote"),
        ({**ADDRESS, "end": 9}, "cites[0].end"),
        ({**ADDRESS, "ms": [1, 2]}, "cites[0].ms"),
        ({"field": "candidates", "part": "c1", "start": 1}, "cites[0]"),
    ],
)
def test_a_citation_that_does_not_fit_is_refused(address, where) -> None:
    assert refused(TIE, quality(cites=[address]))[0][0] == f"quality[c1].{where}"


def test_questions_about_spans_follow_the_spans_that_were_drawn() -> None:
    definition = parse_definition(
        {
            "fields": RAW["fields"],
            "questions": [
                {
                    "key": "true",
                    "type": "choice",
                    "title": "?",
                    "about": {"question": "claims", "each": True},
                    "options": YES_NO,
                },
                {
                    "key": "claims",
                    "type": "span",
                    "title": "?",
                    "of": {"field": "candidates"},
                    "labels": [{"id": "claim"}],
                },
            ],
        }
    )
    span = {"id": "s1", "label": "claim", "start": 0, "end": 1, "quote": "a"}
    claims = [
        {"question": "claims", "target": "c1", "value": [span]},
        {"question": "claims", "target": "c2", "value": []},
    ]
    true = {"question": "true", "target": "s1", "value": "yes"}
    assert [row["target"] for row in check_answers(definition, ITEM, [true, *claims])] == ["s1", "c1", "c2"]
    with pytest.raises(InvalidAnswers, match=r"true\[s1\] needs an answer"):
        check_answers(definition, ITEM, claims)
    same_id = {**claims[1], "value": [{**span, "quote": "N"}]}
    with pytest.raises(InvalidAnswers, match="span ids are unique within a response"):
        check_answers(definition, ITEM, [true, claims[0], same_id])


def test_messages_of_one_role_can_be_asked_about() -> None:
    each = {"field": "chat", "each": True, "role": "assistant"}
    question = {"key": "right", "type": "choice", "title": "?", "about": each, "options": YES_NO}
    definition = parse_definition({"fields": RAW["fields"], "questions": [question]})
    item = {**ITEM, "messages": [{"role": "user", "text": ""}, {"role": "assistant", "text": ""}]}
    [row] = check_answers(definition, item, [{"question": "right", "target": "m2", "value": "no"}])
    assert row["target"] == "m2"
    assert check_answers(definition, {"candidates": ITEM["candidates"]}, []) == []


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        ({"question": "n", "op": ">=", "value": 10}, True),
        ({"question": "n", "op": "<", "value": "9.5"}, False),
        ({"question": "n", "op": "=", "value": 10.0}, True),
        ({"question": "n", "op": "in", "value": [1, 10]}, True),
        ({"question": "many", "op": "contains", "value": "yes"}, True),
        ({"question": "many", "op": "contains", "value": "no"}, False),
        ({"question": "one", "op": ">", "value": 1}, False),
        ({"not": {"question": "one", "op": "=", "value": "yes"}}, False),
        (
            {
                "all": [
                    {"question": "one", "op": "=", "value": "yes"},
                    {"question": "n", "op": "!=", "value": 10},
                ]
            },
            False,
        ),
        (
            {
                "any": [
                    {"question": "one", "op": "=", "value": "no"},
                    {"question": "n", "op": "=", "value": 10},
                ]
            },
            True,
        ),
    ],
)
def test_conditions_decide_what_is_asked(condition, is_asked) -> None:
    questions = [
        {"key": "n", "type": "number", "title": "?"},
        {"key": "one", "type": "choice", "title": "?", "options": YES_NO},
        {"key": "many", "type": "choices", "title": "?", "options": YES_NO},
        {"key": "then", "type": "choice", "title": "?", "options": YES_NO, "when": condition},
    ]
    definition = parse_definition({"fields": RAW["fields"], "questions": questions})
    answers = [
        {"question": "n", "value": "10.00"},
        {"question": "one", "value": "yes"},
        {"question": "many", "value": ["yes"]},
    ]
    if is_asked:
        answers.append({"question": "then", "value": "no"})
    assert len(check_answers(definition, ITEM, answers)) == len(answers)


def test_one_value_can_be_checked_alone() -> None:
    assert check_value(DEFINITION, ITEM, "faults", "c2", ["yes", "no"]) == ["no", "yes"]
    assert check_value(DEFINITION, ITEM, "quality", "c2", 1) == 1
    for key, target, value in (("faults", None, ["yes"]), ("faults", "c2", ["x"]), ("nope", None, 1)):
        with pytest.raises(InvalidAnswers):
            check_value(DEFINITION, ITEM, key, target, value)


def test_gold_is_stored_in_full() -> None:
    gold = check_gold(DEFINITION, ITEM, {"question": "quality", "target": "c1", "accept": [4, 5], "because": "清楚"})
    assert gold == {"question": "quality", "target": "c1", "accept": [4, 5], "tolerance": None, "because": "清楚"}
    assert DEFINITION.question("quality").grade(gold, 5).verdict == "right"
    assert DEFINITION.question("quality").grade(gold, None).verdict == "wrong"


def test_gold_may_accept_that_a_question_does_not_apply() -> None:
    gold = check_gold(DEFINITION, ITEM, {"question": "quality", "target": "c1", "accept": [None]})
    assert DEFINITION.question("quality").grade(gold, None).verdict == "right"
    assert DEFINITION.question("quality").grade(gold, 3).verdict == "wrong"


@pytest.mark.parametrize(
    ("gold", "where"),
    [
        ([], "gold"),
        ({"question": "quality", "target": "c1"}, "gold"),
        ({"question": "quality", "target": "c1", "accept": []}, "gold"),
        ({"question": "quality", "target": "c1", "accept": [9]}, "gold.accept[0]: quality[c1].value"),
        ({"question": "quality", "accept": [4]}, "gold.accept[0]: quality"),
        ({"question": "nope", "accept": [4]}, "gold.question"),
        ({"question": ["x"], "accept": [4]}, "gold.question"),
        ({"accept": [4]}, "gold.question"),
        ({"question": "quality", "target": "c1", "accept": [4], "tolerance": -1}, "gold.tolerance"),
        ({"question": "quality", "target": "c1", "accept": [4], "tolerance": "x"}, "gold.tolerance"),
        ({"question": "quality", "target": "c1", "accept": [4], "because": 5}, "gold.because"),
        ({"question": "quality", "target": "c1", "accept": [4], "note": 5}, "gold.note"),
    ],
)
def test_gold_that_does_not_fit_is_refused(gold, where) -> None:
    with pytest.raises(InvalidGold) as error:
        check_gold(DEFINITION, ITEM, gold)
    assert error.value.problems[0].where == where
