"""What several annotators' marks in a text say: of each label the code points marked by more than half, as runs."""

from collections import Counter
from typing import Any

from assay.projects.questions import Span
from assay.quality.agreement import distances
from assay.scoring.model import Given, Posterior, Sheet
from assay.scoring.pairs import mean_likeness

METHOD = "code points marked by more than half"


def posteriors(question: Span, sheet: Sheet) -> list[Posterior]:
    return [
        Posterior(
            unit,
            question.key,
            len(given),
            tuple(g.response_id for g in given),
            METHOD,
            value=marked_by_most(given),
            agreement=mean_likeness([stretches(g.value) for g in given], distances.span_overlap_f1),
        )
        for unit, given in sheet.by_unit().items()
    ]


def stretches(value: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["label"]) for span in value]


def marked_by_most(given: list[Given]) -> list[dict[str, Any]]:
    """Runs of code points that more than half have marked with a label, with their text."""
    if len(given) == 1:
        return given[0].value
    marks: Counter[tuple[str, int]] = Counter()
    text: dict[int, str] = {}
    for one in given:
        mine: set[tuple[str, int]] = set()
        for span in one.value:
            places = range(span["start"], span["end"])
            text.update(zip(places, span["quote"], strict=True))
            mine.update((span["label"], place) for place in places)
        marks.update(mine)
    kept = sorted(mark for mark, count in marks.items() if 2 * count > len(given))
    runs: list[tuple[str, int, int]] = []
    for label, place in kept:
        if runs and runs[-1][0] == label and runs[-1][2] == place:
            runs[-1] = (label, runs[-1][1], place + 1)
        else:
            runs.append((label, place, place + 1))
    runs.sort(key=lambda run: (run[1], run[2], run[0]))
    return [
        {
            "id": f"s{i}",
            "label": label,
            "start": start,
            "end": end,
            "quote": "".join(text[p] for p in range(start, end)),
        }
        for i, (label, start, end) in enumerate(runs, 1)
    ]
