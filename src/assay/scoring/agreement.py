"""How alike annotators answer each question, over all items and over slices of them, with intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from assay.projects.questions import AnyOf, Choice, Choices, Number, Pairwise, Ranking, Rating, Span, Text
from assay.quality.agreement import Agreement, alpha, distances, likeness
from assay.scoring.model import Given, Sheet, Unit
from assay.scoring.ranking import tiers
from assay.scoring.spans import stretches
from assay.scoring.votes import candidates

ITEMS_MIN = 10  # of a slice, with two answers or more
SLICES_MAX = 20  # values of one name; more are no slices but ids
REPLICATES = 500
REPLICATES_OF_SLICES = 200
Measure = tuple[str, Callable[[Given], Any], Any]  # its name, what is compared, and the distance
Slices = Mapping[UUID, Mapping[str, str]]  # task -> name -> value


def rows(question: AnyOf, sheet: Sheet, slices: Slices, *, seed: int) -> list[dict[str, Any]]:
    """Agreement rows of one question, by the project's version. Draws from the seed."""
    found: list[dict[str, Any]] = []
    by_version: dict[UUID, list[Given]] = {}
    for one in sheet.given:
        by_version.setdefault(one.version_id, []).append(one)
    for version_id, given in sorted(by_version.items()):
        for measure in measures(question, sheet):
            for name, part in (("", given), *_slices(given, slices)):
                result = _agreement(measure, part, replicates=REPLICATES_OF_SLICES if name else REPLICATES, seed=seed)
                if not name or result.n_items >= ITEMS_MIN:
                    missing = _missing(sheet, slices, name)
                    found.append(_row(question, version_id, name, measure[0], result, missing))
    return found


def measures(question: AnyOf, sheet: Sheet) -> Iterator[Measure]:
    """What is compared, and how, for each type of question. Free text has none."""
    match question:
        case Choice():
            yield "alpha nominal", lambda g: g.value, distances.nominal
        case Choices():
            yield "alpha jaccard", lambda g: tuple(g.value), distances.jaccard
            yield "alpha nominal", lambda g: "|".join(g.value), distances.nominal
        case Pairwise():
            if question.agreement == "ordinal":
                yield "alpha ordinal", lambda g: question.signed(g.value, sheet.contents[g.unit.task_id]), "ordinal"
            yield "alpha nominal", lambda g: _by_place(question, sheet, g), distances.nominal
            if question.both_bad:
                yield "alpha nominal, both bad", lambda g: g.value["verdict"] == "both_bad", distances.nominal
        case Rating():
            yield f"alpha {question.agreement}", lambda g: g.value, question.agreement
        case Number():
            yield "alpha interval", lambda g: float(g.value), distances.interval
        case Ranking():
            yield "alpha ranking", lambda g: tuple(tuple(tier) for tier in tiers(g.value)), distances.ranking
        case Span():
            yield "F1 exact", lambda g: tuple(stretches(g.value)), distances.span_f1
            yield "F1 overlap", lambda g: tuple(stretches(g.value)), distances.span_overlap_f1
        case Text(format="line"):
            yield "alpha nominal", lambda g: question.label(g.value), distances.nominal
        case _:
            return


def _by_place(question: Pairwise, sheet: Sheet, given: Given) -> str:
    verdict = given.value["verdict"]
    ids = candidates(question, sheet, given.unit)
    return str(ids.index(verdict)) if verdict in ids else verdict


def _agreement(measure: Measure, given: Sequence[Given], *, replicates: int, seed: int) -> Agreement:
    name, compared, distance = measure
    units: list[Unit] = [one.unit for one in given]
    values = [compared(one) for one in given]
    if name.startswith("F1"):
        return likeness(units, values, distance=distance, replicates=replicates, rng=seed)
    return alpha(units, values, distance=distance, replicates=replicates, rng=seed)


def _slices(given: Sequence[Given], slices: Slices) -> Iterator[tuple[str, list[Given]]]:
    """The parts of the answers by each name and value that make a sensible slice."""
    names = sorted({name for one in given for name in slices.get(one.unit.task_id, ())})
    for name in names:
        parts: dict[str, list[Given]] = {}
        for one in given:
            if (value := slices.get(one.unit.task_id, {}).get(name)) is not None:
                parts.setdefault(value, []).append(one)
        if 1 < len(parts) <= SLICES_MAX:
            yield from ((f"{name}={value}", part) for value, part in sorted(parts.items()))


def _missing(sheet: Sheet, slices: Slices, name: str) -> int:
    if not name:
        return sum(sheet.missing.values())
    key, _, value = name.partition("=")
    return sum(n for unit, n in sheet.missing.items() if slices.get(unit.task_id, {}).get(key) == value)


def _row(
    question: AnyOf, version_id: UUID, slice_name: str, measure: str, found: Agreement, missing: int
) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "question": question.key,
        "slice": slice_name,
        "measure": measure,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "raw": found.raw,
        "n_items": found.n_items,
        "n_values": found.n_values,
        "missing": missing,
        "method": f"{found.method}; 95 % interval by bootstrap over items",
    }
