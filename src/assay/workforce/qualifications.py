"""Gates that admit to work: granted here, passed in assessments later."""

import re
from uuid import UUID

from assay import audit
from assay.kernel import Invalid
from assay.storage import Session
from assay.workforce import store

DAYS_VALID = 180
_KIND = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")


def grant(session: Session, annotator_id: UUID, kind: str, *, days_valid: int = DAYS_VALID) -> UUID:
    """Grant or renew a qualification. Records `qualification.granted`. Raises NoSuchAnnotator, Invalid."""
    if not _KIND.fullmatch(kind):
        raise Invalid(f"{kind!r} is no name of a qualification: lower-case letters, digits, . _ and - only")
    if not 1 <= days_valid <= 3650:
        raise Invalid("a qualification is valid for 1 to 3650 days")
    store.get_annotator(session, annotator_id)
    qualification_id = store.grant(session, annotator_id, kind, session.actor.id, days_valid=days_valid)
    audit.record(
        session, "qualification.granted", subject=qualification_id, body={"annotator": str(annotator_id), "kind": kind}
    )
    return qualification_id
