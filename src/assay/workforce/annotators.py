"""Annotators join, pause and resume. Nothing here can restrict a person: that needs a decision."""

import re
import secrets
from collections.abc import Sequence
from uuid import UUID

from assay import audit
from assay.kernel import Invalid, new_id
from assay.storage import Session
from assay.workforce import store
from assay.workforce.model import MOVES, NotPossible, PseudonymTaken

_PSEUDONYM = re.compile(r"[\w.@:/+ -]{1,100}")
_LETTERS = "ABCDEFGHKLMNPQRSTUVWXYZ"


def add_annotator(
    session: Session, person_id: UUID, *, pseudonym: str | None = None, languages: Sequence[str] = ()
) -> UUID:
    """Register a person as an annotator; without a pseudonym they get one such as K-4417.

    Records `annotator.activated`. Raises PseudonymTaken.
    """
    name = pseudonym or f"{secrets.choice(_LETTERS)}-{secrets.randbelow(9000) + 1000}"
    if not _PSEUDONYM.fullmatch(name):
        raise Invalid("a pseudonym has 1 to 100 letters, digits, spaces or . @ : / + - _")
    annotator_id = new_id()
    if not store.add(session, annotator_id, person_id, name, languages):
        raise PseudonymTaken(f"{name} is taken, or this person is an annotator here already")
    audit.record(session, "annotator.activated", subject=annotator_id)
    return annotator_id


def pause(session: Session, annotator_id: UUID) -> None:
    """The annotator's own pause; no reason is asked. Records `annotator.paused`."""
    _move(session, annotator_id, "pause", "annotator.paused")


def resume(session: Session, annotator_id: UUID) -> None:
    """Back to work. Records `annotator.resumed`."""
    _move(session, annotator_id, "resume", "annotator.resumed")


def _move(session: Session, annotator_id: UUID, wish: str, event: str) -> None:
    before, after = MOVES[wish]
    if not store.move(session, annotator_id, before=before, after=after):
        raise NotPossible(f"only an annotator who is {before} can {wish}")
    audit.record(session, event, subject=annotator_id)
