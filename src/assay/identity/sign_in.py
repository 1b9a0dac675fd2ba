"""Sign in by password or by one-time link."""

from datetime import UTC, datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from uuid import UUID

from pwdlib import PasswordHash

from assay import audit
from assay.identity import store
from assay.identity.model import NoSuchPerson, Secret, TooManyAttempts, WrongCredentials
from assay.identity.people import open_session
from assay.kernel import Invalid
from assay.storage import Actor, Database, Session

FAILURES_MAX = 8
PAUSE = timedelta(minutes=10)
PASSWORD_LENGTH_MIN = 12

_hashing = PasswordHash.recommended()  # argon2id
_one_at_a_time = BoundedSemaphore(2)  # a check takes a quarter of a second of one core


@cache
def _nobody() -> str:
    """A hash to check against when there is no password, so that it takes as long."""
    return _hashing.hash("nobody has this password")


def set_password(session: Session, person_id: UUID, password: str) -> None:
    """Records `person.password_set`. Raises Invalid when it is too short."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= 1000:
        raise Invalid(f"a password has at least {PASSWORD_LENGTH_MIN} characters")
    if store.person(session, person_id) is None:
        raise NoSuchPerson("no such person in this organisation")
    with _one_at_a_time:
        store.set_password(session, person_id, _hashing.hash(password))
    audit.record(session, "person.password_set", subject=person_id)


def by_password(database: Database, email: str, password: str, organisation_id: UUID | None) -> tuple[str, datetime]:
    """A new browser session. Without an organisation the person's first one is opened.

    Raises WrongCredentials for an unknown person as for a wrong password, and TooManyAttempts after repeated failures.
    """
    with database.connection() as connection:
        person = store.person_to_sign_in(connection, email)
        if person and person["failures"] >= FAILURES_MAX and person["failed_at"] > datetime.now(UTC) - PAUSE:
            raise TooManyAttempts("too many failed attempts; try again in ten minutes or use a sign-in link")
        with _one_at_a_time:
            kept: str | None = person["password_hash"] if person and person["state"] == "active" else None
            right = _hashing.verify(password[:1000], kept or _nobody()) and kept is not None
        if person:
            store.note_sign_in(connection, person["id"], failed=not right)
    if not right or person is None or not person["organisations"]:
        raise WrongCredentials("e-mail and password do not belong together")
    chosen = organisation_id or person["organisations"][0]
    if chosen not in person["organisations"]:
        raise WrongCredentials("e-mail and password do not belong together")
    return database.transact(chosen, Actor("person", person["id"]), lambda session: open_session(session, person["id"]))


def by_link(database: Database, link: str) -> tuple[str, datetime]:
    """A new browser session for whom the link was made. Raises WrongCredentials when it is used up or too old."""
    secret = Secret.parse(link)

    def use(session: Session) -> tuple[str, datetime]:
        person_id = store.use_link(session, secret.hash)
        if person_id is None:
            raise WrongCredentials("this link is used up or too old; ask for a new one")
        return open_session(session, person_id)

    return database.transact(secret.organisation_id, Actor("link"), use)
