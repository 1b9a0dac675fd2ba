"""Rows of suggestions: a machine's proposed answers, kept apart from responses."""

from typing import Any

from assay.projects import check_value
from assay.storage import Session
from assay.storage.session import Row as Stored
from assay.tasks.imports import store
from assay.tasks.imports.cells import value_of
from assay.tasks.imports.model import Taken, number_of, optional_text_of, text_of
from assay.tasks.imports.new_rows import NewSuggestion
from assay.tasks.imports.setting import Setting, each_with_item
from assay.tasks.reading import Row


def take(session: Session, setting: Setting, rows: list[Row]) -> Taken:
    """Store what is new; the same agent and version may not suggest two values for one question."""
    taken = Taken()
    found = each_with_item(session, setting, rows, taken, new_suggestion)
    there = {place: row["value"] for place, row in store.suggestions(session, [s.item_id for _, s in found]).items()}
    new: list[NewSuggestion] = []
    for line, suggestion in found:
        place = (
            suggestion.item_id,
            suggestion.question,
            suggestion.target,
            suggestion.agent,
            suggestion.agent_version,
        )
        if place not in there:
            new.append(suggestion)
            there[place] = suggestion.value
        else:
            what = f"a suggestion of {suggestion.agent[:80]!r} for {suggestion.question!r}"
            taken.repeat(line, is_same=there[place] == suggestion.value, what=what)
    store.add_suggestions(session, new)
    taken.accepted = len(new)
    return taken


def new_suggestion(values: dict[str, Any], item: Stored, setting: Setting) -> NewSuggestion:
    """The suggestion of one row. Raises Invalid."""
    question = setting.question_of(values)
    target = optional_text_of(values, "target")
    value = value_of(question, values.get("value"))
    return NewSuggestion(
        item["id"],
        question.key,
        target,
        check_value(setting.definition, item["payload"], question.key, target, value),
        number_of(values, "score", low=-1e9, high=1e9),
        text_of(values, "agent"),
        optional_text_of(values, "agent_version") or "",
    )
