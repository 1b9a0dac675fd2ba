"""Members of an organisation, and the secrets issued to them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from assay import audit
from assay.identity import store
from assay.identity.model import NoSuchPerson, Role, Secret
from assay.kernel import Invalid, new_id
from assay.storage import Session

SESSION_LASTS = timedelta(hours=16)
TOKEN_LASTS = timedelta(days=365)
LINK_LASTS = timedelta(days=7)


def add_member(session: Session, email: str, name: str, roles: Iterable[Role]) -> UUID:
    """Give a person roles in this organisation; someone who is already known keeps their account.

    Records `membership.granted` for each new role.
    """
    if email.count("@") != 1 or not all(email.split("@")) or any(c.isspace() for c in email) or len(email) > 320:
        raise Invalid(f"{email!r} is not an e-mail address")
    known = store.person_by_email(session, email)
    person_id = known["id"] if known else new_id()
    if known is None:
        store.add_person(session, person_id, email, name)
    for role in roles:
        membership_id = new_id()
        if store.add_membership(session, membership_id, person_id, role):
            audit.record(
                session, "membership.granted", subject=membership_id, body={"person": str(person_id), "role": role}
            )
    return person_id


def end_membership(session: Session, person_id: UUID, role: Role | None = None) -> None:
    """Take one role, or all of them, from a person; it holds from the next request on.

    Records `membership.ended`. Raises NoSuchPerson.
    """
    ended = store.end_memberships(session, person_id, role)
    if not ended:
        raise NoSuchPerson("this person has no such role here")
    for membership_id in ended:
        audit.record(session, "membership.ended", subject=membership_id, body={"person": str(person_id)})


def issue_token(
    session: Session, person_id: UUID, *, label: str = "", lasts: timedelta = TOKEN_LASTS
) -> tuple[UUID, str]:
    """An API token; its text is shown once and never stored. Records `token.issued`."""
    token_id, secret, _ = _issue(session, person_id, "api", label=label, lasts=lasts, uses=None)
    return token_id, secret


def issue_link(session: Session, person_id: UUID, *, lasts: timedelta = LINK_LASTS, uses: int = 1) -> str:
    """The secret of a sign-in link that works `uses` times. Records `token.issued`."""
    return _issue(session, person_id, "link", label="", lasts=lasts, uses=uses)[1]


def open_session(session: Session, person_id: UUID) -> tuple[str, datetime]:
    """The secret of a browser's session, and when it ends. Records `token.issued`."""
    _, secret, expires_at = _issue(session, person_id, "session", label="", lasts=SESSION_LASTS, uses=None)
    return secret, expires_at


def revoke_token(session: Session, token_id: UUID, *, person_id: UUID | None = None) -> None:
    """End a token, session or link at once. Records `token.revoked`. Raises NoSuchPerson when it is not there."""
    if not store.revoke_token(session, token_id, person_id=person_id):
        raise NoSuchPerson("no such token, or it has ended already")
    audit.record(session, "token.revoked", subject=token_id)


def _issue(
    session: Session, person_id: UUID, kind: str, *, label: str, lasts: timedelta, uses: int | None
) -> tuple[UUID, str, datetime]:
    if store.person(session, person_id) is None:
        raise NoSuchPerson("no such person in this organisation")
    secret = Secret.fresh(session.organisation_id)
    token_id = new_id()
    expires_at = store.add_token(
        session, token_id, person_id=person_id, kind=kind, label=label, secret_hash=secret.hash, lasts=lasts, uses=uses
    )
    audit.record(session, "token.issued", subject=token_id, body={"kind": kind, "person": str(person_id)})
    return token_id, secret.text, expires_at
