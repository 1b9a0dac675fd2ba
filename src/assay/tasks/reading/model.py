"""What reading a file takes and gives: where it lies and how it is written, its rows, and what was wrong with it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from assay.kernel import Problem


class FileFormat(StrEnum):
    """The forms of a file that come in."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Limits:
    """What one file may cost. The defaults let through files of 100,000 items and more, and stop bombs."""

    line_bytes_max: int = 10_000_000  # one JSON line, one CSV record, or one Parquet row
    depth_max: int = 64  # of nested lists and objects
    columns_max: int = 2_000  # of a CSV or Parquet file
    memory_bytes: int = 512_000_000  # address space of the process that parses
    cpu_seconds: int = 20  # for a small file; `cpu_seconds_for` gives a large one its share
    decoded_bytes_min: int = 64_000_000  # what any file may grow to
    decoded_ratio_max: int = 100  # and how many times its size on disk a large one may

    def cpu_seconds_for(self, size_bytes: int) -> int:
        """A slow machine reads some 5 MB a second; a hundred times that is never needed."""
        return self.cpu_seconds + size_bytes // 2_000_000

    def decoded_bytes_for(self, size_bytes: int) -> int:
        return max(self.decoded_bytes_min, self.decoded_ratio_max * size_bytes)


@dataclass(frozen=True)
class Source:
    """A file and how it is written. Encoding and separator are what a person has said, never a guess."""

    path: Path
    format: FileFormat
    encoding: str = "utf-8"  # of CSV; JSONL is UTF-8 by definition
    separator: str = ","  # of CSV
    after_line: int = 0  # rows up to this line were taken before and are passed over
    limits: Limits = field(default_factory=Limits)

    @property
    def unit(self) -> str:
        """What its numbers count, in words fit to show."""
        return "row" if self.format is FileFormat.PARQUET else "line"


@dataclass(frozen=True, slots=True)
class Row:
    """One good row. Values are JSON values: no NaN, no NUL, no lone surrogate, no integer beyond 2**53."""

    line: int  # where the row begins, counted from 1; for Parquet the row's number
    values: dict[str, Any]
    size_bytes: int  # as JSON text


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be taken, or (without a line) the whole file."""

    line: int | None
    reason: str

    def as_problem(self, unit: str) -> Problem:
        return Problem("file" if self.line is None else f"{unit} {self.line}", self.reason)
