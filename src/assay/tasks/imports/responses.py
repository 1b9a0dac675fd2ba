"""Rows of responses recorded elsewhere: they are counted like our own, and complete the tasks they are about."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from assay import audit, workforce
from assay.kernel import Invalid, Problem, canonical_json, sha256_hex
from assay.projects import check_answers, complete_spans
from assay.storage import Session
from assay.storage.session import Row as Stored
from assay.tasks.imports import store
from assay.tasks.imports.cells import answers_of
from assay.tasks.imports.model import BadLine, Taken, number_of, text_of
from assay.tasks.imports.new_rows import NewResponse, ReadResponse
from assay.tasks.imports.setting import Setting, each_with_item
from assay.tasks.reading import Row

SECONDS_MAX = 7 * 86_400


def take(session: Session, setting: Setting, rows: list[Row]) -> Taken:
    """Store what is new. Annotators not met before get a pseudonym without a person behind it.

    Records `responses.recorded`, and `task.completed` for each task that has all it wants by that.
    """
    taken = Taken()
    found = each_with_item(session, setting, rows, taken, read_response)
    people = workforce.recorded_annotators(session, [read.annotator for _, read in found])
    tasks = store.tasks_of_items(session, [read.item_id for _, read in found])
    there = store.recorded(session, [task["id"] for task in tasks.values()])
    new: list[NewResponse] = []
    for line, read in found:
        task, annotator_id = tasks.get(read.item_id), people[read.annotator]
        if task is None:
            taken.bad.append(BadLine(line, "is about an item without a task; it was cancelled"))
        elif (place := (task["id"], annotator_id)) in there:
            taken.repeat(line, is_same=there[place] == read.body_hash, what=f"a response of {read.annotator[:80]!r}")
        elif task["state"] == "settled":
            taken.bad.append(BadLine(line, "is about a task that is settled; reopen it first"))
        else:
            new.append(NewResponse(task["id"], annotator_id, task["version_id"], read))
            there[place] = read.body_hash
    _add(session, setting, new)
    taken.accepted = len(new)
    return taken


def _add(session: Session, setting: Setting, new: list[NewResponse]) -> None:
    if not new:
        return
    store.add_responses(session, setting.project_id, new, now=session.now())
    for task_id in store.count_recorded(session, Counter[UUID](response.task_id for response in new)):
        audit.record(session, "task.completed", subject=task_id, body={"import": str(setting.import_id)})
    audit.record(
        session,
        "responses.recorded",
        subject=setting.project_id,
        body={"import": str(setting.import_id), "responses": len(new)},
    )


def read_response(values: dict[str, Any], item: Stored, setting: Setting) -> ReadResponse:
    """The response of one row. Raises Invalid."""
    annotator = text_of(values, "annotator", length_max=100)
    if (only := setting.only_question) and "value" in values:
        values = {**values, only: values["value"]}
    answers = complete_spans(setting.definition, item["payload"], answers_of(values, setting.definition))
    answers = check_answers(setting.definition, item["payload"], answers)
    seconds = number_of(values, "active_seconds", low=0, high=SECONDS_MAX) or 0.0
    submitted_at = _time_of(values)
    said = {"answers": answers, "active_seconds": seconds, "submitted_at": submitted_at and submitted_at.isoformat()}
    return ReadResponse(item["id"], annotator, answers, sha256_hex(canonical_json(said)), seconds, submitted_at)


def _time_of(values: dict[str, Any]) -> datetime | None:
    """When it was submitted, with a zone; without one it is taken as UTC. Raises Invalid."""
    text = values.get("submitted_at")
    if text is None or text == "":
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Invalid("", [Problem("submitted_at", "must be a time such as 2026-11-22T10:05:00Z")]) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
