"""Gather settled tasks into a lot; and close a lot that failed, so that its tasks can be done again."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from assay import audit, projects, review
from assay.delivery import store
from assay.delivery.model import Lot, LotState, NothingToSeal
from assay.quality.sampling.acceptance import AcceptancePlan
from assay.storage import Session

Redo = Literal["nothing", "nonconforming", "all"]


@dataclass(frozen=True)
class Wanted:
    """Which tasks a lot takes: settled ones of the project that no open lot has, oldest first."""

    batch_id: UUID | None = None
    size_max: int | None = None

    @property
    def rule(self) -> str:
        batch = f" of batch {self.batch_id}" if self.batch_id else ""
        most = f", at most {self.size_max}" if self.size_max else ""
        return f"settled tasks{batch} in no other open lot, gold left out, oldest first{most}"


def seal(session: Session, project_id: UUID, wanted: Wanted | None = None) -> Lot:
    """Freeze a list of settled tasks. Records `lot.sealed`. Raises NothingToSeal, NoSuchProject."""
    wanted = wanted or Wanted()
    project = projects.get(session, project_id)
    if project.version_id is None:
        raise NothingToSeal("the project has no published version, so it has no settled task")
    said = projects.version(session, project.version_id).file.quality.acceptance
    plan = AcceptancePlan(said.error_limit, said.confidence, said.checks_min, said.checks_max)
    lot = store.add_lot(
        session,
        project_id,
        version_id=project.version_id,
        rule=wanted.rule,
        plan=plan,
        batch_id=wanted.batch_id,
        size_max=wanted.size_max,
    )
    if lot is None:
        raise NothingToSeal("no settled task is free for a lot; settle tasks first, or close the lot that failed")
    audit.record(session, "lot.sealed", subject=lot.id, body={"project": str(project_id), "tasks": lot.size})
    return lot


def close(session: Session, lot_id: UUID, *, redo: Redo = "nothing") -> Lot:
    """Close a lot that failed; its tasks may go into another, some or all after another review.

    Records `lot.closed`, and `task.reopened` for what is adjudicated again. Raises LotMoveRefused.
    """
    lot = store.lot_to_change(session, lot_id)
    lot.require(LotState.CLOSED)
    again = store.task_ids(session, lot_id, only_wrong=redo == "nonconforming") if redo != "nothing" else []
    if again:
        review.review_again(session, lot.project_id, again)
    store.free_tasks(session, lot_id)
    store.set_lot_state(session, [lot_id], LotState.CLOSED)
    audit.record(session, "lot.closed", subject=lot_id, body={"redo": redo, "tasks": len(again)})
    return store.lot(session, lot_id)
