"""Ids are UUIDv7 (RFC 9562): ordered by time, not guessable, and in one process each greater than the one before."""

import os
import time
from threading import Lock
from uuid import UUID

_lock = Lock()
_last = 0


def new_id() -> UUID:
    """A fresh id: 48 bits of milliseconds since 1970, 12 bits of the fraction (or a counter), 62 random bits."""
    global _last
    nanoseconds = time.time_ns()
    with _lock:
        # RFC 9562, method 3: the fraction of the millisecond in rand_a, moved on by one when time stands still
        clock = (nanoseconds // 1_000_000) << 12 | (nanoseconds % 1_000_000 << 12) // 1_000_000
        _last = clock = max(clock, _last + 1)
    value = (clock >> 12) << 80 | 0x7 << 76 | (clock & 0xFFF) << 64
    return UUID(int=value | 0x2 << 62 | int.from_bytes(os.urandom(8)) >> 2)
