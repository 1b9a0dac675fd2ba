"""Is it time for a hidden check? At the wanted share in every stretch, at a place nobody can foresee."""

import hashlib
from uuid import UUID


def is_gold_turn(seed: UUID, claims_before: int, share: float) -> bool:
    """True for one claim in each stretch of 1 ÷ share claims, placed by the annotator's secret seed.

    Stretches of uneven length would show a rhythm less, but one fixed count per stretch keeps the share exact.
    """
    if share <= 0:
        return False
    stretch = max(1, round(1 / share))
    number, place = divmod(claims_before, stretch)
    digest = hashlib.sha256(seed.bytes + number.to_bytes(8)).digest()
    return place == int.from_bytes(digest[:8]) % stretch
