"""Which column is which: the names that other tools use are accepted at this door, and nowhere further in."""

from collections.abc import Collection, Iterable
from typing import Any

Mapping = dict[str, str]  # a column of the file -> our name for it; "slices.topic" reaches into an object

ALIASES = {  # our name -> what others call it, case-folded; the first one found is taken
    "external_id": ("id", "record_id", "unit_id", "item_id", "item", "task_id", "task", "uuid"),
    "annotator": ("worker", "worker_id", "workerid", "rater", "labeler", "coder", "annotator_id"),
    "value": ("label", "answer", "judgment", "rating"),
    "messages": ("conversation", "conversations", "turns"),
    "candidates": ("responses", "completions", "outputs", "answers"),
    "prompt": ("question", "instruction", "input"),
    "active_seconds": ("seconds",),
    "accept": ("accepted", "gold", "value", "label", "answer", "truth"),
    "because": ("explanation",),
}


def propose_mapping(columns: Iterable[str], *, wanted: Collection[str]) -> Mapping:
    """How the columns would be renamed to the wanted names; for a person to confirm.

    A column that is itself wanted keeps its name, whatever it could also stand for: `question` stays `question` where a
    field shows it. A wanted name that is there already takes no alias.
    """
    folded: dict[str, str] = {}
    for column in columns:
        folded.setdefault(column.strip().casefold(), column)
    free = {name: column for name, column in folded.items() if column not in wanted}
    mapping: Mapping = {}
    for name in wanted:
        if name in folded.values():
            continue
        alias = next((alias for alias in (name.casefold(), *ALIASES.get(name, ())) if alias in free), None)
        if alias is not None:
            mapping[free.pop(alias)] = name
    return mapping


def rename(values: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    """The row under our names. A column mapped to nothing ("") is left out."""
    if not mapping:
        return values
    renamed: dict[str, Any] = {}
    for column, value in values.items():
        place = renamed
        *outer, name = mapping.get(column, column).split(".") if column in mapping else (column,)
        for step in outer:
            inner = place.setdefault(step, {})
            place = inner if isinstance(inner, dict) else place
        if name:
            place[name] = value
    return renamed
