"""Who listens to what, what runs by the clock and what runs behind: three lists, filled from the rooms."""

from collections.abc import Callable
from uuid import UUID

from assay.assignment import expire as expire_leases
from assay.audit.record import TIMERS
from assay.delivery import release as delivery
from assay.identity.retention import forget_old_replies
from assay.jobs.defer import defer
from assay.jobs.model import Job, Timed
from assay.review import expire as expire_reviews
from assay.review import jobs as review
from assay.scoring import jobs as scoring
from assay.storage import Session, outbox
from assay.storage.outbox import Message
from assay.tasks import imports

DAY = 24 * 60 * 60


def defer_to(job: str) -> Callable[[Session, list[Message]], None]:
    """A listener that asks for a job on what each event is about."""

    def listen(session: Session, messages: list[Message]) -> None:
        for message in messages:
            defer(session, job, message.subject)

    return listen


def run_out(session: Session, messages: list[Message]) -> None:
    """A listener that does what each timer was set for."""
    for message in messages:
        RUN_OUT[message.kind](session, message.subject)


RUN_OUT: dict[str, Callable[[Session, UUID], object]] = {
    # a timer's kind -> what is done about its subject when the time has passed
    delivery.ACCEPTANCE_DUE: delivery.accept_in_silence,
}
LISTENERS: dict[str, tuple[Callable[[Session, list[Message]], None], tuple[str, ...]]] = {
    # listener's name -> (what it does with a list of messages, the kinds of event it hears)
    "scoring.hear": (scoring.on_response_submitted, ("response.submitted",)),
    "scoring.imported": (scoring.on_import_loaded, ("import.loaded", "import.failed")),
    "scoring.refit": (defer_to("scoring.refit"), ("scoring.queued",)),
    "review.hear": (review.on_scoring_finished, ("scoring.finished",)),
    "review.lapsed": (review.on_assignment_lapsed, ("assignment.lapsed",)),
    "imports": (defer_to("imports.load"), ("import.received",)),
    "delivery.write": (defer_to("delivery.write"), ("release.prepared",)),
    TIMERS: (run_out, ()),
}
TIMED: tuple[Timed, ...] = (
    # a name, every so many seconds, a verb that is given each organisation's session in turn
    Timed("assignment.expire", 5, expire_leases),
    Timed("review.expire", 60, expire_reviews),
    Timed("identity.forget_old_replies", DAY, forget_old_replies),
)
JOBS: dict[str, Callable[[Job], None]] = {
    # a job's name -> the work, done outside any request; a listener asks for it with `jobs.defer.defer`
    "scoring.refit": lambda job: job.transact(lambda session: scoring.run_refit(session, job.subject_id)),
    "imports.load": lambda job: imports.load_received(job.transact, job.settings, job.subject_id),
    "delivery.write": lambda job: delivery.write_release(job.transact, job.settings.data, job.subject_id),
}


def subscribe() -> None:
    """Have the outbox keep these events for these listeners. Every door that changes things calls it once."""
    for name, (_, kinds) in LISTENERS.items():
        for kind in kinds:
            outbox.subscribe(kind, name)
