"""Files of a bundle in the making: every byte goes to the disk and into the digests of the manifest."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assay.delivery.tables import Column, Row, Table
from assay.kernel import canonical_json, sha256_hex

LINES_PER_BLOCK = 1_000

_TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "texts": pa.list_(pa.string()),
    "number": pa.float64(),
    "whole": pa.int64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


class OutOfOrder(Exception):
    """Rows came unsorted or twice: the release would not be reproducible, so it is not written."""


@dataclass(frozen=True)
class Block:
    """A stretch of a file: its rows, bytes and digest. It lets a reader name the rows that were altered."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """One finished file of the bundle."""

    name: str
    sha256: str
    bytes: int
    rows: int | None = None
    blocks: tuple[Block, ...] = ()

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"bytes": self.bytes}
        if self.rows is not None:
            said["rows"] = self.rows
            said["blocks"] = [[b.rows, b.bytes, b.sha256] for b in self.blocks]
        return said


class Growing(io.RawIOBase):
    """A file being written, digested as a whole and block by block."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._whole = hashlib.sha256()
        self._block = hashlib.sha256()
        self._size = 0
        self._block_start = 0
        self.blocks: list[Block] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._file.write(data)
        self._whole.update(data)
        self._block.update(data)
        size = memoryview(data).nbytes
        self._size += size
        return size

    def tell(self) -> int:
        return self._size

    def end_block(self, rows: int) -> None:
        """Close the block. What follows the last rows (a Parquet footer) is a block of no rows."""
        if self._size > self._block_start:
            self.blocks.append(Block(rows, self._size - self._block_start, self._block.hexdigest()))
        self._block, self._block_start = hashlib.sha256(), self._size

    def finish(self, name: str) -> Part:
        self.end_block(0)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        rows = sum(block.rows for block in self.blocks)
        return Part(name, self._whole.hexdigest(), self._size, rows, tuple(self.blocks))


@contextmanager
def growing(folder: Path, name: str) -> Iterator[Growing]:
    """Open a new file of the bundle; its folder is made as needed."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    file = Growing(path)
    try:
        yield file
    finally:
        file._file.close()


def write_bytes(folder: Path, name: str, content: bytes) -> Part:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Part(name, sha256_hex(content), len(content))


def write_lines(folder: Path, name: str, rows: Iterable[Row]) -> Part:
    """Canonical JSON, one row a line."""
    lines = (canonical_json(row) + b"\n" for row in rows)
    with growing(folder, name) as file:
        while block := list(islice(lines, LINES_PER_BLOCK)):
            file.write(b"".join(block))
            file.end_block(len(block))
        return file.finish(name)


def write_table(folder: Path, table: Table, rows: Iterable[Row]) -> Part:
    """A Parquet file with fixed schema and row groups. Raises OutOfOrder unless each row sorts after the one before."""
    schema = schema_of(table)
    ordered = _in_order(table, rows)
    with growing(folder, table.path) as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            while group := list(islice(ordered, table.rows_per_group)):
                writer.write_batch(_batch(table, schema, group), row_group_size=table.rows_per_group)
                file.end_block(len(group))
        return file.finish(table.path)


def schema_of(table: Table) -> pa.Schema:
    return pa.schema([pa.field(column.name, _TYPES[column.kind]) for column in table.columns])


def read_table(folder: Path, table: Table, columns: list[str]) -> Iterator[dict[str, Any]]:
    """The rows as written, one row group at a time."""
    with pq.ParquetFile(folder / table.path) as file:
        for batch in file.iter_batches(batch_size=1_000, columns=columns):
            yield from batch.to_pylist()


def _batch(table: Table, schema: pa.Schema, rows: list[Row]) -> pa.RecordBatch:
    arrays = [pa.array(_cells(column, rows), type=_TYPES[column.kind]) for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cells(column: Column, rows: list[Row]) -> list[Any]:
    cells = [row[column.name] for row in rows]
    if column.kind == "json":
        return [None if cell is None else canonical_json(cell).decode() for cell in cells]
    return cells


def _in_order(table: Table, rows: Iterable[Row]) -> Iterator[Row]:
    last: tuple[str | int, ...] | None = None
    for row in rows:
        key = table.sort_key(row)
        if last is not None and key <= last:
            raise OutOfOrder(f"{table.name}: {key} came after {last}")
        last = key
        yield row
