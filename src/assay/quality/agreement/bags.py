"""Bags: the values given to each item, counted, with equal bags held once. What every measure of agreement reads.

Symbols: distinct values C, distinct bags P, cells T (one for each value in each distinct bag).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast

import numpy as np

from assay.quality.arrays import Floats, Ints, sum_by


@dataclass(frozen=True, eq=False)
class Bags:
    """The items with at least two values; items with the same values, in whatever order, share a bag."""

    values: tuple[object, ...]  # (C,), distinct; also values that stand alone on their item
    code: Ints  # (T,), which value; a bag's cells stand together
    start: Ints  # (P,), first cell of a bag
    size: Ints  # (P,), cells of a bag, at least 2
    times: Ints  # (P,), items that have the bag

    @property
    def n_items(self) -> int:
        return int(self.times.sum())

    @property
    def n_values(self) -> int:
        return int((self.times * self.size).sum())

    def sums(self, cells: Floats) -> Floats:
        """Sum of a figure per cell within each bag, (P,)."""
        return np.add.reduceat(cells, self.start) if self.start.size else np.zeros(0)

    def totals(self, weights: Floats) -> Floats:
        """How often each value occurs, (C,), when each bag occurs `weights` times."""
        return sum_by(self.code, np.repeat(weights, self.size), size=len(self.values))


def bags_of(items: Iterable[Hashable], values: Iterable[object]) -> Bags:
    """Group values by item. Deterministic. A value of None or NaN is missing and left out.

    Raises:
        ValueError: the columns differ in length.
    """
    item_names, given = list(items), list(values)
    if len(item_names) != len(given):
        raise ValueError(f"{len(item_names)} items and {len(given)} values; give one row per value")
    item_codes: dict[Hashable, int] = {}
    value_codes: dict[Hashable, int] = {}
    kinds: list[object] = []
    rows: list[tuple[int, int]] = []
    for name, value in zip(item_names, given, strict=True):
        if value is None or value != value:  # only NaN differs from itself
            continue
        code = value_codes.setdefault(_hashable(value), len(kinds))
        if code == len(kinds):
            kinds.append(value)
        rows.append((item_codes.setdefault(name, len(item_codes)), code))
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return _collapse(table[:, 0], table[:, 1], tuple(kinds))


def _hashable(value: object) -> Hashable:
    """Something equal for equal values: lists and sets of JSON have no hash of their own."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Hashable, object]", value)
        return frozenset((key, _hashable(each)) for key, each in pairs.items())
    if isinstance(value, AbstractSet):
        return frozenset(cast("AbstractSet[Hashable]", value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_hashable(each) for each in cast("Sequence[object]", value))
    return cast("Hashable", value)


def _collapse(item: Ints, code: Ints, values: tuple[object, ...]) -> Bags:
    order = np.lexsort((code, item))
    size = np.bincount(item)
    first = np.cumsum(size) - size
    sorted_code = code[order]
    cells, sizes, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for m in np.unique(size[size >= 2]).tolist():  # bags of one size stand in one table, so equal ones are equal rows
        table = sorted_code[first[size == m, np.newaxis] + np.arange(m)]
        distinct, count = np.unique(table, axis=0, return_counts=True)
        cells.append(distinct.reshape(-1))
        sizes.append(np.full(len(distinct), m, dtype=np.int64))
        times.append(count.astype(np.int64))
    bag_size = np.concatenate(sizes)
    return Bags(values, np.concatenate(cells), np.cumsum(bag_size) - bag_size, bag_size, np.concatenate(times))
