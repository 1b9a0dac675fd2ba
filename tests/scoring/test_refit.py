"""A refit gives what the numbers give straight from the files, and names where each comes from."""

import csv
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow.parquet as pq
import pytest

from assay import projects, tasks, workforce
from assay.kernel import new_id
from assay.quality import Votes
from assay.quality.aggregation import dawid_skene
from assay.quality.skill import accuracy
from assay.scoring import queue_refit, refit, report, store
from assay.scoring.refit import refit_queued
from assay.storage import Session


class Recorded:
    """A project of one choice with recorded responses, loaded in bulk."""

    def __init__(self, session: Session, make: Any, labels: list[dict[str, Any]], gold: dict[str, str]) -> None:
        options = sorted({str(row["label"]) for row in labels} | set(gold.values()))
        question = {"key": "label", "type": "choice", "title": "?", "options": [{"id": o} for o in options]}
        self.session = session
        self.project_id: UUID = make.project(questions=[question], confidence_wanted=0.9)
        version_id = projects.get(session, self.project_id).version_id
        batch = tasks.batch_for_import(session, self.project_id)
        names = list(dict.fromkeys(str(row["task"]) for row in labels))
        self.task = {name: new_id() for name in names}
        item = {name: new_id() for name in names}
        self.annotator = workforce.recorded_annotators(session, [str(row["worker"]) for row in labels])
        said = {(str(row["task"]), str(row["worker"])): str(row["label"]) for row in labels}
        self.said = said
        counts: dict[str, int] = {}
        for name, _ in said:
            counts[name] = counts.get(name, 0) + 1
        session.execute(
            """insert into tasks_item (organisation_id, id, project_id, external_id, payload, sha256)
            select %s, id, %s, name, '{"text": "x"}', '' from unnest(%s::uuid[], %s::text[]) as t (id, name)""",
            (session.organisation_id, self.project_id, list(item.values()), names),
        )
        session.execute(
            """insert into tasks_task (organisation_id, id, project_id, item_id, batch_id, version_id, state,
            overlap_min, overlap_wanted, overlap_max, seats_taken, responses)
            select %s, id, %s, item_id, %s, %s, 'complete', 1, n, n, n, n
            from unnest(%s::uuid[], %s::uuid[], %s::int[]) as t (id, item_id, n)""",
            (
                session.organisation_id,
                self.project_id,
                batch.id,
                version_id,
                list(self.task.values()),
                list(item.values()),
                [counts[name] for name in names],
            ),
        )
        answer = {"question": "label", "target": None}
        session.execute(
            """insert into tasks_response (organisation_id, id, project_id, task_id, item_id, annotator_id, version_id,
            answers, body_hash, source)
            select %s, id, %s, task_id, item_id, annotator_id, %s, answers::jsonb, '', 'recorded'
            from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[])
                as t (id, task_id, item_id, annotator_id, answers)""",
            (
                session.organisation_id,
                self.project_id,
                version_id,
                [new_id() for _ in said],
                [self.task[name] for name, _ in said],
                [item[name] for name, _ in said],
                [self.annotator[who] for _, who in said],
                [json.dumps([answer | {"value": label}]) for label in said.values()],
            ),
        )
        session.execute(
            """insert into tasks_gold (organisation_id, id, project_id, item_id, question, accept)
            select %s, id, %s, item_id, 'label', accept::jsonb from unnest(%s::uuid[], %s::uuid[], %s::text[])
                as t (id, item_id, accept)""",
            (
                session.organisation_id,
                self.project_id,
                [new_id() for name in gold if name in item],
                [item[name] for name in gold if name in item],
                [json.dumps({"accept": [label]}) for name, label in gold.items() if name in item],
            ),
        )


def read(folder: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    with (folder / "gold.csv").open(encoding="utf-8") as lines:
        gold = {row["task"]: row["label"] for row in csv.DictReader(lines)}
    return pq.read_table(folder / "labels.parquet").to_pylist(), gold


@pytest.mark.parametrize(("name", "rows"), [("rte", 8_000), ("trec", 18_000)])
def test_a_refit_equals_the_numbers_straight_from_the_file(
    name: str, rows: int, session: Session, make, shared_data: Path
) -> None:
    labels, gold = read(shared_data / "truth" / "categorical" / name)
    recorded = Recorded(session, make, labels[:rows], gold)
    run_id = refit(session, recorded.project_id)

    votes = Votes.of(
        [task for task, _ in recorded.said], [who for _, who in recorded.said], list(recorded.said.values()),
        labels_known=sorted({str(row["label"]) for row in labels[:rows]} | set(gold.values())),
    )  # fmt: skip
    fit = dawid_skene.fit(votes)
    stored = {
        row["task_id"]: row["probabilities"] for row in store.posteriors_of_tasks(session, list(recorded.task.values()))
    }
    ours = np.array([list(stored[recorded.task[str(task)]].values()) for task in votes.item_names])
    assert np.abs(ours - fit.posterior).max() < 1e-6

    known = [(i, gold[str(task)]) for i, task in enumerate(votes.item_names) if str(task) in gold]
    right = sum(votes.label_names[fit.label[i]] == label for i, label in known)
    shown = report.quality(session, recorded.project_id)["questions"][0]
    assert (shown["accuracy"]["value"], shown["accuracy"]["n"]) == (right / len(known), len(known))
    assert shown["gold"][0]["right"] == sum(gold.get(task) == label for (task, _), label in recorded.said.items())

    skill = dict(zip(votes.annotator_names, accuracy.inferred(votes, fit.posterior), strict=True))
    page = report.annotators(session, recorded.project_id, after=None, limit=20)
    names = {id: who for who, id in recorded.annotator.items()}
    for one in page:
        inferred = next((s for s in one["skills"] if s["evidence"] == "inferred"), None)
        expected = skill[names[one["annotator_id"]]]
        assert (inferred is None) == (expected is None)
        if inferred and expected:
            assert inferred["mean"] == pytest.approx(expected.value, abs=1e-6)
            assert (inferred["low"], inferred["high"]) == pytest.approx((expected.low, expected.high), abs=1e-6)
            assert inferred["run_id"] == run_id


def test_a_refit_done_now_is_the_one_that_waited_in_the_background(session: Session, make) -> None:
    project_id = make.project()
    waiting = queue_refit(session, project_id)
    other_seed = refit(session, project_id, seed=5)
    assert refit(session, project_id) == waiting != other_seed
    assert refit(session, project_id) != waiting
    refit_queued(session, waiting)
    assert report.quality(session, project_id)["run"]["id"] not in (waiting, other_seed)
    runs = session.all("select state from scoring_run where organisation_id = %s", (session.organisation_id,))
    assert [run["state"] for run in runs] == ["done"] * 3
