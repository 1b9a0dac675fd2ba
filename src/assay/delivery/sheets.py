"""Tables of a bundle once more, as CSV for people who open them in a spreadsheet."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.delivery.files import LINES_PER_BLOCK, Growing, Part, growing, read_table
from assay.delivery.spreadsheet import Heading, write_spreadsheet
from assay.delivery.tables import TABLES, Table


def write_sheets(folder: Path, names: tuple[str, ...]) -> tuple[list[Part], dict[str, Any]]:
    """sheets/<table>.csv for each table asked for, and which columns were escaped."""
    parts: list[Part] = []
    escaped: dict[str, Any] = {}
    for table in TABLES:
        if table.name in names:
            name = f"sheets/{table.name}.csv"
            with growing(folder, name) as file:
                sink = _Blocks(file)
                headings = [Heading(c.name, is_number=c.kind in ("number", "whole")) for c in table.columns]
                done = write_spreadsheet(headings, _cells(folder, table, sink), sink)
                sink.flush()
                escaped[name] = done.as_json()
                parts.append(file.finish(name))
    return parts, escaped


class _Blocks:
    """Text on its way into a digested file; `row` closes a block now and then."""

    def __init__(self, file: Growing) -> None:
        self._file = file
        self._text = io.StringIO()
        self._rows = 0

    def write(self, text: str, /) -> int:
        return self._text.write(text)

    def row(self) -> None:
        if self._rows == LINES_PER_BLOCK:
            self.flush()
        self._rows += 1

    def flush(self) -> None:
        self._file.write(self._text.getvalue().encode())
        self._file.end_block(self._rows)
        self._text, self._rows = io.StringIO(), 0


def _cells(folder: Path, table: Table, sink: _Blocks) -> Iterator[list[Any]]:
    names = [column.name for column in table.columns]
    for row in read_table(folder, table, names):
        sink.row()
        yield [_cell(row[name]) for name in names]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "|".join(value)
    return value.isoformat() if isinstance(value, datetime) else value
