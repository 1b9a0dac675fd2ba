"""Turn the published files of a finished expert evaluation into files that Assay imports as they are.

    python convert.py RAW OUT

RAW holds items.jsonl, ratings.csv, spans.parquet and gold.csv of the professionals' judgements of Chinese to English
translations (WMT 2023, Freitag et al., github.com/google/wmt-mqm-human-evaluation). OUT gets items.jsonl,
responses.parquet and gold_results.csv, for the project in project.yaml beside this file.
"""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
PROJECT = HERE / "project.yaml"
QUESTION = {"source": "errors_in_source", "target": "errors_in_target"}  # side of the text -> question
MARK = pa.struct([("label", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
RESPONSES = pa.schema(
    [
        ("external_id", pa.string()),
        ("annotator", pa.string()),
        ("errors_in_source", pa.list_(MARK)),
        ("errors_in_target", pa.list_(MARK)),
        ("penalty", pa.string()),
        ("active_seconds", pa.float64()),
    ]
)
Row = dict[str, Any]


def convert(raw: Path, out: Path) -> None:
    """Write the three files into a folder, which is made."""
    out.mkdir(parents=True, exist_ok=True)
    spans: list[Row] = pq.read_table(raw / "spans.parquet").to_pylist()
    with (out / "items.jsonl").open("w", encoding="utf-8") as lines:
        for item in items(raw / "items.jsonl", spans):
            lines.write(json.dumps(item, ensure_ascii=False) + "\n")
    pq.write_table(pa.Table.from_pylist(responses(raw / "ratings.csv", spans), RESPONSES), out / "responses.parquet")
    with (out / "gold_results.csv").open("w", encoding="utf-8", newline="") as cells:
        table = csv.writer(cells)
        table.writerow(["external_id", "annotator", "question", "found"])
        table.writerows(
            [row["item"], row["annotator"], QUESTION["target"], row["found"]] for row in read(raw / "gold.csv")
        )


def items(path: Path, spans: list[Row]) -> Iterator[Row]:
    """Items with both texts, as the professionals had them before them.

    Their texts were published without the space at the end, but the marks were not: 64 of them, in 57 items, end one
    code point beyond the published target. Those targets get the space back, so that no mark has to be changed.
    """
    ends: dict[str, int] = defaultdict(int)
    for span in spans:
        if span["side"] == "target":
            ends[span["item"]] = max(ends[span["item"]], span["end"])
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield {
            "external_id": row["item"],
            "source": row["source"],
            "target": row["target"] + " " * (ends[row["item"]] == len(row["target"]) + 1),
            "document": row["document"],
            "segment": row["segment"],
            "slices": {"system": row["system"]},
        }


def responses(path: Path, spans: list[Row]) -> list[Row]:
    """What each professional marked in an item, the penalty that follows from it, and the seconds it took."""
    marks: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for span in spans:
        mark = {"label": label_of(span), "start": span["start"], "end": span["end"]}
        marks[span["item"], span["annotator"], span["side"]].append(mark)
    return [
        {
            "external_id": row["item"],
            "annotator": row["annotator"],
            "errors_in_source": marks[row["item"], row["annotator"], "source"],
            "errors_in_target": marks[row["item"], row["annotator"], "target"],
            "penalty": row["penalty"],
            "active_seconds": float(row["seconds"]),
        }
        for row in read(path)
    ]


def label_of(span: Row) -> str:
    """Category and severity are one label, so that a mark is the same only where both are."""
    return f"{span['category']}: {span['severity'].lower()}"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
