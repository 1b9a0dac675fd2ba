"""A finished evaluation by eight professionals is brought whole, scored, inspected, released and verified; every number
that is shown equals the one computed straight from the files."""

import csv
import json
import runpy
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from statistics import fmean, median
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.stories.customer.conftest import Served

import assay
from assay.client.verify import verify
from assay.quality.agreement import alpha, distances
from assay.quality.sampling.acceptance import AcceptancePlan, decide

EXAMPLE = Path(__file__).parents[3] / "examples" / "recorded_experts"
WRONG = 7  # the check that the simulated auditor does not agree with
Json = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """What the published files say, without any of our code in between."""

    folder: Path

    @cached_property
    def items(self) -> list[Json]:
        return [json.loads(line) for line in (self.folder / "items.jsonl").read_text("utf-8").splitlines()]

    @cached_property
    def ratings(self) -> list[dict[str, str]]:
        return self._csv("ratings.csv")

    @cached_property
    def gold(self) -> list[dict[str, str]]:
        return self._csv("gold.csv")

    @cached_property
    def penalties(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = defaultdict(list)
        for row in self.ratings:
            found[row["item"]].append(float(row["penalty"]))
        return found

    def marks(self, side: str) -> dict[str, list[list[tuple[int, int, str]]]]:
        """item -> for each of its annotators, the stretches marked on this side."""
        by_response: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
        for span in pq.read_table(self.folder / "spans.parquet").to_pylist():
            if span["side"] == side:
                label = f"{span['category']}: {span['severity'].lower()}"
                by_response[span["item"], span["annotator"]].append((span["start"], span["end"], label))
        found: dict[str, list[list[tuple[int, int, str]]]] = defaultdict(list)
        for row in self.ratings:
            found[row["item"]].append(by_response[row["item"], row["annotator"]])
        return found

    def _csv(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


def exact_f1(a: list[Any], b: list[Any]) -> float:
    return 2 * (Counter(a) & Counter(b)).total() / (len(a) + len(b)) if a or b else 1.0


def overlap_f1(a: list[Any], b: list[Any]) -> float:
    return 1 - distances.span_overlap_f1(a, b)


def mean_of_pairs(marks: dict[str, list[Any]], likeness: Callable[[Any, Any], float]) -> float:
    """All items have the same number of answers, so all pairs weigh the same."""
    return fmean(likeness(a, b) for answers in marks.values() for a, b in combinations(answers, 2))


@pytest.fixture(scope="module")
def files(shared_data: Path) -> Files:
    return Files(shared_data / "experts_zh_en")


class Clock:
    """How long each chapter took; printed with `pytest -rP`."""

    @contextmanager
    def __call__(self, chapter: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        print(f"{chapter}: {time.monotonic() - started:.1f} s")


def test_the_recorded_work_of_eight_professionals_becomes_a_verified_release(
    served: Served, files: Files, tmp_path: Path
) -> None:
    clock = Clock()
    runpy.run_path(str(EXAMPLE / "convert.py"))["convert"](files.folder, tmp_path / "in")
    owner = served.found()
    manager, auditor = served.join(owner, "manager"), served.join(owner, "auditor")
    project = manager.projects.create(EXAMPLE / "project.yaml").id
    with clock("import"):
        bring(manager, project, tmp_path / "in")
    with clock("refit and settle"):
        assert manager.projects.settle(project) == 3_770
    with clock("numbers"):
        counts_equal_those_of_the_files(manager, project)
        alpha_and_likeness_equal_those_of_the_files(manager, project, files)
        gold_equals_that_of_the_files(manager, project, files)
        estimates_are_the_medians_of_the_files(manager, project, files)
    with clock("inspection"):
        lot, wrong = inspect(manager, auditor, project, files)
        the_certificate_says_what_was_found(manager, lot, wrong)
    with clock("release"):
        made = manager.releases.create(project, [lot], licence="apache-2.0")
        assert made.problem is None
    with clock("download and verify"):
        folder = manager.releases.download(made.id, tmp_path / "out")
        found = verify(folder)
        assert found.ok, found.problems
        the_release_holds_the_files(folder, files)


def bring(manager: assay.Client, project: UUID, folder: Path) -> None:
    """No row may be bad; a second time adds nothing."""
    manager.projects.open(project)
    for name, kind, rows in (
        ("items.jsonl", "items", 3_770),
        ("responses.parquet", "responses", 11_310),
        ("gold_results.csv", "gold_results", 461),
    ):
        loaded = manager.imports.send(project, folder / name, kind)  # type: ignore[arg-type]
        problems = list(manager.imports.problems(loaded.id))
        assert (loaded.state, loaded.accepted, loaded.known, problems) == ("loaded", rows, 0, [])
    again = manager.imports.send(project, folder / "gold_results.csv", "gold_results")
    assert (again.accepted, again.known, again.problems_count) == (0, 461, 0)


def counts_equal_those_of_the_files(manager: assay.Client, project: UUID) -> None:
    shown = manager.projects.progress(project)
    assert (shown["items"], shown["responses"], shown["settled"]) == (3_770, 11_310, 3_770)
    assert (shown["tasks"], shown["disputed"], shown["gold_tasks"]) == ({"settled": 3_770}, 0, 0)
    quality = manager.projects.quality(project)
    assert (quality["responses"], quality["annotators"], quality["decisions"]) == (11_310, 8, {"confident": 3_770})
    assert quality["run"]["responses"] == 11_310


def alpha_and_likeness_equal_those_of_the_files(manager: assay.Client, project: UUID, files: Files) -> None:
    questions = {one["question"]: one for one in manager.projects.quality(project)["questions"]}
    overall = {
        (key, row["measure"]): row for key, one in questions.items() for row in one["agreement"] if not row["slice"]
    }
    penalties = [float(row["penalty"]) for row in files.ratings]
    expected = alpha([row["item"] for row in files.ratings], penalties, distance="interval", replicates=0)
    shown = overall["penalty", "alpha interval"]
    assert shown["value"] == pytest.approx(expected.value, abs=1e-12)
    assert shown["value"] == pytest.approx(alpha_by_hand(files), abs=1e-9)
    assert shown["low"] < shown["value"] < shown["high"]
    assert (shown["n_items"], shown["n_values"], shown["missing"]) == (3_770, 11_310, 0)
    print(f"alpha of penalties {shown['value']:.4f} [{shown['low']:.4f}, {shown['high']:.4f}]")
    for side in ("source", "target"):
        marks = files.marks(side)
        for measure, likeness in (("F1 exact", exact_f1), ("F1 overlap", overlap_f1)):
            shown = overall[f"errors_in_{side}", measure]
            assert shown["value"] == pytest.approx(mean_of_pairs(marks, likeness), abs=1e-9)
            assert shown["n_items"] == 3_770
            print(f"{measure} of marks in the {side} {shown['value']:.4f} [{shown['low']:.4f}, {shown['high']:.4f}]")
    slices = {row["slice"] for row in questions["penalty"]["agreement"]} - {""}
    assert slices == {f"system={row['system']}" for row in files.items}


def alpha_by_hand(files: Files) -> float:
    """Krippendorff's alpha for squared differences: within items over between all answers."""
    groups = [np.array(values) for values in files.penalties.values()]
    within = sum(2 * (len(v) * (v**2).sum() - v.sum() ** 2) / (len(v) - 1) for v in groups)
    everything = np.concatenate(groups)
    n = everything.size
    between = 2 * (n * (everything**2).sum() - everything.sum() ** 2) / (n - 1)
    return float(1 - within / between)


def gold_equals_that_of_the_files(manager: assay.Client, project: UUID, files: Files) -> None:
    shown = manager.projects.quality(project)
    (checks,) = next(one for one in shown["questions"] if one["question"] == "errors_in_target")["gold"]
    found = [row["found"] == "True" for row in files.gold]
    assert (checks["right"], checks["n"], checks["value"]) == (sum(found), 461, fmean(found))
    print(f"planted errors found {checks['value']:.4f} [{checks['low']:.4f}, {checks['high']:.4f}] of {checks['n']:g}")
    expected: dict[str, list[bool]] = defaultdict(list)
    for row in files.gold:
        expected[row["annotator"]].append(row["found"] == "True")
    skills = {
        one["pseudonym"]: {(s["question"], s["evidence"]): (s["mean"], s["n"]) for s in one["skills"]}
        for one in manager.projects.quality_of_annotators(project)
    }
    assert skills == {
        annotator: {("errors_in_target", "gold"): (fmean(values), len(values))}
        for annotator, values in expected.items()
    }


def estimates_are_the_medians_of_the_files(manager: assay.Client, project: UUID, files: Files) -> None:
    shown = {
        one["external_id"]: {p["question"]: p for p in one["posteriors"]}
        for one in manager.projects.quality_of_tasks(project)
    }
    expected = {item: median(values) for item, values in files.penalties.items()}
    assert {item: found["penalty"]["estimate"] for item, found in shown.items()} == expected
    assert {found["penalty"]["n"] for found in shown.values()} == {3}
    for side in ("source", "target"):
        key = f"errors_in_{side}"
        likeness = {item: mean_of_pairs({item: marks}, overlap_f1) for item, marks in files.marks(side).items()}
        assert {item: found[key]["agreement"] for item, found in shown.items()} == pytest.approx(likeness)


def inspect(manager: assay.Client, auditor: assay.Client, project: UUID, files: Files) -> tuple[UUID, list[bool]]:
    """An auditor who knows the recorded medians judges blind until the plan decides; disagrees once."""
    known: dict[tuple[str, str], set[float]] = defaultdict(set)
    for row in files.items:
        known[row["source"], row["target"]].add(median(files.penalties[row["item"]]))
    lot = manager.lots.draw(manager.lots.seal(project).id)
    assert lot.size == 3_770
    wrong: list[bool] = []
    while check := auditor.checks.claim(lot.id):
        right = (
            known[check.payload["source"], check.payload["target"].removesuffix(" ")]
            or known[check.payload["source"], check.payload["target"]]
        )
        mine = [{"question": "penalty", "value": min(right)}]
        mine += [{"question": f"errors_in_{side}", "value": []} for side in ("source", "target")]
        settled = {one.question: one.value for one in auditor.checks.answer(check, mine)}
        wrong.append(float(settled["penalty"]) not in right or len(wrong) == WRONG)
        verdict = "nonconforming" if wrong[-1] else "conforming"
        judged = auditor.checks.judge(check, verdict, severity="minor" if wrong[-1] else None)
        if judged.lot_state != "inspecting":
            break
    return lot.id, wrong


def the_certificate_says_what_was_found(manager: assay.Client, lot_id: UUID, wrong: list[bool]) -> None:
    lot = manager.lots.get(lot_id)
    assert lot.state == "passed"
    said = manager.lots.certificate(lot_id).body
    assert sum(wrong) == 1
    assert (said["population"], said["n"], said["wrong"]) == (3_770, len(wrong), 1)
    assert said["error_rate"] == 1 / len(wrong)
    assert said["upper_bound"] == pytest.approx(decide(AcceptancePlan(**lot.plan), lot.size, wrong).bound)
    assert said["upper_bound"] <= 0.05
    assert said["seed"] == lot.seed
    print(f"{len(wrong)} checks, 1 wrong: error at most {said['upper_bound']:.3%} at {said['confidence']:.0%}")


def the_release_holds_the_files(folder: Path, files: Files) -> None:
    rows = {name: pq.read_table(folder / "data" / f"{name}.parquet") for name in ("responses", "answers", "settled")}
    assert (rows["responses"].num_rows, rows["answers"].num_rows, rows["settled"].num_rows) == (11_310, 33_930, 11_310)

    said: dict[str, list[float]] = defaultdict(list)
    spans = 0
    for row in rows["answers"].select(["external_id", "question", "value"]).to_pylist():
        value = json.loads(row["value"])
        if row["question"] == "penalty":
            said[row["external_id"]].append(float(value))
        else:
            spans += len(value)
    assert {item: sorted(values) for item, values in said.items()} == {
        item: sorted(values) for item, values in files.penalties.items()
    }
    assert spans == pq.read_metadata(files.folder / "spans.parquet").num_rows == 21_226
    system = {row["item"]: row["system"] for row in files.items}
    for name in sorted(set(system.values())):
        mean = fmean(v for item, values in said.items() if system[item] == name for v in values)
        assert mean == pytest.approx(fmean(float(r["penalty"]) for r in files.ratings if system[r["item"]] == name))
        print(f"mean penalty of {name} {mean:.3f}")

    seconds = np.array([float(row["seconds"]) for row in files.ratings], dtype=np.float32)
    released = np.array(rows["responses"]["active_seconds"].to_pylist(), dtype=np.float32)
    assert np.array_equal(np.sort(released), np.sort(seconds))
    medians = {
        r["external_id"]: float(json.loads(r["value"]))
        for r in rows["settled"].to_pylist()
        if r["question"] == "penalty"
    }
    assert medians == {item: median(values) for item, values in files.penalties.items()}
    by_person = Counter(rows["responses"]["annotator"].to_pylist())
    assert sorted(by_person.values()) == sorted(Counter(row["annotator"] for row in files.ratings).values())
