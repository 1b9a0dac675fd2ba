"""Parquet: a few rows at a time. The footer's sizes are not believed; `child.py` counts what comes out."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assay.tasks.reading.model import BadRow, Source
from assay.tasks.reading.values import BadValueError, plain

ROWS_AT_ONCE = 500


def read(source: Source) -> Iterator[tuple[int, dict[str, Any]] | BadRow]:
    """Each row's values, or what is wrong with it. Damage gives one problem, after the rows that came before it."""
    try:
        with pq.ParquetFile(source.path, memory_map=False, pre_buffer=False, buffer_size=1 << 20) as file:
            names = file.schema_arrow.names
            if wrong := _schema_refusal(names, source):
                yield BadRow(None, wrong)
                return
            yield from _rows(file, source)
    except (MemoryError, pa.ArrowMemoryError):
        yield BadRow(None, "needs more memory than one file may take when unpacked; write smaller pages and row groups")
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        yield BadRow(None, f"is not a readable Parquet file: {_first_line(error)}")


def _rows(file: pq.ParquetFile, source: Source) -> Iterator[tuple[int, dict[str, Any]] | BadRow]:
    row = 0
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, use_threads=False):
        for values in batch.to_pylist():
            row += 1
            if row <= source.after_line:
                continue
            try:
                yield row, {name: plain(value, depth_max=source.limits.depth_max) for name, value in values.items()}
            except BadValueError as error:
                yield BadRow(row, str(error))


def _schema_refusal(names: list[str], source: Source) -> str | None:
    if len(names) > source.limits.columns_max:
        return f"has {len(names):,} columns; at most {source.limits.columns_max:,} are read"
    if len(set(names)) != len(names):
        return "has two columns of the same name; rename one"
    return None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
