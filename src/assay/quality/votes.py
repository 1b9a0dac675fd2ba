"""Votes: who gave which label to which item, as aligned arrays. The input of truth inference.

Symbols: items I, annotators J, labels K, votes V.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

import numpy as np

from assay.quality.arrays import Ints

Names = tuple[Hashable, ...]


@dataclass(frozen=True, eq=False)
class Votes:
    """V votes. The same annotator may vote twice on an item; items and annotators without a vote are allowed."""

    item: Ints  # (V,), 0..I-1
    annotator: Ints  # (V,), 0..J-1
    label: Ints  # (V,), 0..K-1
    shape: tuple[int, int, int]  # (I, J, K)
    item_names: Names = ()  # (I,), or empty where the caller needs none
    annotator_names: Names = ()  # (J,), likewise
    label_names: Names = ()  # (K,), likewise

    def __post_init__(self) -> None:
        columns = (("item", self.item), ("annotator", self.annotator), ("label", self.label))
        for (name, codes), size in zip(columns, self.shape, strict=True):
            if codes.shape != self.item.shape or codes.ndim != 1:
                raise ValueError(f"{name} has shape {codes.shape}, item has {self.item.shape}; give one row per vote")
            outside = np.flatnonzero((codes < 0) | (codes >= size))
            if outside.size:
                raise ValueError(f"row {outside[0]}: {name} {codes[outside[0]]} is not in 0..{size - 1}")

    @classmethod
    def of(
        cls,
        items: Iterable[Hashable],
        annotators: Iterable[Hashable],
        labels: Iterable[Hashable],
        *,
        labels_known: Sequence[Hashable] | None = None,
        annotators_known: Sequence[Hashable] | None = None,
    ) -> Self:
        """Votes from three columns of names. Deterministic.

        Items and annotators are numbered as they first appear, labels in sorted order (as they first appear where they
        cannot be sorted), so that reordering the rows does not renumber the labels. No rows give no votes.

        Args:
            items, annotators, labels: (V,) each, one row per vote; any hashable names.
            labels_known: the closed list of labels, in the order of their numbers. None: those that occur.
            annotators_known: annotators that get the first numbers, as in an earlier fit; others follow.
        Raises:
            ValueError: the columns differ in length, a name is None or NaN, or a label is not among those known. The
                message names the first such row, counted from 0.
        """
        columns = {"items": _listed(items), "annotators": _listed(annotators), "labels": _listed(labels)}
        lengths = {name: len(rows) for name, rows in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the columns differ in length: {lengths}; give one row per vote")
        for name, rows in columns.items():
            _refuse_missing(name, rows)
        item_names = tuple(dict.fromkeys(columns["items"]))
        annotator_names = tuple(dict.fromkeys([*(annotators_known or ()), *columns["annotators"]]))
        label_names = _sorted_names(columns["labels"]) if labels_known is None else tuple(labels_known)
        if len(set(label_names)) < len(label_names):
            raise ValueError(f"labels_known names a label twice: {label_names}")
        return cls(
            item=_codes(columns["items"], item_names, "item"),
            annotator=_codes(columns["annotators"], annotator_names, "annotator"),
            label=_codes(columns["labels"], label_names, "label"),
            shape=(len(item_names), len(annotator_names), len(label_names)),
            item_names=item_names,
            annotator_names=annotator_names,
            label_names=label_names,
        )

    def gold_labels(self, known: Mapping[Hashable, Hashable]) -> Ints:
        """The known labels as numbers, (I,), with -1 where none is known. Deterministic.

        Args:
            known: item name -> label name. Items that have no votes here are passed over.
        Raises:
            ValueError: a label is not one of these votes' labels.
        """
        codes = {name: code for code, name in enumerate(self.label_names)}
        gold = np.full(self.shape[0], -1, dtype=np.int64)
        for row, name in enumerate(self.item_names):
            if name in known:
                if known[name] not in codes:
                    raise ValueError(f"gold of item {name!r}: {known[name]!r} is not one of {self.label_names}")
                gold[row] = codes[known[name]]
        return gold


def _listed(column: Iterable[Hashable]) -> list[Hashable]:
    plain: list[Hashable] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return plain


def _refuse_missing(column: str, rows: list[Hashable]) -> None:
    for row, name in enumerate(rows):
        if name is None or name != name:  # only NaN differs from itself
            raise ValueError(f"row {row} of {column}: {name} is not a name; leave out votes that were not given")


def _sorted_names(rows: list[Hashable]) -> Names:
    names = dict.fromkeys(rows)
    try:
        return tuple(sorted(cast("dict[str, None]", names)))
    except TypeError:
        return tuple(names)


def _codes(rows: list[Hashable], names: Names, column: str) -> Ints:
    codes = {name: code for code, name in enumerate(names)}
    try:
        return np.fromiter((codes[name] for name in rows), dtype=np.int64, count=len(rows))
    except KeyError:
        row = next(row for row, name in enumerate(rows) if name not in codes)
        raise ValueError(f"row {row}: {column} {rows[row]!r} is not one of {names}") from None
