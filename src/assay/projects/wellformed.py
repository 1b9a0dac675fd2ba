"""What may be kept at all: JSON values that every database, browser and reader of a release can hold unchanged."""

import math
import re
from collections.abc import Iterator
from typing import Any

from assay.kernel import Problem

TEXT_MAX = 100_000  # code points of all text in one answer
PARTS_MAX = 5_000  # members of one list or object
DEPTH_MAX = 64
INTEGER_MAX = 2**53  # beyond it browsers round
UNFIT = re.compile("[\x00\ud800-\udfff]")


def faults(value: Any, where: str, *, depth: int = 0) -> Iterator[Problem]:
    """Everything in a value that could not be stored and given back unchanged."""
    if depth == 0 and is_fit(value):  # nearly always, and much faster than to keep track of places
        return
    if isinstance(value, str):
        yield from text_faults(value, where)
    elif isinstance(value, dict | list):
        if depth >= DEPTH_MAX:
            yield Problem(where, f"is nested deeper than {DEPTH_MAX} levels")
            return
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, list):
                yield from faults(inner, f"{where}[{name}]", depth=depth + 1)
            elif isinstance(name, str):
                yield from text_faults(name, where)
                yield from faults(inner, f"{where}.{printable(name)}" if where else printable(name), depth=depth + 1)
            else:
                yield Problem(where, f"has the key {name!r}; keys are text")
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            yield Problem(where, "is an integer beyond 2^53, which browsers round; write it as text")
    elif not isinstance(value, float):
        yield Problem(where, f"holds a {type(value).__name__}, which JSON has no form for")
    elif not math.isfinite(value):
        yield Problem(where, "is not a finite number; leave it out or write null")


def is_fit(value: Any, *, depth: int = 0) -> bool:
    """Whether `faults` would find none and `has_long_list` be false. Written to be fast: it sees every item."""
    kind = type(value)
    if kind is str:
        return "\0" not in value if value.isascii() else UNFIT.search(value) is None
    if kind is dict or kind is list:
        if depth >= DEPTH_MAX or len(value) > PARTS_MAX:
            return False
        if kind is dict:
            for name in value:
                if type(name) is not str or not is_fit(name):
                    return False
            value = value.values()
        for inner in value:  # noqa: SIM110 - `all` of a generator takes twice the time
            if not is_fit(inner, depth=depth + 1):
                return False
        return True
    if kind is float:
        return math.isfinite(value)
    return value is None or kind is bool or (kind is int and -INTEGER_MAX <= value <= INTEGER_MAX)


def text_faults(text: str, where: str) -> Iterator[Problem]:
    if "\0" in text:
        yield Problem(where, "contains a NUL character; remove it")
    if not text.isascii() and UNFIT.search(text.replace("\0", "")):
        yield Problem(where, "contains half of a surrogate pair; send whole characters")


def printable(name: str) -> str:
    """A key as it can be named in a problem, whatever it holds."""
    return name[:80].encode(errors="replace").decode()


def size(value: Any) -> int:
    """Code points of all text in a value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + size(inner) for key, inner in value.items())
    return sum(size(inner) for inner in value) if isinstance(value, list) else 1


def has_long_list(value: Any) -> bool:
    if not isinstance(value, dict | list):
        return False
    return len(value) > PARTS_MAX or any(map(has_long_list, value.values() if isinstance(value, dict) else value))
