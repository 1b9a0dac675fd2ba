"""Who you are and what you may do: organisations, people, roles, sign-in, tokens, and the table of permissions."""

from assay.identity.model import Caller, Role
from assay.identity.organisations import found_organisation
from assay.identity.people import add_member, issue_link, issue_token

__all__ = ["Caller", "Role", "add_member", "found_organisation", "issue_link", "issue_token"]
