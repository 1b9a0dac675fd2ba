"""Labels of two crowds are brought by the command line as the guide says; how often the settled labels are right is
printed, and equals what the files say by themselves."""

import csv
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from tests.stories.customer.conftest import Served

import assay
from assay.client.verify import verify
from assay.quality import Votes
from assay.quality.aggregation import dawid_skene
from assay.quality.agreement import alpha
from assay.quality.estimation.proportion import beta_interval

PROJECT = """\
name: {name}
languages: [en]
version: 1.0.0
guideline: {{version: 1.0.0, markdown: Yes or no?}}
fields:
  - {{key: text, type: text, from: item.text}}
questions:
  - {{key: label, type: choice, title: Which is it?, options: [{{id: "0", title: "No"}}, {{id: "1", title: "Yes"}}]}}
quality:
  overlap_min: {overlap}
  overlap_max: {overlap}
  acceptance: {{error_limit: 0.15, confidence: 0.95, checks_min: 30, checks_max: 400}}
"""
Typed = Callable[..., str]


@dataclass(frozen=True)
class Crowd:
    """One set of recorded labels, read without any of our code in between."""

    name: str
    folder: Path

    def labels(self) -> dict[str, list[Any]]:
        return pq.read_table(self.folder / "labels.parquet").to_pydict()

    def gold(self) -> dict[str, str]:
        with (self.folder / "gold.csv").open(encoding="utf-8", newline="") as lines:
            return {row["task"]: row["label"] for row in csv.DictReader(lines)}

    def inferred(self) -> dict[str, str]:
        """The likeliest label of each task by Dawid-Skene."""
        columns = self.labels()
        votes = Votes.of(columns["task"], columns["worker"], map(str, columns["label"]), labels_known=("0", "1"))
        names = map(str, votes.item_names)
        return dict(zip(names, map(str, dawid_skene.fit(votes).label.tolist()), strict=True))

    def alpha(self) -> float | None:
        columns = self.labels()
        return alpha(columns["task"], columns["label"], distance="nominal", replicates=0).value

    def write_items(self, path: Path) -> int:
        """The texts were not published, so an item says only which it is."""
        tasks = list(dict.fromkeys(self.labels()["task"]))
        path.write_text("".join(json.dumps({"external_id": task, "text": f"item {task}"}) + "\n" for task in tasks))
        return len(tasks)


def bring(typed: Typed, crowd: Crowd, folder: Path, *, overlap: int) -> int:
    """Type what docs/guides/recorded-data.md says; every row goes in."""
    (folder / "project.yaml").write_text(PROJECT.format(name=crowd.name, overlap=overlap))
    count = crowd.write_items(folder / "items.jsonl")
    typed("project", "create", folder / "project.yaml")
    typed("project", "open", crowd.name)
    assert typed("import", crowd.name, folder / "items.jsonl").startswith(f"{count:,} rows in, 0 known before, 0 with")
    said = typed("import", crowd.name, crowd.folder / "labels.parquet", "--kind", "responses")
    assert said.startswith(f"{len(crowd.labels()['task']):,} rows in, 0 known before, 0 with problems")
    typed("settle", crowd.name, "--even-disputed")
    gold = typed("import", crowd.name, crowd.folder / "gold.csv", "--kind", "gold", "--column", "label=accept")
    assert gold.startswith(f"{len(crowd.gold()):,} rows in, 0 known before, 0 with problems")
    return count


def settled_labels(client: assay.Client, project: UUID, wanted: set[str]) -> dict[str, str]:
    """The settled label of each of these items, one request each."""
    ids = [task.id for task in client.tasks.list(project, state="settled") if task.external_id in wanted]
    with ThreadPoolExecutor(4) as pool:
        tasks = list(pool.map(client.tasks.get, ids))
    return {task.external_id: next(one.value for one in task.settled) for task in tasks}


def accuracy_is_shown_as_the_files_say(client: assay.Client, typed: Typed, project: UUID, crowd: Crowd) -> float:
    """Of the settled labels against the key, by the numbers and by the command line."""
    gold, expected = crowd.gold(), crowd.inferred()
    settled = settled_labels(client, project, set(gold))
    assert settled == {task: expected[task] for task in gold}
    right = sum(settled[task] == label for task, label in gold.items())
    estimate = beta_interval(right, len(gold))
    printed = typed("quality", crowd.name, "--refit")
    shown = client.projects.quality(project)["questions"][0]
    assert shown["accuracy"]["value"] == pytest.approx(right / len(gold))
    assert (shown["accuracy"]["n"], shown["accuracy"]["low"]) == (len(gold), pytest.approx(estimate.low))
    (alike,) = [row for row in shown["agreement"] if not row["slice"]]
    assert alike["value"] == pytest.approx(crowd.alpha(), abs=1e-9)
    assert f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})\t{len(gold)}" in printed
    print(f"{crowd.name}: {right} of {len(gold)} settled labels are right, alpha {alike['value']:.4f}\n{printed}")
    return right / len(gold)


def test_eight_hundred_entailments_are_settled_inspected_by_their_truth_and_released(
    served: Served, shared_data: Path, tmp_path: Path
) -> None:
    crowd = Crowd("RTE", shared_data / "truth" / "categorical" / "rte")
    owner = served.found()
    auditor, typed = served.join(owner, "auditor"), served.by(owner)
    started = time.monotonic()
    assert bring(typed, crowd, tmp_path, overlap=10) == 800
    project = owner.projects.find(crowd.name).id
    assert owner.projects.progress(project)["tasks"] == {"settled": 800}
    accuracy = accuracy_is_shown_as_the_files_say(owner, typed, project, crowd)
    assert accuracy > 0.9

    lot = typed("lot", "seal", crowd.name)
    gold = crowd.gold()
    while check := auditor.checks.claim(lot):
        truth = gold[check.payload["text"].removeprefix("item ")]
        (settled,) = auditor.checks.answer(check, [{"question": "label", "value": truth}])
        is_right = settled.value == truth
        verdict = ("conforming", None) if is_right else ("nonconforming", "major")
        if auditor.checks.judge(check, verdict[0], severity=verdict[1]).lot_state != "inspecting":  # type: ignore[arg-type]
            break
    said = json.loads(typed("lot", "certificate", lot))
    assert 1 - accuracy <= said["upper_bound"] <= 0.15
    print(f"certified: error {said['lower_bound']:.3f} to {said['upper_bound']:.3f} by {said['n']} checks")

    made = typed("release", "create", crowd.name)
    folder = Path(typed("release", "download", made, tmp_path / "rte"))
    assert "is whole" in typed("verify", folder)
    assert verify(folder).ok
    settled = pq.read_table(folder / "data" / "settled.parquet").to_pylist()
    assert {row["external_id"]: json.loads(row["value"]) for row in settled} == crowd.inferred()
    assert pq.read_metadata(folder / "data" / "answers.parquet").num_rows == 8_000
    print(f"in {time.monotonic() - started:.1f} s")


def test_ninety_thousand_relevance_labels_are_settled(served: Served, shared_data: Path, tmp_path: Path) -> None:
    crowd = Crowd("TREC", shared_data / "truth" / "categorical" / "trec")
    owner = served.found()
    typed = served.by(owner)
    started = time.monotonic()
    assert bring(typed, crowd, tmp_path, overlap=1) == 19_033
    print(f"brought and settled in {time.monotonic() - started:.1f} s")
    project = owner.projects.find(crowd.name).id
    shown = owner.projects.progress(project)
    assert (shown["tasks"], shown["responses"]) == ({"settled": 19_033}, 88_385)
    accuracy_is_shown_as_the_files_say(owner, typed, project, crowd)
    print(f"in {time.monotonic() - started:.1f} s")
