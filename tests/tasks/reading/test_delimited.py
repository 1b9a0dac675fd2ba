"""CSV and TSV: text stays text, and what is unclear is asked, not guessed."""

import pytest


def test_a_formula_is_a_text_like_any_other(reading) -> None:
    cells = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", "＝1", "=HYPERLINK(1)"]
    content = "id,text\n" + "".join(f'{n},"{cell}"\n' for n, cell in enumerate(cells))
    rows, bad = reading(content.encode(), "csv")
    assert [row["text"] for row in rows] == cells
    assert bad == []


def test_cells_are_kept_byte_for_byte(reading) -> None:
    rows, bad = reading('\ufeffid,text\r\n007,"a ""b""\r\nc, d "\r\n8,\r\n'.encode(), "csv")
    assert rows == [{"id": "007", "text": 'a "b"\r\nc, d '}, {"id": "8", "text": ""}]
    assert bad == []


def test_a_ragged_row_is_named_by_the_line_where_it_begins(reading) -> None:
    rows, bad = reading(b'a,b\n1,"x\ny"\n2\n3,4,5\n6,7\n', "csv")
    assert rows == [{"a": "1", "b": "x\ny"}, {"a": "6", "b": "7"}]
    assert [(problem.line, problem.reason[:11]) for problem in bad] == [(4, "has 1 cells"), (5, "has 3 cells")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b'2,"x"y', "not a CSV record"), (b"2,a\x00b", "NUL"), (b"2,caf\xe9", "is not UTF-8")],
)
def test_a_bad_record_is_named_and_its_neighbours_come_through(reading, line: bytes, reason: str) -> None:
    rows, bad = reading(b"a,b\n1,x\n" + line + b"\n3,y\n", "csv")
    assert [row["a"] for row in rows] == ["1", "3"]
    assert [problem.line for problem in bad] == [3]
    assert reason in bad[0].reason


def test_another_encoding_is_proposed_and_read_only_when_said(reading) -> None:
    text = "编号,文本\n" + "".join(f"{n},欧盟峰会为难民政策争论，接收过程步步瓶颈。\n" for n in range(30))
    content = text.encode("gb18030")
    rows, bad = reading(content, "csv")
    assert rows == []
    assert [problem.line for problem in bad] == [None]
    assert "encoding=gb" in bad[0].reason
    rows, bad = reading(content, "csv", encoding="gb18030")
    assert rows[0] == {"编号": "0", "文本": "欧盟峰会为难民政策争论，接收过程步步瓶颈。"}
    assert bad == []


def test_utf_16_is_read_when_said(reading) -> None:
    content = "id,text\n1,é\n".encode("utf-16")
    assert "UTF-16" in reading(content, "csv")[1][0].reason
    assert reading(content, "csv", encoding="utf-16") == ([{"id": "1", "text": "é"}], [])


def test_another_separator_is_proposed_and_used_only_when_said(reading) -> None:
    rows, bad = reading(b"id;text\n1;x\n", "csv")
    assert rows == []
    assert "separator=';'" in bad[0].reason
    assert reading(b"id\ttext\n1\t=x\n", "csv", separator="\t") == ([{"id": "1", "text": "=x"}], [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"a,a\n1,2\n", "two columns named 'a'"), (b"a,\n1,2\n", "without a name"), (b"", "is empty")],
)
def test_a_header_that_cannot_be_used_is_a_problem_of_the_file(reading, content: bytes, reason: str) -> None:
    rows, bad = reading(content, "csv")
    assert rows == []
    assert [problem.line for problem in bad] == [None]
    assert reason in bad[0].reason


def test_a_quote_that_is_never_closed_costs_one_record(reading) -> None:
    rows, bad = reading(b'a,b\n1,x\n2,"y\n' + b"3,z\n" * 50, "csv", limits={"line_bytes_max": 100})
    assert rows[0] == {"a": "1", "b": "x"}
    assert [problem.line for problem in bad] == [3]
    assert rows[-1] == {"a": "3", "b": "z"}


def test_a_long_line_is_passed_over(reading) -> None:
    rows, bad = reading(b"a,b\n1," + b"x" * 5_000_000 + b"\n2,y\n", "csv", limits={"line_bytes_max": 1000})
    assert rows == [{"a": "2", "b": "y"}]
    assert [problem.line for problem in bad] == [2]


def test_reading_goes_on_after_the_lines_already_taken(reading) -> None:
    assert reading(b'a,b\n1,"x\ny"\n2,z\n', "csv", after_line=2) == ([{"a": "2", "b": "z"}], [])
