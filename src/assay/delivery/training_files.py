"""Write the trainer files of a bundle from the tables already written, so that both say the same."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from assay.delivery.content import Json, LeftOut, Training
from assay.delivery.files import LINES_PER_BLOCK, Growing, Part, growing, read_table
from assay.delivery.tables import ITEMS, SETTLED
from assay.delivery.trainers import (
    ItemContent,
    LeftAside,
    Messages,
    Pair,
    demonstration_questions,
    edited_over_rejected,
    is_test,
    make,
    preference_questions,
)
from assay.kernel import canonical_json

Rows = list[dict[str, Any]]


@dataclass
class _Lines:
    """A file of lines that is only made when its first row comes."""

    folder: Path
    name: str
    stack: ExitStack
    file: Growing | None = None
    waiting: list[bytes] = field(default_factory=list)

    def add(self, row: Json) -> None:
        self.waiting.append(canonical_json(row) + b"\n")
        if len(self.waiting) == LINES_PER_BLOCK:
            self._write()

    def _write(self) -> None:
        if self.file is None:
            self.file = self.stack.enter_context(growing(self.folder, self.name))
        self.file.write(b"".join(self.waiting))
        self.file.end_block(len(self.waiting))
        self.waiting = []

    def finish(self) -> Part | None:
        if self.waiting:
            self._write()
        return self.file.finish(self.name) if self.file else None


def write_training_files(
    folder: Path, definitions: dict[str, Json], training: Training
) -> tuple[list[Part], list[LeftOut]]:
    """The files that have rows, and what gave none. Reads two tables of the bundle side by side, in constant memory."""
    aside: Counter[tuple[str, str]] = Counter()
    with ExitStack() as stack:
        files = {
            (kind, split): _Lines(folder, f"train/{kind}.{split}.jsonl", stack)
            for kind in ("preference", "sft")
            for split in ("train", "test")
        }
        for item, settled in _with_items(folder):
            split = "test" if is_test(item["external_id"], training.test_share) else "train"
            for kind, row in _rows(item, settled, definitions, training=training, aside=aside):
                files[kind, split].add(row)
        parts = [part for lines in files.values() if (part := lines.finish())]
    return parts, [
        LeftOut(f"rows of train/ from question {question}", why, count)
        for (question, why), count in sorted(aside.items())
    ]


def _with_items(folder: Path) -> Iterator[tuple[dict[str, Any], Rows]]:
    """Each item that settled, with its settled answers; both tables are sorted by the external id."""
    items = read_table(folder, ITEMS, ["external_id", "item_id", "payload", "slices"])
    columns = ["external_id", "task_id", "lot", "version", "question", "target", "value", "confidence", "n"]
    for external_id, group in groupby(read_table(folder, SETTLED, columns), key=itemgetter("external_id")):
        settled = list(group)
        yield next(item for item in items if item["external_id"] == external_id), settled


def _rows(
    item: dict[str, Any], settled: Rows, definitions: dict[str, Json], *, training: Training, aside: Counter
) -> list[tuple[str, dict[str, Any]]]:
    made: list[tuple[str, dict[str, Any]]] = []
    for _, answers in groupby(settled, key=itemgetter("task_id")):
        made += _of_task(item, list(answers), definitions, training=training, aside=aside)
    pairs = sum(kind == "preference" for kind, _ in made)
    return [(kind, row | {"weight": 1 / pairs} if kind == "preference" else row) for kind, row in made]


def _of_task(
    item: dict[str, Any], answers: Rows, definitions: dict[str, Json], *, training: Training, aside: Counter
) -> list[tuple[str, dict[str, Any]]]:
    definition = definitions[answers[0]["version"]]
    questions = {question["key"]: question for question in definition["questions"]}
    preferring, demonstrating = preference_questions(definition), demonstration_questions(definition, training)
    wanted = [a for a in answers if a["target"] is None and a["question"] in preferring | demonstrating]
    if not wanted:
        return []
    content = _content(definition, item, wanted, aside)
    if content is None:
        return []
    found: list[tuple[Json, str, Pair | Messages]] = []
    for answer in wanted:
        try:
            one = make(questions[answer["question"]], _value(answer), content, training)
        except LeftAside as left:
            aside[answer["question"], left.reason] += 1
            continue
        found += [(answer, "pair" if answer["question"] in preferring else "edit", pair) for pair in one.pairs]
        if one.demonstration:
            found.append((answer, "best" if answer["question"] in preferring else "text", one.demonstration))
    return _shaped(item, found, content, bare=training.bare)


def _content(definition: Json, item: dict[str, Any], wanted: Rows, aside: Counter) -> ItemContent | None:
    try:
        content = ItemContent.of(definition, json.loads(item["payload"]))
        if content.prompt:
            return content
        reason = "item without a prompt"
    except LeftAside as left:
        reason = left.reason
    aside.update((answer["question"], reason) for answer in wanted)
    return None


def _shaped(
    item: dict[str, Any], found: list[tuple[Json, str, Any]], content: ItemContent, *, bare: bool
) -> list[tuple[str, dict[str, Any]]]:
    """Preference and sft rows. What a person wrote is learned from rather than the better candidate."""
    pairs = [(answer, pair) for answer, how, pair in found if how in ("pair", "edit")]
    chosen = [pair for _, how, pair in found if how == "pair"]
    for answer, how, edit in found:
        if how == "edit":
            pairs += [(answer, pair) for pair in edited_over_rejected([edit], chosen)]
    learned = [(a, m) for a, how, m in found if how == "text"] or [(a, m) for a, how, m in found if how == "best"][:1]

    def extra(answer: Json) -> dict[str, Any]:
        if bare:
            return {}
        kept = {key: answer[key] for key in ("lot", "question", "confidence", "n")}
        return kept | {key: item[key] for key in ("external_id", "item_id", "slices")}

    preference = [
        extra(answer)
        | {"prompt": content.prompt, "chosen": pair.chosen, "rejected": pair.rejected, "margin": pair.margin}
        for answer, pair in pairs
    ]
    sft = [extra(answer) | {"messages": content.prompt + messages} for answer, messages in learned]
    return [("preference", row) for row in preference] + [("sft", row) for row in sft]


def _value(answer: dict[str, Any]) -> Any:
    return None if answer["value"] is None else json.loads(answer["value"])
