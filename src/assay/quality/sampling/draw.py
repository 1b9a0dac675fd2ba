"""Draw a uniformly random sample that anyone can draw again, in any language, from the ids and the recorded seed.

Each id is ranked by the SHA-256 of the seed, a line feed and the id, in UTF-8. The ranking is as good as random as long
as nobody chose the seed after seeing the ids. A longer sample continues a shorter one.

Source: sampling by sorting on pseudo-random numbers, Sunter (1977), Applied Statistics 26(3), 261-268.
"""

from collections.abc import Iterable
from hashlib import sha256


def draw(ids: Iterable[str], n: int, *, seed: str, after: int = 0) -> list[str]:
    """The next n ids in random order. Deterministic, given the seed.

    Asking for more than are left gives what is left.

    Args:
        ids: the whole lot, in any order.
        n: how many, at least 0.
        seed: recorded with the sample; chosen at random before it. No line feed in it.
        after: how many of the order were drawn before.
    Returns:
        at most n ids.
    Raises:
        ValueError: an id comes twice, n or after is negative, or the seed has a line feed.
    """
    if n < 0 or after < 0:
        raise ValueError(f"n and after count ids; got {n} and {after}")
    return order(ids, seed=seed)[after : after + n]


def order(ids: Iterable[str], *, seed: str) -> list[str]:
    """All ids in random order; arguments and errors as in `draw`. Deterministic, given the seed."""
    if "\n" in seed:
        raise ValueError("the seed ends at a line feed, so it cannot hold one")
    listed = list(ids)
    if len(set(listed)) < len(listed):
        raise ValueError("an id comes twice; a lot holds each item once")
    return sorted(listed, key=lambda id: (sha256(f"{seed}\n{id}".encode()).digest(), id))
