"""Parquet, whose footer can say anything: good files come through, bombs end in a problem."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def written(path: Path, columns: dict[str, object], **how) -> Path:
    pq.write_table(pa.table(columns), path, **how)
    return path


def test_rows_come_as_json_values(reading, tmp_path: Path) -> None:
    path = written(
        tmp_path / "good.parquet",
        {
            "id": ["a", "b"],
            "n": pa.array([2**60, 3]),
            "when": pa.array([datetime(2026, 1, 2, tzinfo=UTC)] * 2),
            "total": pa.array([Decimal("1.50"), None]),
            "candidates": [[{"id": "c1", "text": "=1+1"}], []],
        },
    )
    rows, bad = reading(path, "parquet")
    assert rows[0] == {
        "id": "a",
        "n": str(2**60),
        "when": "2026-01-02T00:00:00+00:00",
        "total": "1.50",
        "candidates": [{"id": "c1", "text": "=1+1"}],
    }
    assert (rows[1]["n"], rows[1]["total"]) == (3, None)
    assert bad == []


def test_a_row_with_nan_or_bytes_is_named(reading, tmp_path: Path) -> None:
    path = written(tmp_path / "nan.parquet", {"x": [1.0, float("nan"), 2.0], "y": pa.array([None, None, b"\xff"])})
    rows, bad = reading(path, "parquet")
    assert rows == [{"x": 1.0, "y": None}]
    assert [(problem.line, problem.reason[:9]) for problem in bad] == [(2, "holds nan"), (3, "holds byt")]


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_file_cut_short_is_one_problem(reading, tmp_path: Path, keep: float) -> None:
    whole = written(tmp_path / "whole.parquet", {"id": [str(n) for n in range(1000)]}).read_bytes()
    rows, bad = reading(whole[: int(len(whole) * keep)], "parquet")
    assert rows == []
    assert [problem.line for problem in bad] == [None]
    assert "not a readable Parquet file" in bad[0].reason


def test_rows_before_the_damage_come_through(reading, tmp_path: Path) -> None:
    values = [f"{n:x}" * 9 for n in range(4000)]
    path = written(tmp_path / "damaged.parquet", {"id": values}, row_group_size=1000, compression="zstd")
    content = bytearray(path.read_bytes())
    place = pq.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    content[place : place + 200] = b"\xff" * 200
    rows, bad = reading(bytes(content), "parquet")
    assert [row["id"] for row in rows] == values[:2000]
    assert [problem.line for problem in bad] == [None]


def test_one_giant_page_is_stopped_by_the_limit_on_memory(reading, tmp_path: Path) -> None:
    path = tmp_path / "giant.parquet"
    column = pa.array(["x" * 400_000_000])
    pq.write_table(pa.table({"id": column}), path, compression="zstd", use_dictionary=False, write_statistics=False)
    assert path.stat().st_size < 200_000
    rows, bad = reading(path, "parquet", limits={"memory_bytes": 350_000_000})
    assert rows == []
    assert [problem.line for problem in bad] == [None]
    assert "memory" in bad[0].reason


def test_many_small_pages_are_stopped_by_the_count_of_bytes(reading, tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 600_000, pa.int8()), pa.array(["x" * 1000]))
    pq.write_table(pa.table({"id": text}), path, compression="zstd")
    assert path.stat().st_size < 70_000
    rows, bad = reading(path, "parquet")
    assert 0 < len(rows) < 70_000
    assert "decompression bomb" in bad[0].reason


def test_a_file_that_eats_time_is_stopped(reading, tmp_path: Path) -> None:
    path = written(tmp_path / "slow.parquet", {str(n): pa.nulls(400_000, pa.bool_()) for n in range(300)})
    rows, bad = reading(path, "parquet", limits={"cpu_seconds": 1})
    assert len(rows) < 400_000
    assert "took more than" in bad[-1].reason or "unpacks to more" in bad[-1].reason
