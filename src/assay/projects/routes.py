"""Projects over HTTP: made from a file, given back as the same file, opened and closed."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from assay.identity.routes import Call, Limit, Router, Visit
from assay.projects import project_file, states, store
from assay.projects.model import NoSuchGuideline, NoSuchVersion, Project
from assay.projects.publish import create, publish

router = Router(tags=["projects"])

FORM = {"schema": {"type": "object", "description": "a project file"}}
SENT = {"requestBody": {"required": True, "content": {"application/json": FORM, "application/yaml": FORM}}}


async def _sent(request: Request) -> bytes:
    """The project file as it was sent, YAML or JSON; read here, understood in the endpoint's own thread."""
    return await request.body()


Sent = Annotated[bytes, Depends(_sent)]


class ProjectOut(BaseModel):
    id: UUID
    name: str
    languages: list[str]
    state: str
    version_id: UUID | None
    version: str | None
    created_at: datetime

    @staticmethod
    def of(call: Visit, project: Project) -> "ProjectOut":
        number = store.version(call.session, project.version_id).number if project.version_id else None
        return ProjectOut(**vars(project), version=number)


class Projects(BaseModel):
    items: list[ProjectOut]
    next: UUID | None


@router.post("/projects", status_code=201, openapi_extra=SENT)
def create_project(sent: Sent, call: Call) -> ProjectOut:
    """A draft project from a project file, JSON or YAML."""
    project_id = create(call.session, project_file.load(sent))
    return ProjectOut.of(call, store.get(call.session, project_id))


@router.get("/projects")
def list_projects(call: Call, after: UUID | None = None, limit: Limit = 50) -> Projects:
    """The projects of this organisation."""
    found = store.projects(call.session, after=after, limit=limit)
    return Projects(items=[ProjectOut.of(call, p) for p in found], next=found[-1].id if len(found) == limit else None)


@router.get("/projects/{project_id}")
def get_project(project_id: UUID, call: Call) -> ProjectOut:
    """One project."""
    return ProjectOut.of(call, store.get(call.session, project_id))


@router.get("/projects/{project_id}/file", response_class=Response)
def get_project_file(project_id: UUID, call: Call, format: Literal["yaml", "json"] | None = None) -> Response:
    """The project as the file it can be made from again: YAML, or JSON by `format` or by the Accept header."""
    file = _file_in_force(call, project_id)
    if format == "json" or (format is None and call.request.headers.get("accept", "").startswith("application/json")):
        return Response(project_file.dump_json(file), media_type="application/json")
    return Response(project_file.dump(file), media_type="application/yaml")


@router.put("/projects/{project_id}/file", openapi_extra=SENT)
def publish_version(project_id: UUID, sent: Sent, call: Call) -> ProjectOut:
    """Publish a new version; it holds for tasks loaded from now on."""
    publish(call.session, project_id, project_file.load(sent))
    return ProjectOut.of(call, store.get(call.session, project_id))


@router.post("/projects/{project_id}/open")
def open_project(project_id: UUID, call: Call) -> ProjectOut:
    """Let annotators in."""
    states.move(call.session, project_id, "open")
    return ProjectOut.of(call, store.get(call.session, project_id))


@router.post("/projects/{project_id}/close")
def close_project(project_id: UUID, call: Call) -> ProjectOut:
    """Hand out no more tasks; what was started may be finished."""
    states.move(call.session, project_id, "close")
    return ProjectOut.of(call, store.get(call.session, project_id))


class DefinitionOut(BaseModel):
    """What an annotator's screen needs of a version: the guideline, the fields, the questions."""

    id: UUID
    project_id: UUID
    name: str
    number: str
    guideline_version: str
    guideline: str
    fields: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    recall_seconds: int
    held_max: int


@router.get("/versions/{version_id}")
def get_version(version_id: UUID, call: Call) -> DefinitionOut:
    """A version as the work page shows it; it never changes."""
    version = store.version(call.session, version_id)
    values = version.file.as_json()
    return DefinitionOut(
        id=version.id,
        project_id=version.project_id,
        name=version.file.name,
        number=version.number,
        guideline_version=version.file.guideline.version,
        guideline=version.file.guideline.markdown,
        fields=values["fields"],
        questions=values["questions"],
        recall_seconds=version.file.quality.recall_seconds,
        held_max=version.file.quality.held_max,
    )


class VersionOut(BaseModel):
    id: UUID
    number: str
    hash: str
    state: str
    published_at: datetime
    guideline_version: str


class Versions(BaseModel):
    items: list[VersionOut]
    next: None = None


@router.get("/projects/{project_id}/versions")
def list_versions(project_id: UUID, call: Call) -> Versions:
    """All versions of a project, oldest first."""
    store.get(call.session, project_id)
    return Versions(items=[VersionOut(**row) for row in store.versions(call.session, project_id)])


class GuidelineOut(BaseModel):
    version: str
    markdown: str
    change_note: str
    state: str
    published_at: datetime


@router.get("/projects/{project_id}/guidelines/{version}")
def get_guideline(project_id: UUID, version: str, call: Call) -> GuidelineOut:
    """The instructions as they were published; they never change."""
    row = store.guideline(call.session, project_id, version)
    if row is None:
        raise NoSuchGuideline(f"there is no guideline {version!r} of such a project in this organisation")
    return GuidelineOut(**{key: row[key] for key in GuidelineOut.model_fields})


def _file_in_force(call: Visit, project_id: UUID) -> project_file.ProjectFile:
    project = store.get(call.session, project_id)
    if project.version_id is None:
        raise NoSuchVersion("the project has no published version")
    return store.version(call.session, project.version_id).file
