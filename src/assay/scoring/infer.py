"""From the answers to one question to a posterior for each unit, by the way that fits its kind."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from assay.projects.questions import AnyOf, Ranking, Span, Text
from assay.scoring import categorical, numeric, ranking, spans, text
from assay.scoring.categorical import Fitted, Model, Scored
from assay.scoring.model import Posterior, Sheet
from assay.scoring.numeric import Offsets

WITH_CATEGORIES = ("categorical", "multilabel")


@dataclass(frozen=True)
class Known:
    """The parameters that the last refit has left behind, by question."""

    models: dict[str, dict[str, Model]] = field(default_factory=dict)  # question -> option -> model
    offsets: dict[str, Offsets] = field(default_factory=dict)

    @staticmethod
    def of(rows: Sequence[dict[str, Any]]) -> "Known":
        known = Known()
        for row in rows:
            if row["method"] == numeric.MEAN:
                known.offsets[row["question"]] = Offsets.unpack(row)
            else:
                known.models.setdefault(row["question"], {})[row["option"]] = Model.unpack(row)
        return known


@dataclass(frozen=True)
class Refitted:
    """A question fitted afresh."""

    posteriors: list[Posterior]
    fitted: list[Fitted]
    offsets: Offsets | None
    why: str

    def model_rows(self, question: str, run_id: UUID) -> list[dict[str, Any]]:
        """The parameters as rows to be kept."""
        rows: list[dict[str, Any]] = []
        for one in self.fitted:
            if (model := one.model(run_id)) is not None:
                rows.append(_model_row(question, one.ballot.option, model.method, model.annotators, model.pack()))
                rows[-1]["labels"] = list(model.labels)
        if self.offsets is not None:
            rows.append(_model_row(question, "", numeric.MEAN, self.offsets.annotators, self.offsets.pack()))
        return rows


def _model_row(
    question: str, option: str, method: str, annotators: Sequence[UUID], parameters: bytes
) -> dict[str, Any]:
    return {
        "question": question,
        "option": option,
        "method": method,
        "labels": [],
        "annotators": list(annotators),
        "parameters": parameters,
    }


def score(question: AnyOf, sheet: Sheet, known: Known) -> list[Posterior]:
    """Posteriors of the units of a sheet under the parameters of the last refit."""
    if question.kind in WITH_CATEGORIES:
        models = known.models.get(question.key, {})
        scored = [
            categorical.score(ballot, models.get(ballot.option))
            for ballot in categorical.ballots(question, sheet, models)
        ]
        return categorical.posteriors(question, sheet, scored)
    return _without_categories(question, sheet, known.offsets.get(question.key))


def refit(question: AnyOf, sheet: Sheet, run_id: UUID) -> Refitted:
    """Fit a question to all its answers, and the posteriors that follow. Deterministic."""
    if question.kind in WITH_CATEGORIES:
        fitted = [categorical.fit(question, ballot) for ballot in categorical.ballots(question, sheet, {})]
        scored = [Scored(one.ballot, one.probabilities, one.method, run_id) for one in fitted]
        why = "; ".join(dict.fromkeys(f"{one.method}: {one.why}" for one in fitted))
        return Refitted(categorical.posteriors(question, sheet, scored), fitted, None, why or "each item has its own")
    if question.kind == "numeric" and sheet.given:
        offsets, why = numeric.fit(question, sheet, run_id)
        method = numeric.MEAN if offsets else "median"
        return Refitted(_without_categories(question, sheet, offsets), [], offsets, f"{method}: {why}")
    return Refitted(_without_categories(question, sheet, None), [], None, "nothing to fit")


def _without_categories(question: AnyOf, sheet: Sheet, offsets: Offsets | None) -> list[Posterior]:
    if isinstance(question, Ranking):
        return ranking.posteriors(question, sheet)
    if isinstance(question, Span):
        return spans.posteriors(question, sheet)
    if isinstance(question, Text):
        return text.posteriors(question, sheet)
    return numeric.posteriors(question, sheet, offsets)
