"""Rows of gold results recorded elsewhere: whether an annotator passed a hidden check. Evidence for scoring."""

from typing import Any

from assay import workforce
from assay.kernel import Invalid, Problem
from assay.storage import Session
from assay.storage.session import Row as Stored
from assay.tasks.imports import store
from assay.tasks.imports.cells import truth_of
from assay.tasks.imports.model import Taken, optional_text_of, text_of
from assay.tasks.imports.new_rows import NewGoldResult, ReadGoldResult
from assay.tasks.imports.setting import Setting, each_with_item
from assay.tasks.reading import Row

VERDICTS = ("right", "partly", "wrong")


def take(session: Session, setting: Setting, rows: list[Row]) -> Taken:
    """Store what is new; one verdict for each item, annotator and question."""
    taken = Taken()
    found = each_with_item(session, setting, rows, taken, read_result)
    people = workforce.recorded_annotators(session, [read.annotator for _, read in found])
    there = store.gold_results(session, [read.item_id for _, read in found])
    new: list[NewGoldResult] = []
    for line, read in found:
        place = (read.item_id, people[read.annotator], read.question)
        if place not in there:
            new.append(NewGoldResult(*place, read.verdict))
            there[place] = read.verdict
        else:
            taken.repeat(line, is_same=there[place] == read.verdict, what=f"a result of {read.annotator[:80]!r}")
    store.add_gold_results(session, setting.project_id, new)
    taken.accepted = len(new)
    return taken


def read_result(values: dict[str, Any], item: Stored, setting: Setting) -> ReadGoldResult:
    """The result of one row: a verdict, or whether the planted error was found. Raises Invalid."""
    annotator = text_of(values, "annotator", length_max=100)
    question = setting.question_of(values)
    verdict = optional_text_of(values, "verdict")
    if verdict is None:
        if values.get("found") in (None, ""):
            raise Invalid(
                "", [Problem("verdict", "is missing; give right, partly or wrong, or found as true or false")]
            )
        verdict = "right" if truth_of(values["found"], "found") else "wrong"
    if verdict not in VERDICTS:
        raise Invalid("", [Problem("verdict", f"must be one of {', '.join(VERDICTS)}")])
    return ReadGoldResult(item["id"], annotator, question.key, verdict)
