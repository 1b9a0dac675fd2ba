"""Found an organisation: the one act that comes before any sign-in."""

from uuid import UUID

from assay import audit
from assay.identity import store
from assay.identity.model import NoSuchPerson, Role
from assay.identity.people import add_member
from assay.kernel import Invalid, new_id
from assay.storage import Actor, Database


def found_organisation(
    database: Database, name: str, *, owner_email: str, owner_name: str, currency: str = "USD"
) -> tuple[UUID, UUID]:
    """Create an organisation and its first owner; returns (organisation id, owner's person id).

    Records `organisation.founded` and `membership.granted`.
    """
    if not name.strip():
        raise Invalid("an organisation needs a name")
    organisation_id = new_id()
    with database.connection() as connection:
        store.register(connection, organisation_id)
    with database.transaction(organisation_id, Actor("operator")) as session:
        store.add_organisation(session, name.strip(), currency)
        audit.record(session, "organisation.founded", subject=organisation_id)
        owner = add_member(session, owner_email, owner_name, [Role.OWNER, Role.MANAGER])
    return organisation_id, owner


def organisations(database: Database) -> list[UUID]:
    """The ids of all organisations of this installation, for jobs that visit each in turn."""
    with database.connection() as connection:
        return store.registered(connection)


def membership_of(database: Database, email: str, organisation_id: UUID | None = None) -> tuple[UUID, UUID]:
    """(organisation id, person id) of someone known by e-mail; without an organisation, the only one they are in.

    Raises NoSuchPerson, and Invalid when they are in several and none is named.
    """
    with database.connection() as connection:
        person = store.person_to_sign_in(connection, email)
    if person is None or (organisation_id and organisation_id not in person["organisations"]):
        raise NoSuchPerson(f"nobody is known here by the e-mail address {email}")
    if organisation_id is None and len(person["organisations"]) != 1:
        choice = ", ".join(str(each) for each in person["organisations"])
        raise Invalid(f"{email} is in several organisations; name one of {choice}")
    return organisation_id or person["organisations"][0], person["id"]
