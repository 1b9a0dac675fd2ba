"""No cell of a sheet is run, nothing else is altered, and what was altered can be undone."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.delivery.spreadsheet import CELL_MAX, Heading, escape, unescape, write_data, write_spreadsheet

CORPUS = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(1)": "'@SUM(1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r'=1",
    "\n=1": "'\n'=1",
    " =1": "' =1",
    "\u00a0=1": "'\u00a0=1",
    "\ufeff=1": "'\ufeff=1",
    "\u200b=1": "'\u200b=1",
    "＝1": "'＝1",
    "＋1": "'＋1",
    "－1": "'－1",
    "＠1": "'＠1",
    "\x00=1": "'\x00=1",
    "a\n=1": "a\n'=1",
    "a\r\n=1": "a\r\n'=1",
    "a\n\t1": "a\n'\t1",
    '"=1': '"=1',
    "'=1": "''=1",
    "a=1": "a=1",
    "'tis": "'tis",
    "增值税": "增值税",
    "": "",
}


@pytest.mark.parametrize(("raw", "safe"), CORPUS.items())
def test_what_a_spreadsheet_might_run_gets_an_apostrophe(raw: str, safe: str) -> None:
    assert escape(raw) == safe
    assert unescape(safe) == raw


@given(st.text(alphabet="'=+-@ \t\r\n\x00\u00a0\ufeff\u200ba＝"))
def test_undoing_gives_back_exactly_what_was(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.text(alphabet="'=+-@ \t\r\n\x00\u00a0\ufeff\u200ba＝"))
def test_no_line_of_an_escaped_cell_starts_a_formula(text: str) -> None:
    for line in escape(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        assert not line.lstrip(" \u00a0\ufeff\u200b").startswith(("=", "+", "-", "@", "＝"))
        assert not line.startswith(("\t", "\x00"))


@pytest.mark.parametrize("raw", CORPUS)
def test_text_columns_and_headers_are_escaped_and_numbers_are_not(raw: str) -> None:
    sink = io.StringIO(newline="")
    done = write_spreadsheet([Heading(raw), Heading("n", is_number=True)], [(raw, -3)], sink)
    assert sink.getvalue().startswith("\ufeff")
    header, row = csv.reader(io.StringIO(sink.getvalue()[1:], newline=""))
    assert header == [escape(raw), "n"]
    assert row == [escape(raw), "-3"]
    assert done.columns == ({raw: 1} if escape(raw) != raw else {})


@pytest.mark.parametrize("raw", CORPUS)
def test_a_data_file_is_never_altered(raw: str) -> None:
    sink = io.StringIO(newline="")
    assert write_data([Heading(raw), Heading("other")], [(raw, None)], sink) == 1
    assert list(csv.reader(io.StringIO(sink.getvalue(), newline=""))) == [[raw, "other"], [raw, ""]]


def test_every_field_is_quoted_and_lines_end_as_spreadsheets_want() -> None:
    sink = io.StringIO(newline="")
    write_spreadsheet([Heading("a"), Heading("b", is_number=True)], [("x", 1), (None, None)], sink)
    assert sink.getvalue() == '\ufeff"a","b"\r\n"x","1"\r\n"",""\r\n'


def test_a_value_too_long_for_a_cell_is_cut_marked_and_counted() -> None:
    sink = io.StringIO(newline="")
    done = write_spreadsheet([Heading("a")], [("x" * 40_000,), ("x" * CELL_MAX,)], sink)
    long, whole = [row[0] for row in csv.reader(io.StringIO(sink.getvalue(), newline=""))][1:]
    assert (len(long), long[-6:], len(whole), done.cut) == (CELL_MAX, " [cut]", CELL_MAX, 1)
