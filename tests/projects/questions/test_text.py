"""Free text, lines and edits."""

import pytest

CODE_POINTS = [("👩‍👩‍👧", 5), ("𠮷", 1), ("e\u0301", 2), ("\r\n", 2), ("مرحبا", 5)]


@pytest.mark.parametrize(("text", "length"), CODE_POINTS)
def test_length_counts_code_points_and_text_stays_as_typed(ask, text, length) -> None:
    assert ask(type="text", length={"min": length, "max": length}).stored(text) == text
    assert ask(type="text", length={"min": length + 1}).refusal(text)[0] == "q.value"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a\0b", "contains a NUL character; remove it"),
        ("a\ud83d", "contains half of a surrogate pair; send whole characters"),
        ("x" * 100_001, "has more than 100,000 characters"),
        (5, "must be text"),
        (["a"], "must be text"),
    ],
)
def test_what_cannot_be_kept_is_refused(ask, value, reason) -> None:
    where, said = ask(type="text").refusal(value)
    assert where.startswith("q")
    assert said == reason


def test_a_line_has_no_line_ends_and_matches_its_pattern(ask) -> None:
    asked = ask(type="text", format="line", pattern=r"[A-Z]{2}-\d+")
    assert asked.stored("AB-12") == "AB-12"
    assert asked.refusal("AB-12\nC") == ("q.value", "must be a single line")
    assert asked.refusal("ab-12")[1].startswith("must match")


def test_lines_are_compared_after_folding(ask) -> None:
    asked = ask(type="text", format="line")
    assert asked.grade(["Straße  Éa"], " STRASSE E\u0301A").verdict == "right"
    assert asked.grade(["Street"], "Straße").verdict == "wrong"
    assert ask(type="text", format="line", fold=[]).grade(["a"], "A").verdict == "wrong"


EDIT = {
    "type": "text",
    "base": {"field": "candidates"},
    "about": {"field": "candidates", "each": True},
    "required": False,
}


def test_an_edit_says_where_it_began_and_whether_it_changed(ask) -> None:
    value = {"text": "Answer one", "base": "c1", "unchanged": False}
    assert ask(**EDIT).stored(value, target="c1") == value
    same = {"text": "Answer 1", "base": "c1", "unchanged": True}
    assert ask(**EDIT).stored(same, target="c1") == same


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"text": "Answer 1", "base": "c1"}, "q[c1].value.unchanged"),
        ({"text": "Answer one", "base": "c1", "unchanged": True}, "q[c1].value.unchanged"),
        ({"text": "x", "base": "c2"}, "q[c1].value.base"),
        ({"text": "x", "base": ["c1"]}, "q[c1].value.base"),
        ({"text": "x"}, "q[c1].value.base"),
        ({"base": "c1"}, "q[c1].value.text"),
        ("x", "q[c1].value"),
    ],
)
def test_a_wrong_edit_is_refused(ask, value, where) -> None:
    assert ask(**EDIT).refusal(value, target="c1")[0] == where


def test_line_ends_of_the_draft_are_no_change(ask) -> None:
    asked = ask(item={"source": "a\r\nb"}, type="text", base={"field": "source"})
    assert asked.stored({"text": "a\nb", "unchanged": True}) == {"text": "a\nb", "base": None, "unchanged": True}


def test_the_wide_export_derives_the_edit(ask) -> None:
    assert ask(**EDIT).columns({"text": "Answer one", "base": "c1"}, target="c1") == {
        "q.c1": "Answer one",
        "q.c1.base": "c1",
        "q.c1.diff": [["=", "Answer "], ["-", "1"], ["+", "one"]],
        "q.c1.edit_distance": 4,
        "q.c1.unchanged": False,
    }


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"pattern": "a"}, "pattern: only a text of format line can have one"),
        ({"format": "line", "pattern": "("}, "pattern: is no regular expression"),
        ({"length": {"min": 3, "max": 2}}, "min 3 must not be more than max 2"),
        ({"aggregate": "majority"}, "agreement and aggregate: free text has none"),
        ({"base": {"field": "nowhere"}}, "'nowhere' is not a field of this project"),
    ],
)
def test_a_wrong_definition_is_refused(fault, keys, reason) -> None:
    assert fault(type="text", **keys)[1].startswith(reason)
