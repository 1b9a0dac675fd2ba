"""What several texts say: of one-line answers the most frequent; of longer text nothing, for review chooses it."""

from collections import Counter
from typing import Any

from assay.projects.questions import Text
from assay.scoring.categorical import equal_pairs
from assay.scoring.model import Given, Posterior, Sheet, Unit


def posteriors(question: Text, sheet: Sheet) -> list[Posterior]:
    return [_posterior(question, unit, given) for unit, given in sheet.by_unit().items()]


def _posterior(question: Text, unit: Unit, given: list[Given]) -> Posterior:
    responses = tuple(g.response_id for g in given)
    if len(given) == 1:
        return Posterior(unit, question.key, 1, responses, "single response", value=given[0].value)
    if question.format != "line":
        return Posterior(unit, question.key, len(given), responses, "not aggregated; each response keeps its text")
    counts = Counter(question.label(g.value) for g in given)
    value = most_frequent(question, given, counts)
    return Posterior(
        unit,
        question.key,
        len(given),
        responses,
        "majority of folded lines",
        value=value,
        agreement=equal_pairs(counts),
    )


def most_frequent(question: Text, given: list[Given], counts: Counter[str]) -> Any:
    """As its first writer typed it; a tie goes to the line that came first."""
    best = max(counts.values())
    return next(g.value for g in given if counts[question.label(g.value)] == best)
