"""Who listens to what, what runs by the clock and what runs behind: three lists, filled from the rooms."""

from collections.abc import Callable

from assay.identity.retention import forget_old_replies
from assay.jobs.model import Job, Timed
from assay.storage import Session, outbox
from assay.storage.outbox import Message

DAY = 24 * 60 * 60

LISTENERS: dict[str, tuple[Callable[[Session, list[Message]], None], tuple[str, ...]]] = {
    # listener's name -> (what it does with a list of messages, the kinds of event it hears)
}
TIMED: tuple[Timed, ...] = (
    # a name, every so many seconds, a verb that is given each organisation's session in turn
    Timed("identity.forget_old_replies", DAY, forget_old_replies),
)
JOBS: dict[str, Callable[[Job], None]] = {
    # a job's name -> the work, done outside any request; a listener asks for it with `jobs.defer.defer`
}


def subscribe() -> None:
    """Have the outbox keep these events for these listeners. Every door that changes things calls it once."""
    for name, (_, kinds) in LISTENERS.items():
        for kind in kinds:
            outbox.subscribe(kind, name)
