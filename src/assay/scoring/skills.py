"""How accurate each annotator is, by kind of evidence: on gold, in review, inferred from others. Never mixed."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from assay.projects import Definition
from assay.quality import Votes
from assay.quality.estimation.proportion import Estimate, beta_interval
from assay.quality.skill import accuracy
from assay.scoring.categorical import Fitted

PARTLY = 0.5  # what a partly right answer counts
Row = dict[str, Any]


def from_verdicts(definition: Definition, counts: Iterable[Row]) -> list[Row]:
    """Skills from counted verdicts (rows with annotator_id, question, evidence, n, right, partly)."""
    found: list[Row] = []
    for row in counts:
        if row["question"] in definition.by_key:
            estimate = of_verdicts(row["right"], row["partly"], row["n"])
            found.append(_row(definition, row["annotator_id"], row["question"], row["evidence"], estimate))
    return found


def of_verdicts(right: int, partly: int, n: int) -> Estimate:
    return beta_interval(right + PARTLY * partly, n)


def from_others(definition: Definition, question: str, fitted: Sequence[Fitted]) -> list[Row]:
    """Skills inferred from what others answered; options of one question count together."""
    if not fitted:
        return []
    votes, posterior = _stacked(fitted)
    return [
        _row(definition, annotator, question, "inferred", estimate)
        for annotator, estimate in zip(votes.annotator_names, accuracy.inferred(votes, posterior), strict=True)
        if estimate is not None and isinstance(annotator, UUID)
    ]


def _stacked(fitted: Sequence[Fitted]) -> tuple[Votes, Any]:
    """The ballots of all options as one: a unit counts once for each option."""
    first = fitted[0].ballot.votes
    if len(fitted) == 1:
        return first, fitted[0].probabilities
    items = [one.ballot.votes.shape[0] for one in fitted]
    starts = np.cumsum([0, *items[:-1]])
    votes = Votes(
        np.concatenate([one.ballot.votes.item + start for one, start in zip(fitted, starts, strict=True)]),
        np.concatenate([one.ballot.votes.annotator for one in fitted]),
        np.concatenate([one.ballot.votes.label for one in fitted]),
        (sum(items), first.shape[1], 2),
        annotator_names=first.annotator_names,
    )
    return votes, np.concatenate([one.probabilities for one in fitted])


def _row(definition: Definition, annotator_id: UUID, question: str, evidence: str, estimate: Estimate) -> Row:
    return {
        "annotator_id": annotator_id,
        "question": question,
        "evidence": evidence,
        "domain": definition.question(question).skill,
        "mean": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
        "method": estimate.method,
    }
