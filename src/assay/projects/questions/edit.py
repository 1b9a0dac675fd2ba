"""What was changed in a draft, word by word. Derived from the two texts, never stored as the answer.

Source: Myers (1986), An O(ND) difference algorithm and its variations, Algorithmica 1, 251-266.
Symbols: a, b the two lists of words; d the number of words taken out or put in; k = x − y the diagonal.
"""

import re

WORD = re.compile(r"\s+|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|.", re.DOTALL)
CHANGES_MAX = 1_000  # beyond this the text counts as rewritten: one removal, one insertion

Step = tuple[str, str]  # "=", "-" or "+", and the text


def diff(base: str, text: str) -> list[Step]:
    """The steps from base to text, by words (single characters in Chinese and Japanese). CR LF counts as LF."""
    a, b = words(base), words(text)
    steps: list[Step] = []
    for sign, word in _word_steps(a, b):
        if steps and steps[-1][0] == sign:
            steps[-1] = (sign, steps[-1][1] + word)
        else:
            steps.append((sign, word))
    return steps


def distance(steps: list[Step]) -> int:
    """Characters taken out plus characters put in."""
    return sum(len(text) for sign, text in steps if sign != "=")


def words(text: str) -> list[str]:
    return WORD.findall(text.replace("\r\n", "\n"))


def _word_steps(a: list[str], b: list[str]) -> list[Step]:
    trail = _furthest(a, b)
    if trail is None:
        return [("-", word) for word in a] + [("+", word) for word in b]
    steps: list[Step] = []
    x, y = len(a), len(b)
    for d in range(len(trail) - 1, -1, -1):
        reached = trail[d]
        k = x - y
        down = k == -d or (k != d and reached[k - 1] < reached[k + 1])
        before_k = k + 1 if down else k - 1
        before_x = reached[before_k] if d else 0
        before_y = before_x - before_k if d else 0
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            steps.append(("=", a[x]))
        if d:
            steps.append(("+", b[before_y]) if down else ("-", a[before_x]))
        x, y = before_x, before_y
    return steps[::-1]


def _furthest(a: list[str], b: list[str]) -> list[dict[int, int]] | None:
    """For each d, how far each diagonal had been reached before step d; None beyond CHANGES_MAX."""
    reached = {1: 0}
    trail: list[dict[int, int]] = []
    for d in range(min(len(a) + len(b), CHANGES_MAX) + 1):
        trail.append({k: reached[k] for k in range(-d - 1, d + 2) if k in reached})
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and reached[k - 1] < reached[k + 1])
            x = reached[k + 1] if down else reached[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reached[k] = x
            if x >= len(a) and x - k >= len(b):
                return trail
    return None
