"""JSONL as customers send it: good lines come through, each bad one is named by its line."""

import json
from pathlib import Path

import pytest

GOOD = b'{"external_id": "a1"}\n'


def test_a_bad_line_is_named_and_its_neighbours_come_through(reading) -> None:
    rows, bad = reading(b'{"id": 1}\n{"id": 2,}\n\n{"id": 3}', "jsonl")
    assert rows == [{"id": 1}, {"id": 3}]
    assert [problem.line for problem in bad] == [2]
    assert "not valid JSON" in bad[0].reason
    assert bad[0].as_problem("line").where == "line 2"


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(reading) -> None:
    assert reading(b'\xef\xbb\xbf{"t": "a\\r\\nb"}\r\n{"t": 2}\r\n', "jsonl") == ([{"t": "a\r\nb"}, {"t": 2}], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"score": NaN}', "NaN, which is not a number"),
        (b'{"score": -Infinity}', "-Infinity, which is not a number"),
        (b'{"score": 1e999}', "beyond the range"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "\\ud83d"}', "half of a surrogate pair"),
        (b'{"\\ud83d": 1}', "half of a surrogate pair"),
        (b'{"a": "\xe4\xf6"}', "is not UTF-8: byte 8 is 0xe4"),
        (b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}", "deeper than 64"),
        (b"[" * 1_000_000, "deeper than 64"),
        (b"[1, 2]", "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_what_would_not_survive_is_refused_by_line(reading, line: bytes, reason: str) -> None:
    rows, bad = reading(GOOD + line + b"\n" + GOOD, "jsonl")
    assert rows == [{"external_id": "a1"}] * 2
    assert [problem.line for problem in bad] == [2]
    assert reason in bad[0].reason


def test_text_is_kept_as_it_was_typed(reading) -> None:
    texts = ["a😀b", "e\u0301", "a\r\nb", "=1+1", "👩‍👩‍👧", "\\u0000", "\u2028"]
    rows, bad = reading(b"".join(json.dumps({"t": text}).encode() + b"\n" for text in texts), "jsonl")
    assert [row["t"] for row in rows] == texts
    assert bad == []


def test_integers_that_others_would_round_become_strings(reading) -> None:
    rows, _ = reading(b'{"a": 9007199254740992, "b": 9007199254740993, "c": -12345678901234567890, "d": 12}', "jsonl")
    assert rows == [{"a": 2**53, "b": "9007199254740993", "c": "-12345678901234567890", "d": 12}]


def test_nesting_up_to_the_limit_is_taken(reading) -> None:
    rows, bad = reading(b'{"a": ' + b"[" * 63 + b"]" * 63 + b"}", "jsonl")
    assert len(rows) == 1
    assert bad == []


def test_a_line_of_200_megabytes_is_passed_over_in_little_memory(reading, tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(GOOD + b'{"a": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + GOOD)
    rows, bad = reading(path, "jsonl", limits={"memory_bytes": 150_000_000})
    assert len(rows) == 2
    assert [problem.line for problem in bad] == [2]
    assert "longer than 10,000,000 bytes" in bad[0].reason


def test_a_long_line_without_an_end_is_one_problem(reading) -> None:
    rows, bad = reading(GOOD + b"x" * 500, "jsonl", limits={"line_bytes_max": 100})
    assert len(rows) == 1
    assert [problem.line for problem in bad] == [2]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"a": 1}\n'.encode("utf-16"), "UTF-16"),
        (b"\x1f\x8b\x08\x00rest", "compressed"),
        (b"PAR1rest", "Parquet"),
    ],
)
def test_another_kind_of_file_is_one_problem_of_the_file(reading, content: bytes, reason: str) -> None:
    rows, bad = reading(content, "jsonl")
    assert rows == []
    assert [problem.line for problem in bad] == [None]
    assert reason in bad[0].reason


def test_reading_goes_on_after_the_lines_already_taken(reading) -> None:
    assert reading(b'{"id": 1}\nbroken\n{"id": 3}\n', "jsonl", after_line=2) == ([{"id": 3}], [])


def test_an_empty_file_has_no_rows(reading) -> None:
    assert reading(b"", "jsonl") == ([], [])
