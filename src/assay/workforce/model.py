"""The annotator, as every room above sees one: a pseudonym with languages and qualifications."""

from dataclasses import dataclass
from uuid import UUID

from assay.kernel import Conflict, NotAllowed, NotFound


class NoSuchAnnotator(NotFound):
    """No such annotator in this organisation."""


class NotAnAnnotator(NotAllowed):
    """The caller works at the desk here; only annotators take tasks."""


class PseudonymTaken(Conflict):
    """Another annotator of this organisation has the pseudonym, or the person is registered already."""


class NotPossible(Conflict):
    """The annotator's state does not allow this."""


@dataclass(frozen=True)
class Annotator:
    """A person who answers. `qualifications` are those in force now."""

    id: UUID
    pseudonym: str
    state: str
    languages: frozenset[str]
    qualifications: frozenset[str]


MOVES = {  # what the annotator may do to their own state; restrictions need a decision and come with `conduct`
    "pause": ("active", "paused"),
    "resume": ("paused", "active"),
}
