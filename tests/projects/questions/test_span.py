"""Marked stretches of text, in code points."""

import pytest

from assay.projects import check_answers, check_item, complete_spans

SOURCE = "a😀b 𠮷 👩‍👩‍👧 e\u0301 欧盟 مرحبا\r\nz"
MARK = {
    "type": "span",
    "of": {"field": "source"},
    "labels": [{"id": "claim"}, {"id": "Accuracy/Omission (Translation)"}],
}


def span(start: int, end: int, quote: str | None = None, *, id: str = "s1", label: str = "claim"):
    return {
        "id": id,
        "label": label,
        "start": start,
        "end": end,
        "quote": SOURCE[start:end] if quote is None else quote,
    }


@pytest.fixture
def mark(ask):
    return lambda **more: ask(item={"source": SOURCE}, **MARK, **more)


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [
        (2, 3, "b"),
        (4, 5, "𠮷"),
        (6, 11, "👩‍👩‍👧"),
        (12, 14, "e\u0301"),
        (15, 17, "欧盟"),
        (18, 23, "مرحبا"),
        (23, 25, "\r\n"),
    ],
)
def test_offsets_count_code_points_of_the_text_as_imported(mark, start, end, quote) -> None:
    assert mark().stored([span(start, end, quote)]) == [span(start, end, quote)]


def test_offsets_in_utf16_are_caught_by_the_quote(mark) -> None:
    assert mark().refusal([span(3, 4, "b")]) == (
        "q.value[0].quote",
        "must be the text from 3 to 4 in code points, ' '",
    )


@pytest.mark.parametrize(
    ("wrong", "where", "reason"),
    [
        (span(2, 2, ""), "start", "2 must be 0 or more and lie before the end 2"),
        (span(-1, 2, "x"), "start", "-1 must be 0 or more and lie before the end 2"),
        (span(0, 99, "x"), "end", f"99 lies beyond the text, which has {len(SOURCE)} code points"),
        (span(0, 1, "x"), "quote", "must be the text from 0 to 1 in code points, 'a'"),
        ({**span(0, 1), "start": "0"}, "start", "must be a whole number"),
        ({**span(0, 1), "start": False}, "start", "must be a whole number"),
        (span(0, 1, label="opinion"), "label", "must be one of claim, Accuracy/Omission (Translation)"),
        (span(0, 1, id=""), "id", "must be a short text"),
        ({**span(0, 1), "note": "x"}, "note", "is not a known key here"),
        ({"id": "s1", "label": "claim", "start": 0, "end": 1}, "quote", "is missing"),
    ],
)
def test_a_wrong_span_is_refused_by_its_key(mark, wrong, where, reason) -> None:
    assert mark().refusal([wrong]) == (f"q.value[0].{where}", reason)


def test_spans_may_overlap_only_where_that_is_asked(mark) -> None:
    two = [span(2, 5, id="s2"), span(0, 3)]
    assert mark().refusal(two)[1] == "the spans 's1' and 's2' overlap, which is not asked for"
    assert mark(overlap=True).stored(two) == [span(0, 3), span(2, 5, id="s2")]
    assert mark().stored([span(3, 5, id="s2"), span(0, 3)]) == [span(0, 3), span(3, 5, id="s2")]


def test_ids_are_unique_and_the_minimum_is_kept(mark) -> None:
    assert mark().refusal([span(0, 1), span(2, 3)]) == ("q.value", "has two spans of the same id")
    assert mark(min=1).refusal([]) == ("q.value", "has 0 spans; at least 1 are asked for")
    assert mark().stored([]) == []


def test_of_candidates_it_is_asked_once_for_each(ask) -> None:
    asked = ask(**{**MARK, "of": {"field": "pair"}})
    rows = [{"question": "q", "target": target, "value": []} for target in ("p1", "p2")]
    assert [row["target"] for row in check_answers(asked.definition, asked.item, rows)] == ["p1", "p2"]
    assert asked.refusal([], target="p1") == ("q[p2]", "needs an answer")


def test_candidates_without_text_cannot_be_marked(ask) -> None:
    asked = ask(**{**MARK, "of": {"field": "pair"}})
    messages = [{"role": "assistant", "text": "x"}]
    [problem] = check_item(asked.definition, {"source": "x", "pair": [{"messages": messages}, {"text": "b"}]})
    assert (problem.where, problem.reason) == ("item.pair[0]", "has no text to mark")


@pytest.mark.parametrize(
    ("said", "more", "verdict", "score"),
    [
        ([span(0, 3), span(4, 5, id="s2")], {}, "right", 1),
        ([span(0, 3)], {}, "wrong", 2 / 3),
        ([span(0, 2), span(4, 5, id="s2")], {}, "wrong", 1 / 2),
        ([span(0, 2), span(4, 5, id="s2")], {"tolerance": 0.5}, "right", 1),
        ([span(0, 3), span(4, 5, id="s2"), span(6, 11, id="s3")], {}, "partly", 4 / 5),
        ([span(0, 3, label="Accuracy/Omission (Translation)"), span(4, 5, id="s2")], {}, "wrong", 1 / 2),
        ([], {}, "wrong", 0),
    ],
)
def test_the_grade_is_f1_of_matched_spans(mark, said, more, verdict, score) -> None:
    grade = mark().grade([[span(0, 3), span(4, 5, id="s2")]], said, **more)
    assert (grade.verdict, grade.score) == (verdict, pytest.approx(score))


def test_nothing_to_mark_and_nothing_marked_agree(mark) -> None:
    assert mark().grade([[]], []).verdict == "right"


def test_recorded_spans_get_the_ids_and_quotes_they_lack(mark) -> None:
    asked = mark()
    recorded = [{"question": "q", "value": [{"label": "claim", "start": 15, "end": 17}]}]
    [row] = check_answers(asked.definition, asked.item, complete_spans(asked.definition, asked.item, recorded))
    assert [(s["quote"], bool(s["id"])) for s in row["value"]] == [("欧盟", True)]
    beyond = [{"question": "q", "value": [{"label": "claim", "start": 15, "end": 170}]}]
    assert complete_spans(asked.definition, asked.item, beyond)[0]["value"][0]["end"] == 170  # left for the check
