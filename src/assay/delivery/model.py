"""Lots, checks, certificates and releases: the states they can be in, and what may go wrong with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from assay.kernel import Conflict, Invalid, NotFound
from assay.quality.sampling.acceptance import AcceptancePlan


class LotState(StrEnum):
    SEALED = "sealed"
    INSPECTING = "inspecting"
    PASSED = "passed"
    FAILED = "failed"
    CLOSED = "closed"
    RELEASED = "released"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    RECALLED = "recalled"


class ReleaseState(StrEnum):
    PREPARED = "prepared"  # being written
    AVAILABLE = "available"
    ACCEPTED = "accepted"
    FAILED = "failed"  # could not be written; its lots are free for another


LOT_MOVES: dict[LotState, frozenset[LotState]] = {
    LotState.SEALED: frozenset({LotState.INSPECTING}),
    LotState.INSPECTING: frozenset({LotState.INSPECTING, LotState.PASSED, LotState.FAILED}),
    LotState.FAILED: frozenset({LotState.CLOSED}),
    LotState.PASSED: frozenset({LotState.RELEASED}),
    LotState.RELEASED: frozenset({LotState.ACCEPTED, LotState.DISPUTED}),
    LotState.DISPUTED: frozenset({LotState.ACCEPTED, LotState.RECALLED}),
}


class NoSuchLot(NotFound):
    """No such lot in this organisation."""


class NoSuchCheck(NotFound):
    """No such check in this organisation, or another auditor has it."""


class NoSuchCertificate(NotFound):
    """The lot has no certificate: it has not passed its inspection."""


class NoSuchRelease(NotFound):
    """No such release in this organisation."""


class NothingToSeal(Conflict):
    """No settled task is free for a lot."""


class NothingToCheck(Conflict):
    """No drawn task is left that this auditor may judge."""


class LotMoveRefused(Conflict):
    """The lot's state does not allow this."""


class CheckMoveRefused(Conflict):
    """The check's state does not allow this."""


class ReleaseMoveRefused(Conflict):
    """The release's state does not allow this."""


class LotNotWhole(Conflict):
    """A task of the lot was reopened after the lot was sealed."""


class InvalidJudgement(Invalid):
    """The verdict and its severity do not go together."""


Verdict = Literal["conforming", "nonconforming", "unclear"]
Severity = Literal["minor", "major", "critical"]


@dataclass(frozen=True)
class Judgement:
    """What an auditor finds of a settled task. Unclear counts as nonconforming."""

    verdict: Verdict
    severity: Severity | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if (self.verdict == "nonconforming") != (self.severity is not None):
            raise InvalidJudgement("a nonconforming check has a severity: minor, major or critical; others have none")


@dataclass(frozen=True)
class Lot:
    """A frozen set of settled tasks, inspected and delivered together."""

    id: UUID
    project_id: UUID
    version_id: UUID
    rule: str
    size: int
    plan: AcceptancePlan
    seed: str | None
    state: LotState
    decision: dict[str, Any] | None
    sealed_at: datetime
    decided_at: datetime | None

    def require(self, wish: LotState) -> None:
        """Raise LotMoveRefused unless the lot may go there from where it is."""
        if wish not in LOT_MOVES.get(self.state, ()):
            raise LotMoveRefused(f"the lot is {self.state}; it cannot become {wish}")


@dataclass(frozen=True)
class Check:
    """One sampled task of a lot, in the hands of one auditor."""

    id: UUID
    lot_id: UUID
    task_id: UUID
    position: int
    state: str
    auditor_id: UUID | None
    fence: int | None
    lease_until: datetime | None
    answers: list[dict[str, Any]] | None


@dataclass(frozen=True)
class Release:
    """One delivery. Its files never change; a correction is another release."""

    id: UUID
    project_id: UUID
    number: int
    state: ReleaseState
    wishes: dict[str, Any]
    problem: str | None
    folder: str | None
    key_id: str | None
    manifest_sha256: str | None
    rows: dict[str, int] | None
    bytes: int | None
    prepared_at: datetime
    signed_at: datetime | None
    accepted_at: datetime | None
