"""What the answers to a question with categories say: probabilities for each unit, by Dawid-Skene or by shares.

Dawid-Skene where a refit has found enough answers to know the annotators; else the shares of the votes, held back by
one vote spread over all categories, so that two who agree are not yet certainty.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from assay.projects.questions import AnyOf, Choices, Pairwise
from assay.quality import Votes
from assay.quality.aggregation import dawid_skene
from assay.quality.arrays import Floats
from assay.scoring import votes as coding
from assay.scoring.model import Given, Posterior, Sheet, Unit

ITEMS_MIN = 50  # fewer say too little about the annotators
ANSWERS_MIN = 3  # per annotator, on average
PRIOR_VOTES = 1.0
DAWID_SKENE = "Dawid-Skene"
SHARES = "majority, shares with one prior vote"


@dataclass(frozen=True)
class Model:
    """Parameters found by a refit, kept to score what comes in later. `confusion` is [annotator, true, said]."""

    method: str
    labels: tuple[str, ...]
    annotators: tuple[UUID, ...]
    prior: Floats
    newcomer: Floats
    confusion: Floats
    run_id: UUID

    def pack(self) -> bytes:
        parts = (self.prior, self.newcomer, self.confusion)
        return b"".join(np.ascontiguousarray(part, dtype="<f8").tobytes() for part in parts)

    @staticmethod
    def unpack(row: dict[str, Any]) -> "Model":
        k, j = len(row["labels"]), len(row["annotators"])
        flat = np.frombuffer(row["parameters"], dtype="<f8")
        prior, newcomer, confusion = np.split(flat, [k, k + k * k])
        return Model(
            row["method"],
            tuple(row["labels"]),
            tuple(row["annotators"]),
            prior,
            newcomer.reshape(k, k),
            confusion.reshape(j, k, k),
            row["run_id"],
        )


@dataclass(frozen=True)
class Ballot:
    """Votes on labels that all units share: of a question, or yes and no for one option of it."""

    option: str
    votes: Votes  # items are units, annotators are ids


@dataclass(frozen=True)
class Fitted:
    """What a refit makes of one ballot."""

    ballot: Ballot
    probabilities: Floats  # (I, K)
    method: str
    why: str
    fit: dawid_skene.Fit | None

    def model(self, run_id: UUID) -> Model | None:
        if self.fit is None:
            return None
        votes = self.ballot.votes
        return Model(
            self.method,
            tuple(str(name) for name in votes.label_names),
            tuple(name for name in votes.annotator_names if isinstance(name, UUID)),
            self.fit.prior,
            self.fit.newcomer,
            self.fit.confusion,
            run_id,
        )


def ballots(question: AnyOf, sheet: Sheet, models: dict[str, Model]) -> list[Ballot]:
    """The votes to count. Annotators known to a model keep its numbers. Empty where each item brings its categories."""
    labels = coding.shared_labels(question)
    if labels is None or not sheet.given:
        return []
    if not isinstance(question, Choices):
        coded = [(one, coding.coded(question, sheet, one)) for one in sheet.given]
        return [_ballot("", [(one, label) for one, label in coded if label in labels], labels, models)]
    return [
        _ballot(option, [(g, "yes" if option in g.value else "no") for g in sheet.given], ("no", "yes"), models)
        for option in labels
    ]


def _ballot(option: str, said: list[tuple[Given, str]], labels: Sequence[str], models: dict[str, Model]) -> Ballot:
    model = models.get(option)
    return Ballot(
        option,
        Votes.of(
            [one.unit for one, _ in said],
            [one.annotator_id for one, _ in said],
            [label for _, label in said],
            labels_known=labels,
            annotators_known=model.annotators if model else (),
        ),
    )


def fit(question: AnyOf, ballot: Ballot) -> Fitted:
    """Fit a ballot afresh. Deterministic."""
    if reason := too_little(question, ballot.votes):
        return Fitted(ballot, shares(ballot.votes), SHARES, reason, None)
    found = dawid_skene.fit(ballot.votes)
    why = "converged" if found.converged else f"stopped after {len(found.log_likelihood)} rounds, not converged"
    return Fitted(ballot, found.posterior, DAWID_SKENE, why, found)


def too_little(question: AnyOf, votes: Votes) -> str | None:
    """Why Dawid-Skene is not used; None when it is."""
    if getattr(question, "aggregate", None) == "majority":
        return "the question asks for the majority"
    items = int((np.bincount(votes.item, minlength=votes.shape[0]) > 1).sum())
    if items < ITEMS_MIN:
        return f"{items} items have two answers or more; {ITEMS_MIN} are needed"
    per_annotator = votes.item.size / max(np.unique(votes.annotator).size, 1)
    if per_annotator < ANSWERS_MIN:
        return f"annotators gave {per_annotator:.1f} answers on average; {ANSWERS_MIN} are needed"
    return None


def shares(votes: Votes) -> Floats:
    """Vote shares with one more vote spread evenly over the labels, (I, K)."""
    items, _, labels = votes.shape
    counts = np.bincount(votes.item * labels + votes.label, minlength=items * labels).reshape(items, labels)
    held_back = counts + PRIOR_VOTES / labels
    return held_back / held_back.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Scored:
    """The probabilities of a ballot's units, (I, K), with the method and the run that they came from."""

    ballot: Ballot
    probabilities: Floats
    method: str
    run_id: UUID | None


def score(ballot: Ballot, model: Model | None) -> Scored:
    """Score a ballot under the parameters of the last refit; by shares where there are none."""
    if model is None or model.labels != ballot.votes.label_names:
        return Scored(ballot, shares(ballot.votes), SHARES, None)
    found = dawid_skene.posterior_of(ballot.votes, model.prior, model.confusion, newcomer=model.newcomer)
    return Scored(ballot, found, model.method, model.run_id)


def posteriors(question: AnyOf, sheet: Sheet, scored: list[Scored]) -> list[Posterior]:
    """One posterior for each unit, from the probabilities of its ballots."""
    units = sheet.by_unit()
    if coding.shared_labels(question) is None:
        return [_own_categories(question, sheet, unit, given) for unit, given in units.items()]
    if isinstance(question, Choices):
        return _of_options(question, units, scored)
    return _of_labels(question, sheet, units, scored)


def _of_labels(question: AnyOf, sheet: Sheet, units: dict[Unit, list[Given]], scored: list[Scored]) -> list[Posterior]:
    if not scored:
        return []
    one = scored[0]
    labels = [str(name) for name in one.ballot.votes.label_names]
    found: list[Posterior] = []
    for unit, row in zip(one.ballot.votes.item_names, one.probabilities.tolist(), strict=True):
        assert isinstance(unit, Unit)
        names = coding.categories(question, sheet, unit, labels)
        chances = dict(zip(names, row, strict=True))
        found.append(_posterior(question, unit, units[unit], chances, one.method, one.run_id))
    return found


def _own_categories(question: AnyOf, sheet: Sheet, unit: Unit, given: list[Given]) -> Posterior:
    """Shares over the categories that this item brings along."""
    names = question.categories(sheet.contents[unit.task_id], unit.target)
    if isinstance(question, Choices):
        counts = Counter(option for one in given for option in one.value)
        chances = {name: (counts[name] + PRIOR_VOTES / 2) / (len(given) + PRIOR_VOTES) for name in names}
        return _set_posterior(question, unit, given, chances, SHARES, None)
    counts = Counter(question.label(one.value) for one in given)
    total = len(given) + PRIOR_VOTES
    chances = {name: (counts[name] + PRIOR_VOTES / len(names)) / total for name in names}
    return _posterior(question, unit, given, chances, SHARES, None)


def _of_options(question: Choices, units: dict[Unit, list[Given]], scored: list[Scored]) -> list[Posterior]:
    chances: dict[Unit, dict[str, float]] = {unit: {} for unit in units}
    for one in scored:
        for unit, chance in zip(one.ballot.votes.item_names, one.probabilities[:, 1].tolist(), strict=True):
            assert isinstance(unit, Unit)
            chances[unit][one.ballot.option] = chance
    methods = sorted({one.method for one in scored})
    run_id = next((one.run_id for one in scored if one.run_id), None)
    method = f"{' or '.join(methods)}, each option by itself"
    return [_set_posterior(question, unit, given, chances[unit], method, run_id) for unit, given in units.items()]


def _posterior(
    question: AnyOf, unit: Unit, given: list[Given], chances: dict[str, float], method: str, run_id: UUID | None
) -> Posterior:
    best = max(chances, key=chances.__getitem__)  # a tie goes to the first category
    counts = Counter(question.label(one.value) for one in given)
    return Posterior(
        unit,
        question.key,
        len(given),
        tuple(one.response_id for one in given),
        method,
        value=verdict_value(question, best, given),
        probabilities={name: round(chance, 9) for name, chance in chances.items()},
        confidence=chances[best],
        agreement=equal_pairs(counts),
        run_id=run_id,
    )


def _set_posterior(
    question: Choices, unit: Unit, given: list[Given], chances: dict[str, float], method: str, run_id: UUID | None
) -> Posterior:
    return Posterior(
        unit,
        question.key,
        len(given),
        tuple(one.response_id for one in given),
        method,
        value=likely_set(question, chances),
        probabilities={name: round(chance, 9) for name, chance in chances.items()},
        confidence=min(max(chance, 1 - chance) for chance in chances.values()),
        agreement=equal_pairs(Counter(question.label(one.value) for one in given)),
        run_id=run_id,
    )


def likely_set(question: Choices, chances: dict[str, float]) -> list[str]:
    """The options above one half; of an option that excludes others and those others, the more likely side."""
    likely = [name for name, chance in chances.items() if chance > 0.5]
    alone = [name for name in likely if name in question.exclusive]
    others = [name for name in likely if name not in question.exclusive]
    if alone:
        best = max(alone, key=chances.__getitem__)
        if not others or chances[best] >= max(chances[name] for name in others):
            return [best]
    return sorted(others)


def verdict_value(question: AnyOf, category: str, given: list[Given]) -> Any:
    """The category as an answer. The strength of a verdict is the middle one of those who gave it."""
    if not isinstance(question, Pairwise):
        return category
    strengths = sorted(g.value["strength"] for g in given if g.value["verdict"] == category and "strength" in g.value)
    return {"verdict": category} | ({"strength": strengths[(len(strengths) - 1) // 2]} if strengths else {})


def equal_pairs(counts: Counter[str]) -> float | None:
    """The share of pairs of answers that are equal; None with fewer than two answers."""
    n = counts.total()
    return sum(count * (count - 1) for count in counts.values()) / (n * (n - 1)) if n > 1 else None
