"""ranking: candidates in order, with ties, "all of them bad", and only the top where that is enough."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import ClassVar, Literal

from pydantic import Field

from assay.kernel import Problem
from assay.projects.fields import Content, FieldBase
from assay.projects.questions.question import (
    BadValue,
    Grade,
    Json,
    Kind,
    Of,
    Question,
    candidates_fault,
    joined,
    need,
    need_keys,
)

PARTLY = 0.75


class Ranking(Question):
    """An order of all candidates, as tiers from best to worst."""

    kind: ClassVar[Kind] = "ranking"
    type: Literal["ranking"]
    of: Of
    ties: bool = False
    all_bad: bool = False
    top: int | None = Field(default=None, ge=1)
    agreement: Literal["ranking"] = "ranking"
    aggregate: Literal["majority"] = "majority"  # of each pair

    def needs(self) -> tuple[str, ...]:
        return (self.of.field,)

    def faults(self, fields: Mapping[str, FieldBase]) -> Iterator[Problem]:
        if fault := candidates_fault(self.of, fields):
            yield fault

    def read(self, value: Json, content: Content, target: str | None) -> Json:
        need_keys(value, {"tiers"}, {"tiers", "all_bad", "unranked"})
        all_bad, unranked = value.get("all_bad", False), value.get("unranked", [])
        need(all_bad, bool, "must be true or false", "all_bad")
        if all_bad and not self.all_bad:
            raise BadValue("all_bad", "is not offered by this question")
        need(value["tiers"], list, "must be a list of lists of candidate ids", "tiers")
        for i, tier in enumerate(value["tiers"]):
            need(tier, list, "must be a list of candidate ids", f"tiers[{i}]")
            if not tier or (len(tier) > 1 and not self.ties):
                raise BadValue(f"tiers[{i}]", "must hold one candidate" + (" or more" if self.ties else "; no ties"))
        need(unranked, list, "must be a list of candidate ids", "unranked")
        self._check_members(value["tiers"], unranked, all_bad, content.ids(self.of.field))
        stored = {"tiers": [sorted(tier) for tier in value["tiers"]], "all_bad": all_bad}
        return stored | {"unranked": sorted(unranked)} if self.top else stored

    def _check_members(self, tiers: list[list[Json]], unranked: list[Json], all_bad: bool, ids: list[str]) -> None:
        """Each candidate exactly once; an order may be left out where all are bad; `top` says how far it goes."""
        named = [id for tier in [*tiers, unranked] for id in tier]
        if wrong := [id for id in named if id not in ids]:
            raise BadValue("tiers", f"names {wrong[0]!r}, which is no candidate of this item")
        if len(set(named)) < len(named):
            raise BadValue("tiers", "names a candidate twice")
        if all_bad and not named:
            return
        if left := [id for id in ids if id not in named]:
            raise BadValue("tiers", f"leaves out {', '.join(left)}")
        if self.top is None and unranked:
            raise BadValue("unranked", "must be empty: all are to be put in order")
        wanted = min(self.top or len(ids), len(ids))
        ranked = len(named) - len(unranked)
        if ranked < wanted or (self.top and ranked - len(tiers[-1]) >= wanted):
            raise BadValue("tiers", f"must order the best {wanted} and leave the rest unranked")

    def compare(self, accepted: Json, value: Json, *, tolerance: Decimal | None) -> Grade:
        """The share of gold's pairs ordered the same way, a tie against an order counting half.

        All right, and agreed on whether all are bad, is right; 0.75 of the pairs is partly right.
        """
        gold, said = pair_orders(accepted), pair_orders(value)
        score = sum(1 - abs(order - said.get(pair, 0)) / 2 for pair, order in gold.items()) / len(gold) if gold else 1.0
        if score == 1 and accepted.get("all_bad", False) != value["all_bad"]:
            return Grade("partly", PARTLY)
        return Grade("right" if score == 1 else "partly" if score >= PARTLY else "wrong", score)

    def values(self, value: Json, content: Content, shown: object) -> Iterator[tuple[str, Json]]:
        for id, rank in ranks(value).items():
            yield joined(".rank", id), rank
        if self.all_bad:
            yield ".all_bad", value["all_bad"]


def ranks(value: Json) -> dict[str, int | None]:
    """1 is best and ties share: candidates ahead of it + 1; None for the unranked."""
    found: dict[str, int | None] = {}
    for tier in value["tiers"]:
        place = len(found) + 1
        found |= dict.fromkeys(tier, place)
    return found | dict.fromkeys(value.get("unranked", ()))


def pair_orders(value: Json) -> dict[tuple[str, str], int]:
    """For each pair of ids in alphabetical order: 1 when the first is better, −1 when worse, 0 for a tie.

    The unranked stand below all ranked; between two of them nothing is known, so that pair is left out.
    """
    place = {id: i for i, tier in enumerate([*value["tiers"], value.get("unranked", [])]) for id in tier}
    unknown = set(value.get("unranked", ()))
    return {
        (a, b): (place[a] < place[b]) - (place[a] > place[b])
        for a, b in combinations(sorted(place), 2)
        if not {a, b} <= unknown
    }
