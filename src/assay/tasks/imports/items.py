"""Rows of items: each becomes an item and a task in a batch, or is found to be there already."""

from dataclasses import dataclass
from typing import Any

from assay.kernel import Invalid, Problem, canonical_json, new_id, sha256_hex
from assay.projects import check_item, normalise_item
from assay.storage import Session
from assay.tasks.imports import store
from assay.tasks.imports.cells import item_values
from assay.tasks.imports.model import BadLine, Taken, optional_text_of, sentence, text_of
from assay.tasks.imports.new_rows import NewItem, NewTasks
from assay.tasks.imports.setting import Setting
from assay.tasks.reading import FileFormat, Row


@dataclass(frozen=True)
class Items:
    """The items of one block of rows, each under its external id with its line; `taken` has what was refused so far."""

    new: dict[str, tuple[int, NewItem]]
    taken: Taken


def check(setting: Setting, rows: list[Row]) -> Items:
    """The pure part: what the rows say, and which of them say it twice."""
    found = Items({}, Taken())
    for row in rows:
        try:
            item = new_item(setting.named(row.values), setting)
        except Invalid as wrong:
            found.taken.bad.append(BadLine(row.line, sentence(wrong)))
            continue
        line, twin = found.new.setdefault(item.external_id, (row.line, item))
        if twin is not item:
            said = f"stands in {setting.unit} {line} with other content"
            _compare(found.taken, row.line, item, twin.sha256, said)
    return found


def take(session: Session, setting: Setting, found: Items, tasks: NewTasks) -> Taken:
    """Store what is new. A known external id with other content is a problem, never an overwrite."""
    taken = Taken(0, found.taken.known, list(found.taken.bad))
    there = store.known_items(session, setting.project_id, list(found.new))
    new: list[NewItem] = []
    for line, item in found.new.values():
        if item.external_id in there:
            said = "is known with other content; give a changed item an external id of its own"
            _compare(taken, line, item, there[item.external_id], said)
        else:
            new.append(item)
    store.add_items(session, setting.project_id, new, tasks)
    taken.accepted = len(new)
    return taken


def new_item(values: dict[str, Any], setting: Setting) -> NewItem:
    """The item of one row: all of it is kept, with the ids that its parts lack. Raises Invalid."""
    if setting.format is FileFormat.CSV:
        values = item_values(values, setting.definition)
    external_id = text_of(values, "external_id")
    language = optional_text_of(values, "language", length_max=35)
    slices = slices_of(values.get("slices"))
    if problems := check_item(setting.definition, values):
        raise Invalid("", problems)
    payload = canonical_json(normalise_item(setting.definition, values))
    return NewItem(new_id(), external_id, payload.decode(), slices, language, sha256_hex(payload))


def slices_of(value: Any) -> dict[str, Any]:
    """The names and values by which results are split. Raises Invalid."""
    if value is None or value == "":
        return {}
    is_flat = isinstance(value, dict) and all(isinstance(v, str | int | float | bool) for v in value.values())
    if not is_flat or len(value) > 50:
        raise Invalid("", [Problem("slices", 'must be an object such as {"topic": "vat"}')])
    return value


def _compare(taken: Taken, line: int, item: NewItem, sha256: str, otherwise: str) -> None:
    if item.sha256 == sha256:
        taken.known += 1
    else:
        taken.bad.append(BadLine(line, f"external id {item.external_id[:80]!r} {otherwise}"))
