"""The main job in small, without pauses: six people and the command line, from a project file to a verified release."""

import json
import re
import runpy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
import yaml
from tests.stories.customer.conftest import Served

import assay
from assay.projects import project_file

SAMPLE = Path(__file__).parents[3] / "examples" / "expert_preferences"
SIMULATED = runpy.run_path(str(SAMPLE / "simulated.py"))
TRUTHS = SIMULATED["truths"]()
VERDICTS = ("c1", "c2", "tie")
WAIT_SECONDS = 90
Json = dict[str, Any]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with 12 items and 3 of its hidden checks, and a plan that fits so few."""
    folder = tmp_path_factory.mktemp("parts")
    project = yaml.safe_load((SAMPLE / "project.yaml").read_text("utf-8"))
    project["quality"] |= {"overlap_min": 2, "overlap_max": 3, "gold_share": 0.25, "recall_seconds": 0}
    project["quality"]["acceptance"] = {"error_limit": 0.2, "confidence": 0.9, "checks_min": 6, "checks_max": 12}
    (folder / "project.yaml").write_text(yaml.safe_dump(project, allow_unicode=True), "utf-8")
    gold = (SAMPLE / "gold.jsonl").read_text("utf-8").splitlines()[:3]
    hidden = {json.loads(line)["external_id"] for line in gold}
    items = (SAMPLE / "items.jsonl").read_text("utf-8").splitlines()
    work = [line for line in items if json.loads(line)["external_id"] not in hidden][:12]
    checks = [line for line in items if json.loads(line)["external_id"] in hidden]
    (folder / "items.jsonl").write_text("\n".join(work + checks), "utf-8")
    (folder / "gold.jsonl").write_text("\n".join(gold), "utf-8")
    return folder


def answers_to(payload: Json, verdict: str | None = None) -> list[Json]:
    """What an expert says; or a verdict that they should not have given."""
    truth = TRUTHS[next(c["text"] for c in payload["candidates"] if c["id"] == "c1")]
    right = SIMULATED["right_answers"](truth)
    if verdict is None or verdict == truth.verdict:
        return right
    value = {"verdict": verdict} | ({"strength": 1} if verdict != "tie" else {})
    return [{"question": "better", "value": value}, *(one for one in right if one["question"] == "quality")]


def is_hard(payload: Json) -> bool:
    """A quarter of the items, on which no two annotators agree."""
    return len(payload["candidates"][0]["text"] + payload["candidates"][1]["text"]) % 4 == 0


def work_on(person: assay.Client, number: int, project: UUID) -> int:
    """Answer until there is nothing left for this person; returns how many were answered."""
    count = 0
    while held := person.work.claim(project):
        assert not re.search(r'"(source|model)"', json.dumps(held.payload))  # what was blind stays blind
        person.work.start(held)
        verdict = VERDICTS[number] if is_hard(held.payload) else None
        person.work.submit(held, answers_to(held.payload, verdict), active_seconds=5 + number)
        count += 1
    return count


def review_all(reviewer: assay.Client, project: UUID) -> int:
    count = 0
    while held := reviewer.reviews.claim(project):
        right = answers_to(held.payload)
        if SIMULATED["verdict_of"](held.answers) == SIMULATED["verdict_of"](right):
            reviewer.reviews.finalise(held, "approve")
        else:
            reviewer.reviews.finalise(held, "correct", answers=right, note="See the guideline.")
        count += 1
    return count


def adjudicate_all(adjudicator: assay.Client, project: UUID) -> int:
    count = 0
    while held := adjudicator.adjudications.claim(project):
        assert len({one.alias for one in held.responses}) == 3
        adjudicator.adjudications.settle(held, answers_to(held.payload), note="Settled against the guideline.")
        count += 1
    return count


def test_the_whole_job_leads_to_a_release_that_verifies(served: Served, parts: Path, tmp_path: Path) -> None:
    owner = served.found()
    manager, auditor = served.join(owner, "manager"), served.join(owner, "auditor")
    reviewer, adjudicator = served.join(owner, "reviewer"), served.join(owner, "reviewer")
    people = [served.annotator(owner, f"S-{number}") for number in range(3)]
    typed = served.by(manager)

    project = UUID(typed("project", "create", parts / "project.yaml"))
    name = manager.projects.get(project).name
    assert typed("import", name, parts / "items.jsonl").startswith("15 rows in, 0 known before, 0 with problems")
    assert typed("import", name, parts / "items.jsonl").startswith("0 rows in, 15 known before, 0 with problems")
    assert typed("import", name, parts / "gold.jsonl", "--kind", "gold").startswith("3 rows in")
    typed("project", "open", name, "--batches")

    done = play(manager, people, reviewer, adjudicator, project)
    progress = manager.projects.progress(project)
    assert (progress["tasks"], progress["gold_tasks"]) == ({"settled": 12}, 3)
    assert progress["responses"] == done["answered"]
    assert progress["reviews_finalised"] >= done["reviewed"] > 0
    assert progress["adjudications_settled"] == done["adjudicated"] > 0

    assert "hidden checks, graded here" in typed("quality", name, "--refit")
    (better,) = [one for one in manager.projects.quality(project)["questions"] if one["question"] == "better"]
    (checks,) = better["gold"]
    assert (checks["n"], checks["right"]) == (9, 9 - hard_gold_misses(parts))

    lot = typed("lot", "seal", name)
    assert inspect(auditor, lot) == "passed"
    certificate = json.loads(typed("lot", "certificate", lot))
    assert (certificate["population"], certificate["wrong"]) == (12, 0)
    assert certificate["upper_bound"] <= 0.2

    made = typed("release", "create", name, "--licence", "cc-by-4.0")
    folder = Path(typed("release", "download", made, tmp_path / "release"))
    assert "is whole" in typed("verify", folder)
    the_release_tells_the_truth(folder)
    altered = folder / "data" / "settled.parquet"
    content = bytearray(altered.read_bytes())
    content[len(content) // 2] ^= 1
    altered.write_bytes(content)
    refused = served.type("verify", folder)
    assert refused.returncode == 1
    assert "data/settled.parquet: was altered" in refused.stderr


def play(
    manager: assay.Client,
    people: list[assay.Client],
    reviewer: assay.Client,
    adjudicator: assay.Client,
    project: UUID,
) -> dict[str, int]:
    """Everybody does what there is to do, again and again, until every task is settled; returns how much was done."""
    done = {"answered": 0, "reviewed": 0, "adjudicated": 0}
    deadline = time.monotonic() + WAIT_SECONDS
    while (tasks := manager.projects.progress(project)["tasks"]) != {"settled": 12}:
        assert time.monotonic() < deadline, tasks
        done["answered"] += sum(work_on(person, number, project) for number, person in enumerate(people))
        done["reviewed"] += review_all(reviewer, project)
        done["adjudicated"] += adjudicate_all(adjudicator, project)
        time.sleep(0.2)
    return done


def hard_gold_misses(parts: Path) -> int:
    """Of the answers to hidden checks, how many the three people got wrong on purpose."""
    items = {
        row["external_id"]: row for row in map(json.loads, (parts / "items.jsonl").read_text("utf-8").splitlines())
    }
    keys = [json.loads(line) for line in (parts / "gold.jsonl").read_text("utf-8").splitlines()]
    hard = [key for key in keys if is_hard(items[key["external_id"]])]
    return sum(verdict != key["accept"][0]["verdict"] for key in hard for verdict in VERDICTS)


def inspect(auditor: assay.Client, lot: str) -> str:
    """An auditor who knows answers each check first, then judges; returns how the lot ends."""
    while check := auditor.checks.claim(lot):
        mine = answers_to(check.payload)
        settled = [{"question": s.question, "value": s.value} for s in auditor.checks.answer(check, mine)]
        assert SIMULATED["verdict_of"](settled) == SIMULATED["verdict_of"](mine)
        if (judged := auditor.checks.judge(check, "conforming")).lot_state != "inspecting":
            return judged.lot_state
    return "nothing left to check"


def the_release_tells_the_truth(folder: Path) -> None:
    """Every settled verdict is the right one, and hidden checks are not delivered."""
    items = {row["external_id"]: json.loads(row["payload"]) for row in rows(folder, "items")}
    assert len(items) == 12
    for row in rows(folder, "settled"):
        if row["question"] == "better":
            right = SIMULATED["verdict_of"](answers_to(items[row["external_id"]]))
            assert json.loads(row["value"])["verdict"] == right
    assert {row["how"] for row in rows(folder, "settled")} >= {"aggregated", "adjudicated"}
    assert len(rows(folder, "adjudications")) > 0
    assert len({row["annotator"] for row in rows(folder, "responses")}) == 3


def rows(folder: Path, table: str) -> list[Json]:
    return pq.read_table(folder / "data" / f"{table}.parquet").to_pylist()


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_project_file_goes_in_and_comes_back_without_loss(served: Served, parts: Path, form: str) -> None:
    owner = served.found()
    typed: Callable[..., str] = served.by(owner)
    given = parts / "project.yaml"
    if form == "json":
        given = parts / "project.json"
        given.write_text(json.dumps(yaml.safe_load((parts / "project.yaml").read_text("utf-8"))), "utf-8")
    first = typed("project", "create", given)
    exported = parts / f"exported-from-{form}.yaml"
    exported.write_text(typed("project", "file", first), "utf-8")
    assert project_file.load(exported) == project_file.load(given)
    said, asked = (yaml.safe_load(path.read_text("utf-8")) for path in (exported, given))
    assert without_defaults(said, asked) == asked

    other = served.found()
    second = served.by(other)("project", "create", exported)
    assert other.projects.file(second) == owner.projects.file(first)
    assert typed("project", "publish", first, exported).endswith("is at version 1.0.0.")
    assert len(owner.projects.versions(first)) == 1


def without_defaults(said: Any, asked: Any) -> Any:
    """What was said beyond what was asked is a default; it is left out."""
    if isinstance(said, dict) and isinstance(asked, dict):
        return {key: without_defaults(said[key], asked[key]) for key in asked if key in said}
    if isinstance(said, list) and isinstance(asked, list) and len(said) == len(asked):
        return [without_defaults(one, other) for one, other in zip(said, asked, strict=True)]
    return said
