"""Projects in the database: created once, published in versions that never change."""

from typing import Any

import pytest

from assay import audit, projects
from assay.kernel import Invalid, new_id
from assay.projects import ProjectFile, project_file
from assay.projects import store as projects_store
from assay.projects.model import NoSuchProject, NoSuchVersion, ProjectNameTaken, VersionTaken
from assay.storage import Session


def file(**changes: Any) -> ProjectFile:
    return project_file.of_values(
        {
            "name": "增值税",
            "languages": ["zh"],
            "version": "1.0.0",
            "guideline": {"version": "1.0.0", "markdown": "Choose."},
            "fields": [{"key": "text", "type": "text", "from": "item.text"}],
            "questions": [
                {
                    "key": "quality",
                    "type": "rating",
                    "title": "?",
                    "scale": {"min": -1, "max": 1, "anchors": {"-1": "bad", "0": "so", "1": "good"}},
                }
            ],
            "quality": {"overlap_min": 2, "confidence_wanted": 0.8},
            **changes,
        }
    )


def kinds(session: Session) -> list[str]:
    """The events of projects so far, by name."""
    session.finish()
    ours = ("project", "version", "guideline")
    return sorted(event.kind for event in audit.events(session) if event.kind.split(".")[0] in ours)


def test_a_project_is_created_with_its_first_version_and_their_events(session: Session) -> None:
    project_id = projects.create(session, file())
    project = projects.get(session, project_id)
    assert (project.name, project.languages, project.state) == ("增值税", ("zh",), "draft")
    assert project.version_id is not None
    version = projects.version(session, project.version_id)
    assert (version.number, version.file) == ("1.0.0", file())
    assert kinds(session) == ["guideline.published", "project.created", "version.published"]


def test_the_file_comes_back_from_the_database_to_the_letter(session: Session) -> None:
    project_id = projects.create(session, file())
    row = session.one(
        "select definition from projects_version where organisation_id = %s and project_id = %s",
        (session.organisation_id, project_id),
    )
    stored = project_file.of_values(row["definition"])
    assert stored == file()
    assert project_file.dump(stored) == project_file.dump(file())


def test_a_name_is_taken_once_in_an_organisation(session: Session) -> None:
    projects.create(session, file())
    with pytest.raises(ProjectNameTaken, match="there is a project '增值税' already"):
        projects.create(session, file(version="2.0.0"))


def test_a_new_version_supersedes_the_old_one_and_leaves_it_as_it_was(session: Session) -> None:
    project_id = projects.create(session, file())
    first = projects.get(session, project_id).version_id
    assert first is not None
    second = projects.publish(session, project_id, file(version="1.1.0", quality={"overlap_min": 3}))
    assert projects.get(session, project_id).version_id == second.id
    assert projects.version(session, first).file == file()
    states = projects_store.versions(session, project_id)
    assert [(row["number"], row["state"]) for row in states] == [("1.0.0", "superseded"), ("1.1.0", "published")]
    assert kinds(session).count("version.published") == 2


def test_the_same_content_again_is_the_same_version(session: Session) -> None:
    project_id = projects.create(session, file())
    again = projects.publish(session, project_id, file())
    assert again.id == projects.get(session, project_id).version_id
    assert kinds(session).count("version.published") == 1


def test_a_published_number_is_never_given_to_other_content(session: Session) -> None:
    project_id = projects.create(session, file())
    with pytest.raises(VersionTaken, match=r"version 1\.0\.0 is published with other content"):
        projects.publish(session, project_id, file(quality={"overlap_min": 9}))
    changed = {"version": "1.0.0", "markdown": "Choose well."}
    with pytest.raises(VersionTaken, match=r"guideline 1\.0\.0 is published with another text"):
        projects.publish(session, project_id, file(version="1.0.1", guideline=changed))


def test_a_replaced_version_does_not_come_back_under_its_number(session: Session) -> None:
    project_id = projects.create(session, file())
    projects.publish(session, project_id, file(version="1.1.0"))
    with pytest.raises(VersionTaken, match="was replaced by a later one"):
        projects.publish(session, project_id, file())


def test_a_new_guideline_supersedes_the_old_one(session: Session) -> None:
    project_id = projects.create(session, file())
    new = {"version": "1.1.0", "markdown": "Choose well.", "change_note": "clearer"}
    projects.publish(session, project_id, file(version="1.0.1", guideline=new))
    rows = [projects_store.guideline(session, project_id, number) for number in ("1.0.0", "1.1.0")]
    assert [(row["version"], row["state"]) for row in rows if row] == [("1.0.0", "superseded"), ("1.1.0", "published")]


def test_a_file_of_another_project_is_refused(session: Session) -> None:
    project_id = projects.create(session, file())
    with pytest.raises(Invalid, match="the file is of project 'other', not of '增值税'"):
        projects.publish(session, project_id, file(name="other", version="1.0.1"))


def test_what_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NoSuchProject):
        projects.get(session, new_id())
    with pytest.raises(NoSuchVersion):
        projects.version(session, new_id())
