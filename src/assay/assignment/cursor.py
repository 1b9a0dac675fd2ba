"""Where each annotator's walk through the queue has come to: a hint in memory that saves walking over what they did.

The database alone decides who gets what. A walk starts again from the head every few seconds, so that tasks that were
given back, reopened or raised in priority are found; and before anyone is told that there is nothing to do.
"""

import time
from collections import OrderedDict
from threading import Lock
from uuid import UUID

HEAD = -1
RESTART_SECONDS = 5.0
WALKS_MAX = 100_000

_walks: "OrderedDict[tuple[UUID, UUID], tuple[int, float]]" = OrderedDict()
_lock = Lock()


def position(project_id: UUID, annotator_id: UUID) -> int:
    """The rank after which to look."""
    with _lock:
        rank, started = _walks.get((project_id, annotator_id), (HEAD, 0.0))
    return rank if time.monotonic() - started < RESTART_SECONDS else HEAD


def advance(project_id: UUID, annotator_id: UUID, rank: int, *, from_head: bool) -> None:
    """Remember that everything up to this rank was seen."""
    key = (project_id, annotator_id)
    with _lock:
        started = time.monotonic() if from_head else _walks.get(key, (HEAD, time.monotonic()))[1]
        _walks[key] = (rank, started)
        _walks.move_to_end(key)
        if len(_walks) > WALKS_MAX:
            _walks.popitem(last=False)
