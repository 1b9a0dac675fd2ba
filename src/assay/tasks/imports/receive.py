"""A file has come in: write down what it is meant to be, so that it can be loaded now or by a job."""

from uuid import UUID

from assay import audit
from assay.kernel import Invalid, Problem
from assay.storage import Session
from assay.tasks.imports import store
from assay.tasks.imports.model import Import
from assay.tasks.imports.setting import version_in_force


def receive(session: Session, new: Import, *, created_by: UUID | None) -> None:
    """Records `import.received`. Raises NoSuchProject, and Invalid for a question the project does not have."""
    version = version_in_force(session, new.project_id)
    if new.options.question not in (None, *version.file.by_key):
        raise Invalid(
            "the import cannot be made", [Problem("question", f"{new.options.question!r} is not a question here")]
        )
    store.add(session, new, created_by)
    audit.record(
        session,
        "import.received",
        subject=new.id,
        body={"project": str(new.project_id), "kind": new.kind.value, "sha256": new.sha256},
    )
