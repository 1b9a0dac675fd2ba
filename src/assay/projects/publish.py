"""Create a project from its file, and publish further versions of it. What is published never changes."""

from uuid import UUID

from assay import audit
from assay.kernel import Invalid, canonical_json, new_id, sha256_hex
from assay.projects import store
from assay.projects.model import ProjectNameTaken, Version, VersionTaken
from assay.projects.project_file import ProjectFile
from assay.storage import Session


def create(session: Session, file: ProjectFile) -> UUID:
    """A draft project with its first published version.

    Records `project.created`, `guideline.published`, `version.published`. Raises ProjectNameTaken.
    """
    project_id = new_id()
    if not store.add_project(session, project_id, file.name, list(file.languages)):
        raise ProjectNameTaken(
            f"there is a project {file.name!r} already; choose another name, or publish a new version of it"
        )
    audit.record(session, "project.created", subject=project_id)
    publish(session, project_id, file)
    return project_id


def publish(session: Session, project_id: UUID, file: ProjectFile) -> Version:
    """Put a version in force for tasks loaded from now on; the same content again is the same version.

    Records `guideline.published` and `version.published`. Raises VersionTaken when the number has other content,
    or was replaced.
    """
    project = store.get_to_change(session, project_id)
    if project.name != file.name:
        raise Invalid(f"the file is of project {file.name!r}, not of {project.name!r}")
    definition = file.as_json()
    content_hash = sha256_hex(canonical_json(definition))
    known = store.version_numbered(session, project_id, file.version)
    if known is not None:
        if known["hash"] != content_hash:
            raise VersionTaken(f"version {file.version} is published with other content; raise the version's number")
        if known["id"] != project.version_id:
            raise VersionTaken(f"version {file.version} was replaced by a later one; give the file a new number")
        return store.version(session, known["id"])
    version_id = store.add_version(
        session,
        project_id,
        number=file.version,
        guideline_id=_publish_guideline(session, project_id, file),
        definition=definition,
        hash=content_hash,
    )
    store.set_version(session, project_id, version_id, list(file.languages))
    audit.record(
        session, "version.published", subject=version_id, body={"project": str(project_id), "hash": content_hash}
    )
    return store.version(session, version_id)


def _publish_guideline(session: Session, project_id: UUID, file: ProjectFile) -> UUID:
    text = file.guideline
    known = store.guideline(session, project_id, text.version)
    if known is not None:
        if known["markdown"] != text.markdown:
            raise VersionTaken(
                f"guideline {text.version} is published with another text; raise the guideline's version"
            )
        return known["id"]
    guideline_id = store.add_guideline(session, project_id, text.version, text.markdown, text.change_note)
    audit.record(session, "guideline.published", subject=guideline_id, body={"version": text.version})
    return guideline_id
