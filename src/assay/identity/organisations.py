"""Found an organisation: the one act that comes before any sign-in."""

from uuid import UUID

from assay import audit
from assay.identity import store
from assay.identity.model import Role
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
