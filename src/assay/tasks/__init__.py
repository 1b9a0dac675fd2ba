"""Work: items, the tasks put up for answers on them, batches, gold, responses, settled answers.

A task counts its seats (live leases and counted responses) in its own row, so overlap is exact under any concurrency.
"""

from assay.tasks.batches import add_batch, batch_for_import, move_batch, set_priority
from assay.tasks.changes import cancel, dispute, park, raise_overlap, settle, unsettle
from assay.tasks.model import (
    AlreadyAnswered,
    NewResponse,
    NoSuchItem,
    NoSuchResponse,
    NoSuchTask,
    ResponseIdReused,
    Settlement,
    TaskMoveRefused,
    TaskState,
)
from assay.tasks.store import (
    add_fault,
    add_response,
    free_seats,
    item,
    replace_counted,
    response,
    responses_of_task,
    settled,
    take_seat,
    task,
    uncount,
    uncount_response,
)

__all__ = [
    "AlreadyAnswered",
    "NewResponse",
    "NoSuchItem",
    "NoSuchResponse",
    "NoSuchTask",
    "ResponseIdReused",
    "Settlement",
    "TaskMoveRefused",
    "TaskState",
    "add_batch",
    "add_fault",
    "add_response",
    "batch_for_import",
    "cancel",
    "dispute",
    "free_seats",
    "item",
    "move_batch",
    "park",
    "raise_overlap",
    "replace_counted",
    "response",
    "responses_of_task",
    "set_priority",
    "settle",
    "settled",
    "take_seat",
    "task",
    "uncount",
    "uncount_response",
    "unsettle",
]
