"""CSV that a spreadsheet can open without running anything in it. Data files never pass through here.

A cell that starts like a formula gets a leading apostrophe. Number columns stay numbers, so that -3 stays -3.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

CELL_MAX = 32_767  # what the common spreadsheets hold
CUT = " [cut]"

_BLANK = "[ \\u00a0\\ufeff\\u200b-\\u200f\\u2060]*"
# An apostrophe that was there before counts as part of the start, so that undoing gives back exactly what was.
_RISKY = f"'*(?:{_BLANK}[=+\\-@＝＋－＠]|[\\t\\0])"
_RISKY_LINE = re.compile(f"^(?='*[\\r\\n])|(^|\\r\\n|\\r|\\n)(?={_RISKY})")
_ESCAPED_LINE = re.compile(f"^'(?='*[\\r\\n])|(^|\\r\\n|\\r|\\n)'(?={_RISKY})")


class Sink(Protocol):
    def write(self, text: str, /) -> Any: ...


@dataclass(frozen=True)
class Heading:
    """A column of the sheet; text columns are escaped, numbers are not."""

    name: str
    is_number: bool = False


@dataclass(frozen=True)
class Escaped:
    """What was altered: the columns with an apostrophe and how many cells, and how many cells were cut."""

    columns: dict[str, int]
    cut: int
    rows: int

    def as_json(self) -> dict[str, Any]:
        return {"columns": dict(sorted(self.columns.items())), "cut": self.cut}


def escape(text: str) -> str:
    """The text with an apostrophe before each line that a spreadsheet might run."""
    return _RISKY_LINE.sub(lambda found: f"{found[1] or ''}'", text)


def unescape(text: str) -> str:
    """What the text was before `escape`."""
    return _ESCAPED_LINE.sub(lambda found: found[1] or "", text)


def write_spreadsheet(headings: Sequence[Heading], rows: Iterable[Sequence[Any]], sink: Sink) -> Escaped:
    """Write a header and the rows: UTF-8 text with a byte order mark, CR LF, every field quoted."""
    escaped: Counter[str] = Counter()
    cut = count = 0
    sink.write("\ufeff")
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([escape(heading.name) for heading in headings])
    for row in rows:
        cells = []
        for heading, value in zip(headings, row, strict=True):
            text = "" if value is None else str(value)
            if not heading.is_number and (safe := escape(text)) != text:
                escaped[heading.name] += 1
                text = safe
            if len(text) > CELL_MAX:
                cut += 1
                text = text[: CELL_MAX - len(CUT)] + CUT
            cells.append(text)
        writer.writerow(cells)
        count += 1
    return Escaped(dict(escaped), cut, count)


def write_data(headings: Sequence[Heading], rows: Iterable[Sequence[Any]], sink: Sink) -> int:
    """Write rows as they are, for programs. Not for spreadsheets: nothing is escaped. Returns the rows written."""
    writer = csv.writer(sink, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")  # minimal quoting forgets a lone CR
    writer.writerow([heading.name for heading in headings])
    count = 0
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])
        count += 1
    return count
