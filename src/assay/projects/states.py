"""Open and close a project."""

from uuid import UUID

from assay import audit
from assay.projects import store
from assay.projects.model import MOVES, Project, ProjectMoveRefused, ProjectNotLive, ProjectState
from assay.storage import Session


def move(session: Session, project_id: UUID, wish: str) -> ProjectState:
    """`open` or `close` a project; what was started may always be finished.

    Records `project.opened` or `project.closed`. Raises NoSuchProject, ProjectMoveRefused.
    """
    project = store.get_to_change(session, project_id)
    before, after, event = MOVES[wish]
    if project.state not in before:
        raise ProjectMoveRefused(
            f"the project is {project.state}; it can {wish} only when {' or '.join(sorted(before))}"
        )
    store.set_state(session, project_id, after)
    audit.record(session, event, subject=project_id)
    return after


def require_live(session: Session, project_id: UUID) -> Project:
    """Raises ProjectNotLive unless the project is open."""
    project = store.get(session, project_id)
    if project.state is not ProjectState.LIVE:
        raise ProjectNotLive(f"the project is {project.state}; open it first")
    return project
