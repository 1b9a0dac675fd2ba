"""What several rankings of the same candidates say: their mean ranks (Borda), with all bad by more than half."""

from typing import Any

from assay.projects.questions import Ranking
from assay.quality.agreement import distances
from assay.scoring.model import Given, Posterior, Sheet
from assay.scoring.pairs import mean_likeness

METHOD = "mean rank"
EQUAL = 1e-9


def posteriors(question: Ranking, sheet: Sheet) -> list[Posterior]:
    return [
        Posterior(
            unit,
            question.key,
            len(given),
            tuple(g.response_id for g in given),
            METHOD,
            value=mean_order(question, given),
            agreement=mean_likeness([tiers(g.value) for g in given], distances.ranking),
        )
        for unit, given in sheet.by_unit().items()
    ]


def tiers(value: dict[str, Any]) -> list[list[str]]:
    """Best first; what was left unranked shares the last place."""
    return [*value["tiers"], *([value["unranked"]] if value.get("unranked") else [])]


def mean_order(question: Ranking, given: list[Given]) -> dict[str, Any]:
    """Candidates by their mean rank; equal means tie where ties are offered, else the id decides."""
    total: dict[str, list[float]] = {}
    for one in given:
        ahead = 0
        for tier in tiers(one.value):
            for candidate in tier:
                total.setdefault(candidate, []).append(ahead + (len(tier) + 1) / 2)
            ahead += len(tier)
    mean = {candidate: sum(ranks) / len(ranks) for candidate, ranks in total.items()}
    order: list[list[str]] = []
    for candidate in sorted(mean, key=lambda id: (mean[id], id)):
        if order and question.ties and mean[candidate] - mean[order[-1][0]] < EQUAL:
            order[-1].append(candidate)
        else:
            order.append([candidate])
    all_bad = 2 * sum(bool(one.value["all_bad"]) for one in given) > len(given)
    if question.top is None:
        return {"tiers": order, "all_bad": all_bad}
    kept: list[list[str]] = []
    while order and sum(map(len, kept)) < question.top:
        kept.append(order.pop(0))
    return {"tiers": kept, "all_bad": all_bad, "unranked": sorted(id for tier in order for id in tier)}
