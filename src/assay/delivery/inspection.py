"""Inspect a lot: draw a random sample, let auditors judge it blind, and stop as soon as the answer is clear."""

import secrets
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from assay import audit, projects, tasks
from assay.assignment.present import order_shown, present
from assay.delivery import store
from assay.delivery.certify import certify
from assay.delivery.model import Check, CheckMoveRefused, Judgement, Lot, LotState, NoSuchCheck, NothingToCheck
from assay.kernel import Lease
from assay.kernel.lease import LeaseOver
from assay.quality.sampling.acceptance import Decision, Outcome, decide
from assay.quality.sampling.draw import draw
from assay.storage import Session


@dataclass(frozen=True)
class BlindCheck:
    """What an auditor sees: the item and the questions, without names, models, verdicts or others' answers."""

    check: Check
    version_id: UUID
    payload: dict[str, Any]
    order: dict[str, list[str]]


def draw_sample(session: Session, lot_id: UUID) -> Lot:
    """Draw the first checks of a sealed lot, by a seed that is chosen now. Records `lot.sampled`.

    Later checks are drawn when the plan asks for them. Raises LotMoveRefused.
    """
    lot = store.lot_to_change(session, lot_id)
    lot.require(LotState.INSPECTING)
    if lot.state == LotState.INSPECTING:
        raise CheckMoveRefused("checks of this lot are under way; more are drawn when all are judged")
    seed = secrets.token_hex(16)
    store.set_seed(session, lot_id, seed)
    _follow(session, store.lot(session, lot_id))
    return store.lot(session, lot_id)


def claim_check(session: Session, lot_id: UUID, auditor_id: UUID) -> BlindCheck:
    """Lease the first drawn task that the auditor had no hand in; again the same one while they hold it.

    Raises NothingToCheck.
    """
    lot = store.lot(session, lot_id)
    if lot.state != LotState.INSPECTING:
        raise NothingToCheck(f"the lot is {lot.state}; there is nothing to check")
    check = store.held_check(session, lot_id, auditor_id)
    if check is None:
        picked = store.pick_check(session, lot_id, auditor_id)
        if picked is None:
            raise NothingToCheck("no drawn task is left that you had no hand in")
        plan = projects.version(session, lot.version_id).file.quality
        check = store.lease_check(session, picked.id, auditor_id, plan.lease_seconds)
    return _blind(session, check)


def answer_blind(
    session: Session, check_id: UUID, auditor_id: UUID, *, fence: int, answers: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Keep the auditor's own answers, and only then show what the task settled on.

    Once given they stay. Raises NoSuchCheck, LeaseLost, LeaseOver, InvalidAnswers, CheckMoveRefused.
    """
    check = _held(session, check_id, auditor_id, fence)
    if check.answers is not None:
        raise CheckMoveRefused("you answered this check before; now judge it")
    task = tasks.task(session, check.task_id)
    assert task is not None, "a check's task is held by a foreign key"
    definition = projects.version(session, task["version_id"]).file
    item = tasks.item(session, task["item_id"])
    assert item is not None, "a task's item is held by a foreign key"
    store.keep_answers(session, check_id, projects.check_answers(definition, item["payload"], answers))
    shown = ("question", "target", "value")
    return [{name: row[name] for name in shown} for row in tasks.settled(session, check.task_id)]


def judge(session: Session, check_id: UUID, auditor_id: UUID, *, fence: int, judgement: Judgement) -> Lot:
    """Say whether the settled answers conform; the lot passes, fails, or asks for more checks.

    Records `lot.passed` with `certificate.issued`, `lot.failed`, or `lot.sampled`.
    Raises NoSuchCheck, LeaseLost, LeaseOver, CheckMoveRefused.
    """
    lot = store.lot_to_change(session, store.check_lot(session, check_id))  # one judgement of a lot at a time
    check = _held(session, check_id, auditor_id, fence)
    if lot.state != LotState.INSPECTING:
        raise CheckMoveRefused(f"the lot is {lot.state}; its inspection is over")
    if check.answers is None:
        raise CheckMoveRefused("answer the questions yourself first; then judge the settled answers")
    store.judge(session, check_id, judgement.verdict, judgement.severity, judgement.note)
    _follow(session, lot)
    return store.lot(session, lot.id)


def _follow(session: Session, lot: Lot) -> None:
    """Do what the checks so far call for."""
    checks = store.checks(session, lot.id)
    wrong: list[bool] = []
    for check in checks:  # in the order drawn, none left out
        if check["state"] != "judged":
            break
        wrong.append(check["verdict"] != "conforming")
    decision = decide(lot.plan, lot.size, wrong)
    store.set_decision(session, lot.id, _said(decision))
    if decision.outcome == Outcome.PASS:
        store.set_lot_state(session, [lot.id], LotState.PASSED)
        audit.record(session, "lot.passed", subject=lot.id, body={"checks": len(wrong), "wrong": sum(wrong)})
        certify(session, lot, checks[: len(wrong)], decision)
    elif decision.outcome == Outcome.FAIL:
        store.set_lot_state(session, [lot.id], LotState.FAILED)
        audit.record(session, "lot.failed", subject=lot.id, body={"checks": len(wrong), "wrong": sum(wrong)})
    elif len(wrong) == len(checks):
        _draw_more(session, lot, after=len(checks), n=decision.next_checks)


def _draw_more(session: Session, lot: Lot, *, after: int, n: int) -> None:
    assert lot.seed is not None, "a lot under inspection has a seed"
    ids = [str(task_id) for task_id in store.task_ids(session, lot.id)]
    drawn = draw(ids, n, seed=lot.seed, after=after)
    store.add_checks(session, lot.id, [UUID(id) for id in drawn], after=after)
    audit.record(session, "lot.sampled", subject=lot.id, body={"checks": len(drawn), "after": after, "seed": lot.seed})


def _said(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": str(decision.outcome),
        "reason": decision.reason,
        "lower": decision.lower,
        "bound": decision.bound,
        **{name: value for name, value in asdict(decision.interval).items() if name in _INTERVAL},
    }


_INTERVAL = ("checked", "wrong", "confidence", "method")


def _held(session: Session, check_id: UUID, auditor_id: UUID, fence: int) -> Check:
    """The check, locked, if this auditor holds it now under this token."""
    check = store.check_to_change(session, check_id)
    if check.auditor_id != auditor_id:
        raise NoSuchCheck("no such check in your hands; claim one")
    if check.state != "leased" or check.fence is None or check.lease_until is None:
        raise CheckMoveRefused(f"the check is {check.state}")
    lease = Lease(auditor_id, check.lease_until, check.fence)
    lease.check(holder=auditor_id, fence=fence)
    if lease.is_over(session.now()):
        raise LeaseOver(f"the lease ended at {lease.until:%H:%M:%S} UTC; claim a check again")
    return check


def _blind(session: Session, check: Check) -> BlindCheck:
    task = tasks.task(session, check.task_id)
    assert task is not None, "a check's task is held by a foreign key"
    item = tasks.item(session, task["item_id"])
    assert item is not None, "a task's item is held by a foreign key"
    definition = projects.version(session, task["version_id"]).file
    order = order_shown(definition, item["payload"], check.id.int & (1 << 62) - 1)
    return BlindCheck(check, task["version_id"], present(definition, item["payload"], order), order)
