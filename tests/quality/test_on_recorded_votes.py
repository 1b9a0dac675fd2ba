"""Truth inference on what real crowds said, against gold (figures of November 2026)."""

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from assay.quality import Votes
from assay.quality.aggregation import dawid_skene, majority

Right = dict[str, dict[str, float]]


def votes_and_gold(folder: Path) -> tuple[Votes, np.ndarray]:
    table = pq.read_table(folder / "labels.parquet")
    votes = Votes.of(*(table[column].to_pylist() for column in ("task", "worker", "label")))
    with (folder / "gold.csv").open() as rows:
        return votes, votes.gold_labels({row["task"]: int(row["label"]) for row in csv.DictReader(rows)})


@pytest.fixture(scope="module")
def right(shared_data: Path) -> Right:
    """Share of gold items right, per set and method; `majority, ties shared` gives a tied item its share."""
    found: Right = {}
    for folder in sorted((shared_data / "truth" / "categorical").iterdir()):
        votes, gold = votes_and_gold(folder)
        known = gold >= 0
        counted, fitted = majority.fit(votes), dawid_skene.fit(votes)
        top = counted.posterior == counted.posterior.max(axis=1, keepdims=True)
        shared = (top / top.sum(axis=1, keepdims=True))[known, gold[known]]
        found[folder.name] = {
            "majority": float((counted.label == gold)[known].mean()),
            "majority, ties shared": float(shared.mean()),
            "dawid-skene": float((fitted.label == gold)[known].mean()),
            "converged": float(fitted.converged),
        }
    return found


def mean(right: Right, method: str) -> float:
    return float(np.mean([row[method] for row in right.values()]))


def test_dawid_skene_is_as_right_as_its_peers_over_all_sets(right: Right) -> None:
    assert len(right) == 14
    assert mean(right, "dawid-skene") == pytest.approx(0.8232, abs=0.003)
    assert all(row["converged"] for row in right.values())


def test_the_majority_is_as_right_as_its_peers_over_all_sets(right: Right) -> None:
    assert mean(right, "majority, ties shared") == pytest.approx(0.8065, abs=0.003)
    assert mean(right, "majority") == pytest.approx(0.8102, abs=0.0005)  # in these sets the lower label is the likelier


@pytest.mark.parametrize(("name", "ours"), [("rte", 0.9275), ("trec", 0.7042), ("bluebird", 0.8981), ("wsd", 0.9944)])
def test_dawid_skene_beats_the_majority_where_annotators_differ(right: Right, name: str, ours: float) -> None:
    assert right[name]["dawid-skene"] == pytest.approx(ours, abs=0.003)
    assert right[name]["dawid-skene"] >= right[name]["majority"]
