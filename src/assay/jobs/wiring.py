"""Who listens to what, what runs by the clock and what runs behind: three lists, filled from the rooms."""

from collections.abc import Callable

from assay.identity.retention import forget_old_replies
from assay.jobs.defer import defer
from assay.jobs.model import Job, Timed
from assay.scoring import jobs as scoring
from assay.storage import Session, outbox
from assay.storage.outbox import Message
from assay.tasks import imports

DAY = 24 * 60 * 60


def in_background(job: str) -> Callable[[Session, list[Message]], None]:
    """A listener that asks for a job about the subject of each message."""

    def ask(session: Session, messages: list[Message]) -> None:
        for message in messages:
            defer(session, job, message.subject)

    return ask



def defer_to(job: str) -> Callable[[Session, list[Message]], None]:
    """A listener that asks for a job on what each event is about."""

    def listen(session: Session, messages: list[Message]) -> None:
        for message in messages:
            defer(session, job, message.subject)

    return listen


LISTENERS: dict[str, tuple[Callable[[Session, list[Message]], None], tuple[str, ...]]] = {
    # listener's name -> (what it does with a list of messages, the kinds of event it hears)
    "scoring.hear": (scoring.on_response_submitted, ("response.submitted",)),
    "scoring.imported": (scoring.on_import_loaded, ("import.loaded",)),
    "scoring.refit": (in_background("scoring.refit"), ("scoring.queued",)),
    "imports": (defer_to("imports.load"), ("import.received",)),
}
TIMED: tuple[Timed, ...] = (
    # a name, every so many seconds, a verb that is given each organisation's session in turn
    Timed("identity.forget_old_replies", DAY, forget_old_replies),
)
JOBS: dict[str, Callable[[Job], None]] = {
    # a job's name -> the work, done outside any request; a listener asks for it with `jobs.defer.defer`
    "scoring.refit": lambda job: job.transact(lambda session: scoring.run_refit(session, job.subject_id)),
    "imports.load": lambda job: imports.load_received(job.transact, job.settings, job.subject_id),
}


def subscribe() -> None:
    """Have the outbox keep these events for these listeners. Every door that changes things calls it once."""
    for name, (_, kinds) in LISTENERS.items():
        for kind in kinds:
            outbox.subscribe(kind, name)
