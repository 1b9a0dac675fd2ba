"""What ratings and numbers say: a mean freed of each annotator's own offset, or a median where too little is known.

Source of the median's interval: order statistics; between the lowest and the highest of n independent answers the
median lies with probability 1 - 2^(1-n) (David and Nagaraja 2003, Order Statistics, section 7.1).
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from math import comb
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np

from assay.projects.questions import AnyOf, Number, Rating
from assay.quality.arrays import Floats, Ints
from assay.scoring.categorical import ANSWERS_MIN, ITEMS_MIN
from assay.scoring.model import Given, Posterior, Sheet, Unit

CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.959964
OFFSET_WEIGHT = 5.0  # answers with offset 0 that each annotator is given beforehand
ROUNDS = 20
MEAN = "mean less annotators' offsets"


@dataclass(frozen=True)
class Offsets:
    """How far each annotator answers above the others, and how far one answer strays beyond that."""

    annotators: tuple[UUID, ...]
    offset: Floats  # (J,)
    spread: float  # standard deviation of one answer
    run_id: UUID

    def pack(self) -> bytes:
        return np.concatenate([[self.spread], self.offset]).astype("<f8").tobytes()

    @staticmethod
    def unpack(row: dict[str, Any]) -> "Offsets":
        flat = np.frombuffer(row["parameters"], dtype="<f8")
        return Offsets(tuple(row["annotators"]), flat[1:], float(flat[0]), row["run_id"])


def fit(question: AnyOf, sheet: Sheet, run_id: UUID) -> tuple[Offsets | None, str]:
    """The offsets, or None and why there are none. Deterministic."""
    if getattr(question, "aggregate", None) != "mean":
        return None, "the question asks for the median"
    units = {unit: i for i, unit in enumerate(sheet.by_unit())}
    annotators = {one: j for j, one in enumerate(dict.fromkeys(g.annotator_id for g in sheet.given))}
    unit = np.array([units[g.unit] for g in sheet.given], dtype=np.int64)
    who = np.array([annotators[g.annotator_id] for g in sheet.given], dtype=np.int64)
    shared = np.bincount(unit, minlength=len(units))[unit] > 1
    if len(np.unique(unit[shared])) < ITEMS_MIN:
        return None, f"{len(np.unique(unit[shared]))} items have two answers or more; {ITEMS_MIN} are needed"
    if unit.size / len(annotators) < ANSWERS_MIN:
        return None, f"annotators gave {unit.size / len(annotators):.1f} answers on average; {ANSWERS_MIN} are needed"
    value = np.array([float(g.value) for g in sheet.given])
    offset, spread = _offsets(unit[shared], who[shared], value[shared], len(annotators))
    return Offsets(tuple(annotators), offset, spread, run_id), "fitted"


def _offsets(unit: Ints, who: Ints, value: Floats, annotators: int) -> tuple[Floats, float]:
    """Alternate between the items' means and the annotators' offsets from them."""
    offset = np.zeros(annotators)
    count = np.bincount(unit)
    residual = value
    for _ in range(ROUNDS):
        free = value - offset[who]
        residual = value - (np.bincount(unit, weights=free) / np.maximum(count, 1))[unit]
        answers = np.bincount(who, minlength=annotators)
        offset = np.bincount(who, weights=residual, minlength=annotators) / (answers + OFFSET_WEIGHT)
    left = residual - offset[who]
    freedom = max(value.size - int((count > 0).sum()) - annotators + 1, 1)
    return offset, float(np.sqrt((left**2).sum() / freedom))


def posteriors(question: AnyOf, sheet: Sheet, offsets: Offsets | None) -> list[Posterior]:
    known = dict(zip(offsets.annotators, offsets.offset.tolist(), strict=True)) if offsets else {}
    return [
        _mean(question, unit, given, known, offsets) if offsets else _median(question, unit, given)
        for unit, given in sheet.by_unit().items()
    ]


def _mean(question: AnyOf, unit: Unit, given: list[Given], known: dict[UUID, float], offsets: Offsets) -> Posterior:
    free = [float(g.value) - known.get(g.annotator_id, 0.0) for g in given]
    estimate = sum(free) / len(free)
    half = NORMAL_QUANTILE * offsets.spread / len(free) ** 0.5
    low, high = _inside(question, estimate - half), _inside(question, estimate + half)
    estimate = _inside(question, estimate)
    method = f"{MEAN}, {CONFIDENCE:.0%} interval from the spread of all answers"
    value = _as_answer(question, Decimal(repr(estimate)))
    return _posterior(question, unit, given, value, (estimate, low, high), method, offsets.run_id)


def _median(question: AnyOf, unit: Unit, given: list[Given]) -> Posterior:
    values = sorted(Decimal(str(g.value)) for g in given)
    middle = median(values)
    rank, coverage = _ranks(len(values))
    if rank is None:
        low, high, method = None, None, "median of one answer, no interval"
    else:
        low, high = float(values[rank]), float(values[-1 - rank])
        method = f"median, interval between order statistics of {coverage:.0%}"
    return _posterior(question, unit, given, _as_answer(question, middle), (float(middle), low, high), method, None)


def _ranks(n: int) -> tuple[int | None, float]:
    """How many answers to leave out on each side so that at least 95 % is covered, or what all of them cover."""
    if n < 2:
        return None, 0.0
    best = 0, 1 - 2.0 ** (1 - n)
    for rank in range(1, n // 2):
        coverage = 1 - 2 * sum(comb(n, i) for i in range(rank + 1)) / 2**n
        if coverage < CONFIDENCE:
            break
        best = rank, coverage
    return best


def _inside(question: AnyOf, value: float) -> float:
    if isinstance(question, Rating):
        return min(max(value, float(question.scale.min)), float(question.scale.max))
    return value


def _as_answer(question: AnyOf, value: Decimal) -> Any:
    """The nearest value that could be answered: a whole step, or the decimals that are asked for."""
    if isinstance(question, Rating):
        return int(value.to_integral_value(ROUND_HALF_EVEN))
    assert isinstance(question, Number)
    if question.decimals is not None and -value.normalize().as_tuple().exponent > question.decimals:  # type: ignore[operator]
        value = value.quantize(Decimal(1).scaleb(-question.decimals), ROUND_HALF_EVEN)
    text = f"{value:f}"
    return text.removeprefix("-") if not value else text


def _posterior(
    question: AnyOf,
    unit: Unit,
    given: list[Given],
    value: Any,
    numbers: tuple[float, float | None, float | None],
    method: str,
    run_id: UUID | None,
) -> Posterior:
    responses = tuple(g.response_id for g in given)
    estimate, low, high = numbers
    return Posterior(unit, question.key, len(given), responses, method, value, None, estimate, low, high, run_id=run_id)
