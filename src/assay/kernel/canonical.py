"""One byte string per JSON value, so that equal content has an equal hash."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """UTF-8, sorted keys, no spaces, no NaN or infinity.

    Raises ValueError for NaN and infinity, TypeError for what JSON cannot hold.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256_hex(content: bytes) -> str:
    """The digest under which content is known, in lower-case hex."""
    return hashlib.sha256(content).hexdigest()
