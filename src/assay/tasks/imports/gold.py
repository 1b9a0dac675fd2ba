"""Rows of gold: what is known to be right for an item, used as a hidden check from then on."""

from typing import Any
from uuid import UUID

from assay.kernel import Invalid
from assay.projects import check_gold
from assay.storage import Session
from assay.storage.session import Row as Stored
from assay.tasks.imports import store
from assay.tasks.imports.cells import structured, truth_of, value_of
from assay.tasks.imports.model import Taken, optional_text_of
from assay.tasks.imports.new_rows import NewGold
from assay.tasks.imports.setting import Setting, each_with_item
from assay.tasks.reading import Row

SHOWN_MAX = 1_000  # how many annotators may meet the same hidden check


def take(session: Session, setting: Setting, rows: list[Row]) -> Taken:
    """Store what is new, and turn the tasks of these items into hidden checks where nobody has answered them yet."""
    taken = Taken()
    found = each_with_item(session, setting, rows, taken, new_gold)
    there = store.gold(session, [gold.item_id for _, gold in found])
    new: list[NewGold] = []
    for line, gold in found:
        place = (gold.item_id, gold.question, gold.target)
        if place not in there:
            new.append(gold)
            there[place] = gold.accept
        else:
            taken.repeat(line, is_same=there[place] == gold.accept, what=f"gold for {gold.question!r}")
    store.add_gold(session, setting.project_id, new)
    store.put_out_as_gold(session, list({gold.item_id for gold in new if gold.is_hidden}), shown_max=SHOWN_MAX)
    taken.accepted = len(new)
    return taken


def new_gold(values: dict[str, Any], item: Stored, setting: Setting) -> NewGold:
    """The key of one row. Raises Invalid."""
    question = setting.question_of(values)
    accept = structured_list(values.get("accept"))
    key = {
        "question": question.key,
        "target": optional_text_of(values, "target"),
        "accept": [None if value is None else value_of(question, value) for value in accept],
        "tolerance": None if values.get("tolerance") == "" else values.get("tolerance"),
        "because": optional_text_of(values, "because", length_max=10_000),
    }
    checked = check_gold(setting.definition, item["payload"], key)
    hidden = values.get("hidden")
    stored = {name: checked[name] for name in ("accept", "tolerance", "because")}
    is_hidden = True if hidden in (None, "") else truth_of(hidden, "hidden")
    item_id: UUID = item["id"]
    return NewGold(item_id, question.key, key["target"], stored, is_hidden)


def structured_list(value: Any) -> list[Any]:
    """The accepted values: a list, a list as JSON in a cell, or the one value. Raises Invalid."""
    if value is None or value == "":
        raise Invalid("accept is missing; give the list of accepted values")
    if isinstance(value, str) and value.startswith("["):
        value = structured(value, "accept")
    return value if isinstance(value, list) else [value]
