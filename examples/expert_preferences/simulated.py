"""The people of the demo, simulated: annotators of known skill, a reviewer, an adjudicator and an auditor who know."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SKILLS = (0.98, 0.97, 0.96, 0.95, 0.94, 0.92, 0.9, 0.88, 0.85, 0.8, 0.7, 0.55)  # chance to give the right verdict
VERDICTS = ("c1", "c2", "tie", "both_bad")

Answer = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """What an expert would say about one item; known to the simulation only."""

    verdict: str
    strength: int | None
    quality: dict[str, int]
    faults: dict[str, list[str]]
    claim: dict[str, list[dict[str, Any]]]
    reason: str


def truths() -> dict[str, Truth]:
    """What is true of each item, by the text of its first candidate, for that is all that people are shown."""
    items = {row["external_id"]: row for row in read("items.jsonl")}
    known: dict[str, Truth] = {}
    for row in read("truth.jsonl"):
        text = next(c["text"] for c in items[row["external_id"]]["candidates"] if c["id"] == "c1")
        known[text] = Truth(
            row["verdict"],
            row.get("strength"),
            row["quality"],
            row.get("faults", {}),
            row.get("claim", {}),
            row["reason"],
        )
    return known


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


@dataclass
class Expert:
    """Someone who gives the right verdict with a known chance, and otherwise another one."""

    skill: float
    rng: random.Random
    truths: dict[str, Truth]

    def answer(self, payload: dict[str, Any]) -> list[Answer]:
        """Answers to the questions of the sample project."""
        truth = self.truth_of(payload)
        if self.rng.random() < self.skill:
            return right_answers(truth)
        verdict = self.rng.choice([v for v in VERDICTS[:2] if v != truth.verdict])
        return wrong_answers(verdict, self.rng)

    def truth_of(self, payload: dict[str, Any]) -> Truth:
        return self.truths[next(c["text"] for c in payload["candidates"] if c["id"] == "c1")]

    def is_right(self, payload: dict[str, Any], answers: list[Answer]) -> bool:
        """Does the verdict say what is true of the item?"""
        return verdict_of(answers) == self.truth_of(payload).verdict


def verdict_of(answers: list[Answer]) -> str | None:
    return next((a["value"]["verdict"] for a in answers if a["question"] == "better" and a["value"]), None)


def right_answers(truth: Truth) -> list[Answer]:
    better: dict[str, Any] = {"verdict": truth.verdict}
    if truth.strength and truth.verdict in ("c1", "c2"):
        better["strength"] = truth.strength
    answers: list[Answer] = [{"question": "better", "value": better}]
    answers += [{"question": "quality", "target": c, "value": level} for c, level in truth.quality.items()]
    answers += [{"question": "faults", "target": c, "value": found} for c, found in truth.faults.items() if found]
    answers += [{"question": "claim", "target": c, "value": spans} for c, spans in truth.claim.items() if spans]
    return [*answers, {"question": "why", "value": truth.reason[:1000]}]


def wrong_answers(verdict: str, rng: random.Random) -> list[Answer]:
    better = {"verdict": verdict, "strength": 1}
    levels = [{"question": "quality", "target": c, "value": rng.randint(2, 4)} for c in ("c1", "c2")]
    return [{"question": "better", "value": better}, *levels]
