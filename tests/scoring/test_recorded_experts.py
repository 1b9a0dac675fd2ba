"""Eight professionals' recorded spans and penalties: the numbers shown equal those computed straight from the files."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from assay import projects, review, scoring
from assay.jobs.drain import drain_organisation
from assay.kernel import new_id
from assay.projects import project_file
from assay.quality.agreement import alpha
from assay.scoring import report
from assay.storage import Actor, Database
from assay.tasks.imports import Import, ImportKind, Options, load, receive
from assay.tasks.reading import FileFormat

Said = dict[tuple[str, str], dict[str, Any]]


def project(labels: list[str]) -> dict[str, Any]:
    spans = {"type": "span", "labels": [{"id": label} for label in labels], "overlap": True, "required": False}
    return {
        "name": "Experts",
        "version": "1.0.0",
        "guideline": {"version": "1.0.0", "markdown": "Mark every error."},
        "fields": [
            {"key": "source", "type": "text", "from": "item.source"},
            {"key": "target", "type": "text", "from": "item.target"},
        ],
        "questions": [
            {"key": "in_source", "title": "Errors", "of": {"field": "source"}} | spans,
            {"key": "in_target", "title": "Errors", "of": {"field": "target"}} | spans,
            {"key": "penalty", "type": "number", "title": "Penalty", "min": 0},
        ],
        "quality": {"overlap_min": 3, "overlap_max": 3, "gold_share": 0},
    }


class Files:
    """The recorded files as rows to import."""

    def __init__(self, folder: Path) -> None:
        items = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
        self.items = [json.loads(line) for line in items]
        with (folder / "ratings.csv").open(encoding="utf-8") as lines:
            self.ratings = list(csv.DictReader(lines))
        with (folder / "gold.csv").open(encoding="utf-8") as lines:
            self.gold = list(csv.DictReader(lines))
        self.spans = pq.read_table(folder / "spans.parquet").to_pylist()

    @property
    def labels(self) -> list[str]:
        return sorted({span["category"] for span in self.spans})

    def responses(self) -> list[dict[str, Any]]:
        marked: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(
            lambda: {"source": [], "target": []}
        )
        texts = {row["item"]: row for row in self.items}
        for span in self.spans:
            # 64 marks reach one place beyond the text, to say that its end lacks something: here they end with it
            end = min(span["end"], len(texts[span["item"]][span["side"]]))
            place = {"label": span["category"], "start": min(span["start"], end - 1), "end": end}
            marked[span["item"], span["annotator"]][span["side"]].append(place)
        rows: list[dict[str, Any]] = []
        for row in self.ratings:
            spans = marked[row["item"], row["annotator"]]
            answers = [
                {"question": "in_source", "value": spans["source"]},
                {"question": "in_target", "value": spans["target"]},
                {"question": "penalty", "value": row["penalty"]},
            ]
            rows.append({"external_id": row["item"], "annotator": row["annotator"], "answers": answers})
        return rows


@pytest.fixture(scope="module")
def files(shared_data: Path) -> Files:
    return Files(shared_data / "experts_zh_en")


def take(database: Database, organisation_id: UUID, project_id: UUID, folder: Path, kind: str, rows: list[Any]) -> int:
    """Import rows; none may be bad."""
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    new = Import(new_id(), project_id, ImportKind(kind), FileFormat.JSONL, Options(), "file", len(content), "0")
    (folder / str(new.id)).write_bytes(content)

    def transact(work: Any) -> Any:
        return database.transact(organisation_id, Actor("person", new_id()), work)

    transact(lambda session: receive(session, new, created_by=None))
    load(transact, new.id, folder / str(new.id))
    found = transact(lambda session: session.one("select * from tasks_import where id = %s", (new.id,)))
    bad = transact(lambda session: session.all("select line, reason from tasks_import_problem limit 3"))
    assert found["problems"] == 0, bad
    return found["accepted"]


def test_the_numbers_equal_those_of_the_files(
    files: Files, database: Database, organisation_id: UUID, tmp_path: Path
) -> None:
    with database.transaction(organisation_id, Actor("person", new_id())) as session:
        project_id = projects.create(session, project_file.of_values(project(files.labels)))
        projects.move(session, project_id, "open")
    items = [{"external_id": row["item"], "source": row["source"], "target": row["target"],
              "slices": {"system": row["system"]}} for row in files.items]  # fmt: skip
    found = [{"external_id": g["item"], "annotator": g["annotator"], "question": "in_target",
              "found": g["found"] == "True"} for g in files.gold]  # fmt: skip
    assert take(database, organisation_id, project_id, tmp_path, "items", items) == 3_770
    assert take(database, organisation_id, project_id, tmp_path, "responses", files.responses()) == 11_310
    assert take(database, organisation_id, project_id, tmp_path, "gold_results", found) == 461

    with database.transaction(organisation_id, Actor("person", new_id())) as session:
        run_id = scoring.refit(session, project_id)
        shown = report.quality(session, project_id)
        assert (shown["responses"], shown["annotators"]) == (11_310, 8)
        assert shown["run"]["id"] == run_id
        by_key = {question["question"]: question for question in shown["questions"]}

        right = Counter(g["found"] for g in files.gold)["True"]
        (checks,) = by_key["in_target"]["gold"]
        assert (checks["right"], checks["n"], checks["value"]) == (right, 461, right / 461)

        expected = alpha(
            [row["item"] for row in files.ratings], [float(row["penalty"]) for row in files.ratings],
            distance="interval", replicates=0,
        )  # fmt: skip
        overall = next(row for row in by_key["penalty"]["agreement"] if row["slice"] == "")
        assert overall["value"] == pytest.approx(expected.value)
        assert overall["low"] < overall["value"] < overall["high"]
        assert overall["n_items"] == 3_770
        systems = {row["slice"] for row in by_key["penalty"]["agreement"]} - {""}
        assert len(systems) == len({row["system"] for row in files.items})

        rows = session.all(
            """select i.external_id, p.estimate, p.n from scoring_posterior p join tasks_task t on t.id = p.task_id
            join tasks_item i on i.id = t.item_id where p.project_id = %s and p.question = 'penalty'""",
            (project_id,),
        )
        penalties: dict[str, list[float]] = defaultdict(list)
        for row in files.ratings:
            penalties[row["item"]].append(float(row["penalty"]))
        assert {row["external_id"]: row["estimate"] for row in rows} == {k: median(v) for k, v in penalties.items()}

    drain_organisation(database, organisation_id)  # recorded tasks wait until a person says that all is in
    with database.transaction(organisation_id, Actor("person", new_id())) as session:
        assert review.settle_all(session, project_id) == 3_770
