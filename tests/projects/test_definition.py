"""Fields and questions that fit together, and those that do not."""

import pytest

from assay.projects import InvalidDefinition, parse_definition

TEXT = {"key": "body", "type": "text", "from": "item.body"}
CHAT = {"key": "chat", "type": "conversation", "from": "item.messages"}
PAIR = {"key": "candidates", "type": "candidates", "from": "item.candidates", "min": 2, "max": 2}
CLAIMS = {"key": "claims", "type": "span", "title": "?", "of": {"field": "body"}, "labels": [{"id": "claim"}]}


def note(key: str = "note", **more):
    return {"key": key, "type": "text", "title": "?", **more}


def problems(*questions, fields=(TEXT, CHAT, PAIR)) -> list[tuple[str, str]]:
    try:
        parse_definition({"fields": list(fields), "questions": list(questions)})
    except InvalidDefinition as invalid:
        return [(problem.where, problem.reason) for problem in invalid.problems]
    return []


def when(**condition):
    return note("then", when=condition)


@pytest.mark.parametrize(
    ("question", "where", "reason"),
    [
        (note(type="date"), "questions[0]", "has the unknown type 'date'; known types are 'choice', 'choices', "),
        ({"key": "note"}, "questions[0]", "has no 'type'; say which of the known types it is"),
        ("note", "questions[0]", "must be an object of keys and values"),
        (note(colour="red"), "questions[0].colour", "is not a known key here"),
        (note("Note"), "questions[0].key", "must be a lower-case name such as is_safe"),
        ({"key": "note", "type": "text"}, "questions[0].title", "is missing"),
        (note(required="yes"), "questions[0].required", "must be true or false"),
        (note(why="always"), "questions[0].why", "must be one of 'off', 'optional' or 'required'"),
        (
            note(why={"required_if": {"op": "=", "value": {}}}),
            "questions[0].why.required_if",
            "the value of a condition",
        ),
        (note(about={"field": "body", "each": True}), "questions[0].about.field", "'body' is not a field of type cand"),
        (note(about={"field": "nope", "each": True}), "questions[0].about.field", "'nope' is not a field of type cand"),
        (note(about={"field": "chat", "each": False}), "questions[0].about.each", "must be one of True"),
        (note(about={"each": True}), "questions[0].about", "about names either a field or a question"),
        (
            note(about={"question": "note", "each": True}),
            "questions[0].about.question",
            "'note' is not a span question",
        ),
        (
            note(about={"field": "candidates", "each": True, "role": "user"}),
            "questions[0].about.role",
            "only the messages of a conversation have a role",
        ),
    ],
)
def test_a_wrong_question_is_refused_by_its_key(question, where, reason) -> None:
    found = problems(question)
    assert found[0][0] == where
    assert found[0][1].startswith(reason)


@pytest.mark.parametrize(
    ("field", "where", "reason"),
    [
        ({**TEXT, "type": "hologram"}, "fields[0]", "has the unknown type 'hologram'; known types are 'text'"),
        ({**TEXT, "from": "body"}, "fields[0].from", "must be a path into the item, such as item.prompt"),
        ({**TEXT, "latex": True}, "fields[0].latex", "is not a known key here"),
        ({**PAIR, "min": 3}, "fields[0]", "min 3 must not be more than max 2"),
        ({**PAIR, "min": 0}, "fields[0].min", "must be at least 1"),
        ({**PAIR, "max": "2"}, "fields[0].max", "must be a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_by_its_key(field, where, reason) -> None:
    found = problems(note(), fields=[field])
    assert found[0][0] == where
    assert found[0][1].startswith(reason)


@pytest.mark.parametrize("raw", [None, [], "x", 5, {"fields": {}}, {"fields": [], "questions": []}])
def test_what_is_no_definition_at_all_is_refused(raw) -> None:
    with pytest.raises(InvalidDefinition):
        parse_definition(raw)


def test_keys_are_unique() -> None:
    assert problems(note(), note(), fields=[TEXT, TEXT]) == [
        ("fields", "use the key 'body' twice"),
        ("questions", "use the key 'note' twice"),
    ]


def test_every_problem_is_reported_at_once() -> None:
    assert len(problems(note(colour="red"), note("other", required=1), fields=[{**TEXT, "from": "x"}])) == 3


@pytest.mark.parametrize(
    ("condition", "where", "reason"),
    [
        ({"question": "nope", "op": "=", "value": 1}, "questions[1].when.question", "'nope' is not a question"),
        ({"question": "note", "op": "~", "value": 1}, "questions[1].when.op", "must be one of '=', '!='"),
        ({"question": "note", "op": "in", "value": 1}, "questions[1].when", "'in' compares with a list"),
        ({"question": "note"}, "questions[1].when", "a condition on a question has an op"),
        ({}, "questions[1].when", "a condition has exactly one of question, all, any and not"),
        ({"all": []}, "questions[1].when", "a condition has exactly one of question, all, any and not"),
        ({"all": [{"question": "note", "op": "x", "value": 1}]}, "questions[1].when.all[0].op", "must be one of"),
        ({"not": {"question": "note", "op": "="}, "any": []}, "questions[1].when.not", "the value of a condition"),
    ],
)
def test_a_wrong_condition_is_refused_where_it_stands(condition, where, reason) -> None:
    found = problems(note(), when(**condition))
    assert found[0][0] == where
    assert found[0][1].startswith(reason)


def test_circles_are_refused() -> None:
    first = note("a", when={"question": "b", "op": "=", "value": "x"})
    second = note("b", when={"not": {"question": "a", "op": "=", "value": "x"}})
    [(where, reason)] = problems(first, second)
    assert where == "questions"
    assert reason.startswith("depend on each other in a circle: ")
    own = note("a", when={"question": "a", "op": "=", "value": "x"})
    assert problems(own)[0][1] == "depend on each other in a circle: a → a"


def test_a_question_cannot_depend_on_one_asked_about_other_parts() -> None:
    each = note("each", about={"field": "candidates", "each": True})
    [(where, reason)] = problems(each, when(question="each", op="=", value="x"))
    assert where == "questions[1].when.question"
    assert reason.startswith("'each' is asked about other parts")


def test_questions_are_checked_after_those_they_depend_on() -> None:
    questions = [when(question="note", op="!=", value=""), note()]
    definition = parse_definition({"fields": [TEXT], "questions": questions})
    assert [question.key for question in definition.in_order] == ["note", "then"]
    assert [question.key for question in definition.questions] == ["then", "note"]


def test_the_skill_is_the_domain_or_the_type() -> None:
    definition = parse_definition({"fields": [TEXT], "questions": [note(), note("other", domain="tax")]})
    assert [question.skill for question in definition.questions] == ["text", "tax"]


def test_deep_nesting_is_a_problem_and_no_crash() -> None:
    condition: dict = {"question": "note", "op": "=", "value": "x"}
    for _ in range(500):
        condition = {"not": condition}
    assert "nested deeper" in problems(note(), when(**condition))[0][1]
