"""Draw the conclusion for tasks whose answers were scored: ask for one more, call it disputed, or let it go on."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from assay import audit, tasks
from assay.projects import ProjectFile
from assay.scoring import store
from assay.scoring.decide import answers_differ, confidence, verdict
from assay.scoring.model import Decision, Posterior, Verdict
from assay.storage import Session

CLOSED = ("settled", "cancelled", "needs_fix", "staged")


def decide(file: ProjectFile, task: Mapping[str, Any], posteriors: Sequence[Posterior]) -> Decision:
    """The verdict on one task. What was disputed stays so until it is adjudicated. Pure."""
    sure = confidence(file, posteriors, task["responses"])
    found = verdict(
        file.quality,
        confidence=sure,
        responses=task["responses"],
        overlap_wanted=task["overlap_wanted"],
        overlap_max=task["overlap_max"],
        answers_differ=answers_differ(file, posteriors),
    )
    if task["is_disputed"] and found is Verdict.CONFIDENT:
        found = Verdict.DISPUTED
    deciding = [p for p in posteriors if p.confidence is not None]
    method = "; ".join(sorted({p.method for p in deciding})) or "number of answers"
    run_id = next((p.run_id for p in deciding if p.run_id), None)
    return Decision(task["id"], found, sure, task["responses"], method, run_id)


def conclude(
    session: Session,
    project_id: UUID,
    file: ProjectFile,
    rows: Sequence[Mapping[str, Any]],
    posteriors: Mapping[UUID, Sequence[Posterior]],
) -> list[Decision]:
    """Keep the decisions on tasks that are at work and act on them; returns those that are new.

    Records `task.confident`; through tasks `task.reopened` and `task.disputed`.
    """
    at_work = [row for row in rows if not row["is_gold"] and row["state"] not in CLOSED]
    decisions = [decide(file, row, posteriors.get(row["id"], ())) for row in at_work]
    if not decisions:
        return []
    store.keep_decisions(session, project_id, decisions)
    before = {row["id"]: row["decided"] for row in at_work}
    fresh = [decision for decision in decisions if before[decision.task_id] != decision.verdict]
    tasks.raise_overlap(session, [d.task_id for d in decisions if d.verdict is Verdict.UNSURE])
    tasks.dispute(session, [d.task_id for d in fresh if d.verdict is Verdict.DISPUTED])
    for decision in fresh:
        if decision.verdict is Verdict.CONFIDENT:
            body = {"confidence": decision.confidence, "n": decision.n, "method": decision.method}
            audit.record(session, "task.confident", subject=decision.task_id, body=body)
    return fresh
