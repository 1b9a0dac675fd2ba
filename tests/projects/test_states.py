"""A project opens and closes."""

import pytest

from assay import audit, projects
from assay.kernel import new_id
from assay.projects.model import NoSuchProject, ProjectMoveRefused, ProjectNotLive


def test_a_draft_opens_closes_and_opens_again(session, make) -> None:
    project_id = make.project(is_open=False)
    assert [projects.move(session, project_id, wish) for wish in ("open", "close", "open")] == [
        "live",
        "closed",
        "live",
    ]
    session.finish()
    kinds = sorted(event.kind for event in audit.events(session, subject=project_id))
    assert kinds == ["project.closed", "project.created", "project.opened", "project.opened"]


def test_a_move_that_the_state_does_not_allow_is_refused_in_words(session, make) -> None:
    project_id = make.project(is_open=False)
    with pytest.raises(ProjectMoveRefused, match="the project is draft; it can close only when live"):
        projects.move(session, project_id, "close")
    projects.move(session, project_id, "open")
    with pytest.raises(ProjectMoveRefused, match="the project is live; it can open only when closed or draft"):
        projects.move(session, project_id, "open")


def test_work_needs_a_live_project(session, make) -> None:
    project_id = make.project(is_open=False)
    with pytest.raises(ProjectNotLive, match="the project is draft; open it first"):
        projects.require_live(session, project_id)
    projects.move(session, project_id, "open")
    assert projects.require_live(session, project_id).id == project_id


def test_a_project_that_is_not_there_cannot_be_moved(session) -> None:
    with pytest.raises(NoSuchProject):
        projects.move(session, new_id(), "open")
