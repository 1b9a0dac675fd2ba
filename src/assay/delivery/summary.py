"""What the tables of a bundle add up to, counted from the files as written and not from what we meant to write."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from assay.delivery.tables import ANNOTATORS, CHECKS, ITEMS, RESPONSES, SETTLED, Table

pc: Any = pyarrow.compute  # its functions are made at run time: no type checker sees them

FEWEST_IN_A_GROUP = 10  # smaller groups of people are withheld


class CountsDisagree(Exception):
    """The rows of a release do not lead to each other; it is not written."""


@dataclass(frozen=True)
class Summary:
    """Counts and spans over the whole release."""

    by_lot: dict[str, dict[str, int]]  # lot -> tasks, settled, responses, checks
    responses_per_task: tuple[int, float, int]  # least, mean, most
    counted: int
    active_seconds_median: float | None
    active_seconds_n: int
    first_submitted: datetime | None
    last_submitted: datetime | None
    disclosed_ai: int
    annotators: int
    groups: dict[str, dict[str, int | str]]  # language, vendor, country -> value -> people, or "withheld"
    how_settled: dict[str, int]


def summarise(folder: Path) -> Summary:
    """Read the written tables, column by column. Raises CountsDisagree when rows lead nowhere."""
    columns = ["external_id", "response_id", "task_id", "lot", "counted", "submitted_at", "active_seconds"]
    responses = _read(folder, RESPONSES, [*columns, "annotator", "ai_disclosure"])
    settled = _read(folder, SETTLED, ["external_id", "task_id", "lot", "how", "responses"])
    people = _read(folder, ANNOTATORS, ["annotator", "vendor", "languages", "country"])
    checks = _read(folder, CHECKS, ["lot", "task_id"])
    items = _read(folder, ITEMS, ["external_id"])
    _lead_to(settled, "external_id", items, "external_id", "settled rows have no item")
    _lead_to(responses, "external_id", items, "external_id", "responses have no item")
    _lead_to(responses, "annotator", people, "annotator", "responses have no annotator")
    _lead_to(items, "external_id", settled, "external_id", "items have no settled answer")
    _lead_to(checks, "task_id", settled, "task_id", "checks have no settled task")
    rested_on = pa.table({"id": pc.list_flatten(settled["responses"])})
    _lead_to(rested_on, "id", responses, "response_id", "settled answers rest on responses that are not here")
    per_task = pc.value_counts(responses["task_id"]).field("counts") if responses.num_rows else pa.array([0])
    seconds = pc.drop_null(responses["active_seconds"])
    times = pc.min_max(responses["submitted_at"])
    return Summary(
        by_lot=_by_lot(settled, responses, checks),
        responses_per_task=(pc.min(per_task).as_py(), pc.mean(per_task).as_py(), pc.max(per_task).as_py()),
        counted=pc.sum(responses["counted"]).as_py() or 0,
        active_seconds_median=pc.quantile(seconds, 0.5)[0].as_py() if len(seconds) else None,
        active_seconds_n=len(seconds),
        first_submitted=times["min"].as_py(),
        last_submitted=times["max"].as_py(),
        disclosed_ai=responses.num_rows - responses["ai_disclosure"].null_count,
        annotators=people.num_rows,
        groups={
            "language": _groups(pc.list_flatten(people["languages"])),
            "vendor": _groups(people["vendor"]),
            "country": _groups(people["country"]),
        },
        how_settled=_counts(settled["how"]),
    )


def _read(folder: Path, table: Table, columns: list[str]) -> pa.Table:
    return pq.read_table(folder / table.path, columns=columns)


def _lead_to(rows: pa.Table, column: str, others: pa.Table, other: str, otherwise: str) -> None:
    lost = rows.num_rows - (pc.sum(pc.is_in(rows[column], value_set=others[other])).as_py() or 0)
    if lost:
        raise CountsDisagree(f"{lost} {otherwise}")


def _by_lot(settled: pa.Table, responses: pa.Table, checks: pa.Table) -> dict[str, dict[str, int]]:
    tasks = settled.group_by(["lot"]).aggregate([("task_id", "count_distinct")])
    by_lot = {row["lot"]: {"tasks": row["task_id_count_distinct"]} for row in tasks.to_pylist()}
    for name, table in (("settled", settled), ("responses", responses), ("checks", checks)):
        counts = _counts(table["lot"])
        for lot in by_lot:
            by_lot[lot][name] = counts.get(lot, 0)
    return dict(sorted(by_lot.items()))


def _counts(column: Any) -> dict[str, int]:
    found = pc.value_counts(column).to_pylist()
    return dict(sorted((each["values"], each["counts"]) for each in found if each["values"] is not None))


def _groups(column: Any) -> dict[str, int | str]:
    """People per value; a group small enough to point at someone is withheld."""
    return {value: n if n >= FEWEST_IN_A_GROUP else "withheld" for value, n in _counts(column).items()}
