"""CSV and TSV: every cell is text, kept byte for byte, also one that a spreadsheet would run as a formula.

The encoding and the separator are what a person said. When the bytes disagree, the problem proposes another, and
nothing is read under a guess.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from assay.tasks.reading.json_lines import refusal
from assay.tasks.reading.model import BadRow, Source
from assay.tasks.reading.values import BadValueError, check_text

ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that did not decode
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_BYTES = 256_000


class _TooLongError(Exception):
    """The record has grown beyond the limit; its rest was passed over."""


class _Lines:
    """Physical lines for the csv module, which remember what was wrong within the present record."""

    def __init__(self, text: io.TextIOWrapper, length_max: int) -> None:
        self.text = text
        self.length_max = length_max
        self.number = 0
        self.begin()

    def begin(self) -> None:
        self.length = 0
        self.wrong: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(self.length_max + 2)
        if not line:
            raise StopIteration
        self.number += 1
        self.length += len(line)
        cut = len(line) == self.length_max + 2 and line[-1] not in "\r\n"
        if cut or self.length > self.length_max + 2:
            while line and line[-1] not in "\r\n":
                line = self.text.readline(1 << 20)
            raise _TooLongError
        if not line.isascii() and ESCAPED.search(line):
            self.wrong = "encoding"
        elif "\0" in line:
            self.wrong = "NUL"
        return line


def read(source: Source) -> Iterator[tuple[int, dict[str, str]] | BadRow]:
    """Each record under the names of the header, or what is wrong with it."""
    csv.field_size_limit(source.limits.line_bytes_max)
    with source.path.open("rb") as file:
        wide = source.encoding.lower().replace("_", "-").startswith("utf-16")
        if wrong := None if wide else refusal(file):
            yield BadRow(None, wrong)
            return
        text = io.TextIOWrapper(file, source.encoding, errors="surrogateescape", newline="")
        yield from _records(source, _Lines(text, source.limits.line_bytes_max))


def _records(source: Source, lines: _Lines) -> Iterator[tuple[int, dict[str, str]] | BadRow]:
    reader = csv.reader(lines, delimiter=source.separator, strict=True)
    header: list[str] | None = None
    proposed = False
    while True:
        first = lines.number + 1
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            break
        except _TooLongError:
            yield BadRow(
                first, f"is longer than {source.limits.line_bytes_max:,} characters; split it, or link to files"
            )
            continue
        except csv.Error as error:
            yield BadRow(
                first, f"is not a CSV record: {error}; text with quotes, separators or line ends is put in quotes"
            )
            continue
        if header is None:
            header = cells
            if wrong := _header_refusal(cells, lines.wrong, source):
                yield BadRow(None, wrong)
                return
        elif not cells or first <= source.after_line:
            continue
        elif lines.wrong == "encoding":
            yield BadRow(first, _wrong_encoding(source, propose=not proposed))
            proposed = True
        elif len(cells) != len(header):
            yield BadRow(
                first, f"has {len(cells)} cells where the header has {len(header)}; mind separators inside text"
            )
        elif wrong := _text_refusal(cells) if lines.wrong else None:
            yield BadRow(first, wrong)
        else:
            yield first, dict(zip(header, cells, strict=True))
    if header is None:
        yield BadRow(None, "is empty; the first line names the columns")


def _header_refusal(names: list[str], wrong: str | None, source: Source) -> str | None:
    if wrong == "encoding":
        return _wrong_encoding(source, propose=True)
    if wrong or any(not name.strip() for name in names):
        return "has a column without a name in its first line; every column needs one"
    if len(names) > source.limits.columns_max:
        return f"has {len(names):,} columns; at most {source.limits.columns_max:,} are read"
    if twice := next((name for name in names if names.count(name) > 1), None):
        return f"has two columns named {twice[:80]!r}; rename one"
    others = {sign: names[0].count(sign) for sign in SEPARATORS if sign != source.separator}
    likely = max(others, key=lambda sign: others[sign])
    if len(names) == 1 and others[likely]:
        return (
            f"has one column when separated by {SEPARATORS.get(source.separator, source.separator)}; it looks separated"
            f" by {SEPARATORS[likely]}: if so, import it again with separator={likely!r}"
        )
    return None


def _text_refusal(cells: list[str]) -> str | None:
    for cell in cells:
        try:
            check_text(cell)
        except BadValueError as error:
            return str(error)
    return None


def _wrong_encoding(source: Source, *, propose: bool) -> str:
    said = f"is not {source.encoding.upper()}"
    likely = likely_encoding(source) if propose else None
    if likely is None:
        return f"{said}; save the file as UTF-8, or say its encoding"
    return f"{said}; the file looks like {likely}: if so, import it again with encoding={likely}, or save it as UTF-8"


def likely_encoding(source: Source) -> str | None:
    """What charset-normalizer makes of the lines that are not UTF-8; a proposal for a person, used nowhere else."""
    from charset_normalizer import from_bytes  # slow to load, and wanted only when something is wrong

    with source.path.open("rb") as file:
        broken = (line for line in islice(file, 100_000) if not _is_utf8(line))
        sample = b"".join(islice(broken, 500))[:SAMPLE_BYTES]
    best = from_bytes(sample).best() if sample else None
    return best.encoding.replace("_", "-") if best and best.encoding != "ascii" else None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
