"""Rows for trainers, in the shapes that TRL documents, from what an item's questions settled on. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from assay.delivery.content import Json, Training

Message = dict[str, str]
Messages = list[Message]

TEXTUAL = {"text", "markdown"}


class LeftAside(Exception):
    """A settled answer that gives no row, and why; counted in the manifest."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Pair:
    """One preference: the better message list, the worse one, and by how much."""

    chosen: Messages
    rejected: Messages
    margin: float


@dataclass(frozen=True)
class Made:
    """What one settled answer gave: preferences, and what a model may learn to say."""

    pairs: tuple[Pair, ...] = ()
    demonstration: Messages | None = None


def is_test(external_id: str, test_share: float) -> bool:
    """Whether an item belongs to the test rows; the same in every release, whatever else is in it."""
    place = int.from_bytes(hashlib.sha256(external_id.encode()).digest()[:8]) / 2**64
    return place < test_share


def preference_questions(definition: Json) -> set[str]:
    """Questions whose answers say that one candidate is better than another."""
    asked: list[Json] = definition["questions"]
    signed = {q["key"] for q in asked if q["type"] == "rating" and "between" in q.get("scale", {})}
    return signed | {q["key"] for q in asked if q["type"] in ("pairwise", "ranking")}


def demonstration_questions(definition: Json, training: Training) -> set[str]:
    """Text questions that hold something to learn from, rather than a remark."""
    texts: list[Json] = [q for q in definition["questions"] if q["type"] == "text"]
    if training.demonstrations is not None:
        return {q["key"] for q in texts} & set(training.demonstrations)
    return {q["key"] for q in texts if "base" in q or q.get("format") in ("markdown", "code")}


def make(question: Json, value: Any, item: "ItemContent", training: Training) -> Made:
    """What one settled answer gives. Raises LeftAside when it gives nothing."""
    if value is None:
        raise LeftAside("not answerable")
    match question["type"]:
        case "pairwise":
            return _from_pairwise(value, item)
        case "rating":
            return _from_signed_rating(question["scale"]["between"], value, item)
        case "ranking":
            return _from_ranking(value, item, training)
        case _:
            return _from_text(value, item)


@dataclass(frozen=True)
class ItemContent:
    """An item as a trainer needs it: what was asked of the model, and what each candidate said."""

    prompt: Messages
    candidates: Mapping[str, Messages | None]  # None: something that is not text

    @classmethod
    def of(cls, definition: Json, payload: Json) -> "ItemContent":
        bases = {q["base"].get("field") for q in definition["questions"] if isinstance(q.get("base"), dict)}
        prompt: Messages = []
        candidates: dict[str, Messages | None] = {}
        for field in definition["fields"]:
            value = _reach(payload, field.get("from", f"item.{field['key']}"))
            if field["type"] == "candidates":
                candidates.update({c["id"]: _candidate_messages(c) for c in value or ()})
            elif field["type"] == "conversation":
                prompt.extend(_messages(value or ()))
            elif field["type"] in TEXTUAL and isinstance(value, str) and field["key"] not in bases:
                prompt.append({"role": "user", "content": value})
        return cls(_joined(prompt), candidates)

    def said(self, candidate: str) -> Messages:
        messages = self.candidates.get(candidate)
        if messages is None:
            raise LeftAside("candidate without text")
        return messages


def _from_pairwise(value: Any, item: ItemContent) -> Made:
    verdict = value["verdict"] if isinstance(value, dict) else value
    strength = value.get("strength") if isinstance(value, dict) else None
    if verdict in ("tie", "both_bad"):
        raise LeftAside("tie" if verdict == "tie" else "both bad")
    others = [candidate for candidate in item.candidates if candidate != verdict]
    better = item.said(verdict)
    margin = 1.0 if strength is None else float(strength)
    return Made(tuple(Pair(better, item.said(other), margin) for other in others), better)


def _from_signed_rating(between: list[str], value: float, item: ItemContent) -> Made:
    if value == 0:
        raise LeftAside("tie")
    better, worse = between if value < 0 else reversed(between)
    return Made((Pair(item.said(better), item.said(worse), abs(float(value))),), item.said(better))


def _from_ranking(value: Json, item: ItemContent, training: Training) -> Made:
    if value.get("all_bad"):
        raise LeftAside("all bad")
    tiers = [*value["tiers"], value["unranked"]] if value.get("unranked") else list(value["tiers"])
    if len(tiers) < 2:
        raise LeftAside("tie")
    levels = list(enumerate(tiers))
    steps = list(combinations(levels, 2))
    if training.pairs == "neighbours":
        steps = list(pairwise(levels))
    if training.pairs == "best_worst":
        steps = [(levels[0], levels[-1])]
    pairs = tuple(
        Pair(item.said(better), item.said(worse), float(low - high))
        for (high, above), (low, below) in steps
        for better in above
        for worse in below
    )
    return Made(pairs, item.said(tiers[0][0]) if len(tiers[0]) == 1 else None)


def _from_text(value: Any, item: ItemContent) -> Made:
    text = value["text"] if isinstance(value, dict) else value
    if not text.strip():
        raise LeftAside("empty text")
    written = [{"role": "assistant", "content": text}]
    base: str = (value.get("base") or "") if isinstance(value, dict) else ""
    edited = base in item.candidates and not value.get("unchanged")
    if edited and item.said(base) != written:
        return Made((Pair(written, item.said(base), 1.0),), written)
    return Made((), written)


def edited_over_rejected(edits: Iterable[Pair], pairs: Iterable[Pair]) -> list[Pair]:
    """An edit of the better candidate is also better than the worse ones."""
    rejected = list(pairs)
    return [
        Pair(edit.chosen, pair.rejected, 1.0) for edit in edits for pair in rejected if pair.chosen == edit.rejected
    ]


def _reach(payload: Json, path: str) -> Any:
    value: Any = payload
    for step in path.removeprefix("item.").split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _candidate_messages(candidate: Json) -> Messages | None:
    if isinstance(candidate.get("text"), str):
        return [{"role": "assistant", "content": candidate["text"]}]
    if isinstance(candidate.get("messages"), list):
        return _messages(candidate["messages"])
    return None


def _messages(conversation: Iterable[Json]) -> Messages:
    messages = list(conversation)
    if not all(isinstance(message.get("text"), str) for message in messages):
        raise LeftAside("message without text")
    return [{"role": message["role"], "content": message["text"]} for message in messages]


def _joined(messages: Messages) -> Messages:
    """Neighbours of one role become one message, as chat templates want it."""
    joined: Messages = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1] = {**message, "content": f"{joined[-1]['content']}\n\n{message['content']}"}
        else:
            joined.append(message)
    return joined
