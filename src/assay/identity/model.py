"""People, their roles, and the secrets by which they are known."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from assay.kernel import Conflict, NotAllowed, NotFound, Unavailable


class Role(StrEnum):
    """What a person is in one organisation; `annotator` opens the work page, the others the desk."""

    OWNER = "owner"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    FINANCE = "finance"
    DECIDER = "decider"
    VIEWER = "viewer"
    ANNOTATOR = "annotator"


class NotSignedIn(NotAllowed):
    """No valid session or token came with the request; sign in again."""


class NotPermitted(NotAllowed):
    """None of the caller's roles may do this."""


class WrongCredentials(NotAllowed):
    """E-mail and password do not belong together, or the link is used up or too old."""


class TooManyAttempts(Unavailable):
    """Sign-in is closed for a while after repeated failures."""


class NoSuchPerson(NotFound):
    """No such person in this organisation."""


class AlreadyMember(Conflict):
    """The person already has this role."""


@dataclass(frozen=True)
class Caller:
    """The person behind a request, in the one organisation they signed in to."""

    person_id: UUID
    organisation_id: UUID
    token_id: UUID
    roles: frozenset[str]
    by_cookie: bool


@dataclass(frozen=True)
class Secret:
    """A bearer secret. It names its organisation, so that checking it needs no look across organisations."""

    organisation_id: UUID
    text: str

    @staticmethod
    def fresh(organisation_id: UUID) -> "Secret":
        return Secret(organisation_id, f"assay_{organisation_id.hex}_{secrets.token_urlsafe(32)}")

    @staticmethod
    def parse(text: str) -> "Secret":
        """Raises NotSignedIn when this is not one of our secrets."""
        parts = text.split("_", 2)
        if len(parts) != 3 or parts[0] != "assay" or len(parts[1]) != 32 or len(text) > 200:
            raise NotSignedIn("this is not a token of this installation; sign in again")
        try:
            return Secret(UUID(hex=parts[1]), text)
        except ValueError as error:
            raise NotSignedIn("this is not a token of this installation; sign in again") from error

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()
