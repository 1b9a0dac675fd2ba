"""JSON, strictly: what other parsers let pass and what would not survive the way to a release is refused by name.

No NaN or infinity, no key twice in one object, no NUL, no half of a surrogate pair, no depth beyond the limit.
An integer beyond 2**53 becomes a string, because browsers and other JSON readers would round it.
"""

import json
import math
import re
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

INTEGER_MAX = 2**53
UNFIT = re.compile("[\x00\ud800-\udfff]")


class BadValueError(Exception):
    """A value that cannot be taken; the message says which and why."""


def parse(text: str, *, depth_max: int) -> Any:
    """The value of one JSON text. Raises BadValueError."""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadValueError(f"is not valid JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise BadValueError(f"is nested deeper than {depth_max} levels") from None
    if "\\u" in text or text.count("[") + text.count("{") > depth_max:  # else neither can be wrong
        check(value, depth_max=depth_max)
    return value


def check(value: Any, *, depth_max: int) -> None:
    """Raise BadValueError for text that cannot be stored and for too deep a nesting."""
    waiting = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            check_text(part)
        elif isinstance(part, dict | list):
            if depth > depth_max:
                raise BadValueError(f"is nested deeper than {depth_max} levels")
            if isinstance(part, dict):
                waiting += [(key, depth) for key in part]
            waiting += [(inner, depth + 1) for inner in (part.values() if isinstance(part, dict) else part)]


def check_text(text: str) -> None:
    """Raise BadValueError for a NUL or half of a surrogate pair."""
    if found := None if text.isascii() and "\0" not in text else UNFIT.search(text):
        what = "a NUL character" if found[0] == "\0" else "half of a surrogate pair"
        raise BadValueError(f"contains {what}, which no database or browser can hold; remove it")


def plain(value: Any, *, depth_max: int) -> Any:
    """A value out of Parquet as a JSON value. Raises BadValueError for what JSON cannot say."""
    match value:
        case None | bool():
            return value
        case str():
            check_text(value)
            return value
        case int():
            return value if -INTEGER_MAX <= value <= INTEGER_MAX else str(value)
        case float():
            return _finite(value)
        case list() | dict() if depth_max == 0:
            raise BadValueError("is nested too deep")
        case list():
            return [plain(part, depth_max=depth_max - 1) for part in value]
        case dict():
            return {str(key): plain(part, depth_max=depth_max - 1) for key, part in value.items()}
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case UUID():
            return str(value)
        case timedelta():
            return value.total_seconds()
        case bytes():
            raise BadValueError("holds bytes; import text, and files on their own")
        case _:
            raise BadValueError(f"holds a {type(value).__name__}, which has no place in JSON")


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise BadValueError(f"holds {number}, which is not a number; leave the value out or write null")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BadValueError(f"holds {digits[:20]}, which is beyond the range of a number")
    return number


def _integer(digits: str) -> int | str:
    if len(digits) < 16:
        return int(digits)
    if len(digits) > 18:
        return digits
    number = int(digits)
    return number if -INTEGER_MAX <= number <= INTEGER_MAX else digits


def _constant(word: str) -> Any:
    raise BadValueError(f"holds {word}, which is not a number; leave the value out or write null")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise BadValueError(f"names {twice[:80]!r} twice in one object; keep one of them")
    return found


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_constant, object_pairs_hook=_object)
