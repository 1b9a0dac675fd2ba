"""Patterns that a line of text must match, kept so small that no text can make the match slow.

Python's matcher backtracks, so some patterns take exponential time on short texts. We take only patterns that cannot:
no group is repeated, there are no back references and no looking around, at most three parts repeat openly, at most
eight are optional or alternative, and the text has at most 200 code points. This also is what Python and JavaScript
read alike.
"""

import re

PATTERN_MAX = 200
TEXT_MAX = 200
OPEN_MAX = 3
FORKS_MAX = 8
ESCAPES = "dDwWsS.^$*+?()[]{}|\\/-nrt"

_PIECE = re.compile(
    r"(?P<bad>\(\?(?!:)|\)[*+{])"
    r"|(?P<escape>\\.)"
    r"|(?P<kind>\[(?:\\.|[^\]\\])+\])"
    r"|(?P<open>[*+]|\{\d*,\d*\})"
    r"|(?P<fixed>\{\d+\})"
    r"|(?P<fork>[?|])"
    r"|.",
    re.DOTALL,
)


def fault(pattern: str) -> str | None:
    """Why a pattern cannot be taken, in words fit to show."""
    if len(pattern) > PATTERN_MAX:
        return f"must not be longer than {PATTERN_MAX} characters"
    pieces = list(_PIECE.finditer(pattern))
    if any(piece["bad"] for piece in pieces):
        return "must not repeat a group, look around or set flags; write the parts out"
    if any(piece["escape"][1] not in ESCAPES for piece in pieces if piece["escape"]):
        return "may escape only \\d \\w \\s and signs; no back references"
    if sum(piece["open"] is not None for piece in pieces) > OPEN_MAX:
        return f"may have at most {OPEN_MAX} parts that repeat"
    if sum(piece["fork"] is not None for piece in pieces) > FORKS_MAX:
        return f"may have at most {FORKS_MAX} optional or alternative parts"
    if any(
        int(number) > TEXT_MAX
        for piece in pieces
        for number in re.findall(r"\d+", piece["open"] or piece["fixed"] or "")
    ):
        return f"may repeat a part at most {TEXT_MAX} times"
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        return f"is no regular expression: {error}"
    return None


def matches(pattern: str, text: str) -> bool:
    """Does the whole text match? A pattern with a fault, or a longer text, is never tried."""
    return len(text) <= TEXT_MAX and re.fullmatch(pattern, text) is not None
