"""The project that ships with the repository is sound: it loads, every row fits, and its truth is a legal answer."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parents[2] / "examples" / "expert_preferences"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


ITEMS = {item["external_id"]: item for item in rows("items.jsonl")}
TRUTH = {truth["external_id"]: truth for truth in rows("truth.jsonl")}
GOLD = rows("gold.jsonl")


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
