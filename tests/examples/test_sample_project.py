"""The project that ships with the repository is sound: it loads, every row fits, and its truth is a legal answer."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from assay.projects import check_answers, check_gold, check_item, project_file

SAMPLE = Path(__file__).parents[2] / "examples" / "expert_preferences"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


ITEMS = {item["external_id"]: item for item in rows("items.jsonl")}
TRUTH = {truth["external_id"]: truth for truth in rows("truth.jsonl")}
GOLD = rows("gold.jsonl")
PROJECT = project_file.load(SAMPLE / "project.yaml")


def answers_of(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """What an annotator would answer who knows the truth."""
    strength = {"strength": truth["strength"]} if "strength" in truth else {}
    return [
        {"question": "better", "value": {"verdict": truth["verdict"]} | strength},
        *({"question": "faults", "target": target, "value": faults} for target, faults in truth["faults"].items()),
        *({"question": "quality", "target": target, "value": step} for target, step in truth["quality"].items()),
        *({"question": "claim", "target": target, "value": spans} for target, spans in truth["claim"].items()),
        {"question": "why", "value": truth["reason"]},
    ]


def test_the_project_file_comes_back_without_loss() -> None:
    assert project_file.load(project_file.dump(PROJECT)) == PROJECT


def test_every_item_fits_the_project() -> None:
    problems = {external_id: check_item(PROJECT, item) for external_id, item in ITEMS.items()}
    assert {external_id: found for external_id, found in problems.items() if found} == {}


def test_the_truth_can_be_answered() -> None:
    for external_id, truth in TRUTH.items():
        assert check_answers(PROJECT, ITEMS[external_id], answers_of(truth))


def test_gold_can_be_used_as_a_key_and_the_truth_is_right_by_it() -> None:
    for gold in GOLD:
        item = ITEMS[gold["external_id"]]
        key = {name: value for name, value in gold.items() if name != "external_id"}
        accepted = check_gold(PROJECT, item, key)
        truth = TRUTH[gold["external_id"]]
        answer = {"verdict": truth["verdict"], "strength": truth["strength"]}
        assert PROJECT.question("better").grade(accepted, answer).verdict == "right"


def test_every_item_has_one_truth() -> None:
    assert len(ITEMS) == len(rows("items.jsonl")) == 76
    assert ITEMS.keys() == TRUTH.keys()


def test_all_four_fields_and_both_languages_are_there() -> None:
    assert set(Counter(item["slices"]["domain"] for item in ITEMS.values()).values()) == {19}
    assert Counter(item["language"] for item in ITEMS.values()) == {"en": 56, "zh-Hans": 20}


def test_neither_place_nor_length_gives_the_better_answer_away() -> None:
    verdicts = Counter(truth["verdict"] for truth in TRUTH.values())
    longer = Counter(
        len(item["candidates"][0]["text"]) > len(item["candidates"][1]["text"])
        if TRUTH[external_id]["verdict"] == "c1"
        else len(item["candidates"][1]["text"]) > len(item["candidates"][0]["text"])
        for external_id, item in ITEMS.items()
        if TRUTH[external_id]["verdict"] in ("c1", "c2")
    )
    assert abs(verdicts["c1"] - verdicts["c2"]) <= 5
    assert verdicts["tie"] >= 5
    assert verdicts["both_bad"] >= 2
    assert min(longer[True], longer[False]) >= 25


def test_gold_agrees_with_the_truth_and_is_beyond_doubt() -> None:
    for gold in GOLD:
        truth = TRUTH[gold["external_id"]]
        assert gold["accept"] == [{"verdict": truth["verdict"]}]
        assert truth["verdict"] in ("c1", "c2")
        assert truth["strength"] == 3


def test_marked_passages_lie_where_the_truth_says() -> None:
    for external_id, truth in TRUTH.items():
        texts = {candidate["id"]: candidate["text"] for candidate in ITEMS[external_id]["candidates"]}
        for candidate_id, spans in truth["claim"].items():
            for span in spans:
                assert texts[candidate_id][span["start"] : span["end"]] == span["quote"]
