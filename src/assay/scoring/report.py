"""The numbers of a project as they are shown: each with its n, method and interval, and the run that it came from."""

from itertools import groupby
from typing import Any
from uuid import UUID

from assay import projects
from assay.scoring import store
from assay.scoring.refresh import file_in_force
from assay.scoring.skills import of_verdicts
from assay.storage import Session

Row = dict[str, Any]


def quality(session: Session, project_id: UUID) -> Row:
    """Agreement, hidden checks and accuracy by question; counts; the latest run. Raises NoSuchProject."""
    projects.get(session, project_id)
    file = file_in_force(session, project_id)
    done = store.latest_run(session, project_id, done=True)
    checks = [_checks(row) for row in store.gold_totals(session, project_id)]
    alike = store.agreement(session, project_id)
    fitted = done["report"] if done else {}
    questions = [
        {
            "question": question.key,
            "type": question.type,
            "title": question.title,
            "fit": fitted.get(question.key, {}).get("method"),
            "accuracy": fitted.get(question.key, {}).get("accuracy"),
            "agreement": [row for row in alike if row["question"] == question.key],
            "gold": [row for row in checks if row["question"] == question.key],
        }
        for question in (file.questions if file else ())
    ]
    return {
        **store.counts(session, project_id),
        "run": done,
        "latest_run": store.latest_run(session, project_id, done=False),
        "questions": questions,
    }


def _checks(row: Row) -> Row:
    estimate = of_verdicts(row["right"], row["partly"], row["n"])
    return row | {"value": estimate.value, "low": estimate.low, "high": estimate.high, "method": estimate.method}


def annotators(session: Session, project_id: UUID, *, after: str | None, limit: int) -> list[Row]:
    """A page of annotators under their pseudonyms with their skills. Raises NoSuchProject."""
    projects.get(session, project_id)
    rows = store.skills_page(session, project_id, after=after, limit=limit)
    return [
        {"annotator_id": id, "pseudonym": pseudonym, "skills": list(skills)}
        for (id, pseudonym), skills in groupby(rows, key=lambda row: (row["annotator_id"], row["pseudonym"]))
    ]


def tasks(session: Session, project_id: UUID, *, state: str | None, after: UUID | None, limit: int) -> list[Row]:
    """A page of tasks with the verdict on them and what their answers say. Raises NoSuchProject."""
    projects.get(session, project_id)
    page = store.decisions_page(session, project_id, state=state, after=after, limit=limit)
    found: dict[UUID, list[Row]] = {row["task_id"]: [] for row in page}
    for posterior in store.posteriors_of_tasks(session, list(found)):
        found[posterior["task_id"]].append(posterior)
    return [row | {"posteriors": found[row["task_id"]]} for row in page]
