"""Lots, their inspection and certificates, and releases over HTTP."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from assay import audit, projects
from assay.delivery import inspection, seal, store
from assay.delivery.archive import zip_stream
from assay.delivery.model import (
    Judgement,
    Lot,
    NoSuchCertificate,
    NothingToCheck,
    Release,
    Severity,
    Verdict,
)
from assay.delivery.release import accept, bundle_folder, prepare
from assay.identity.routes import Call, Limit, Router, Strict

router = Router(tags=["delivery"])

TableName = Literal["items", "responses", "answers", "settled", "reviews", "adjudications", "annotators", "checks"]


class NewLot(Strict):
    """Which settled tasks to take; those that no other open lot has, oldest first."""

    batch_id: UUID | None = None
    size_max: int | None = Field(default=None, ge=1)


class LotOut(BaseModel):
    id: UUID
    project_id: UUID
    rule: str
    size: int
    plan: dict[str, Any]
    seed: str | None
    state: str
    decision: dict[str, Any] | None = Field(description="the last decision: outcome, bound, checks, reason")
    sealed_at: datetime
    decided_at: datetime | None

    @staticmethod
    def of(lot: Lot) -> "LotOut":
        return LotOut(**{**vars(lot), "plan": vars(lot.plan), "state": str(lot.state)})


class Lots(BaseModel):
    items: list[LotOut]
    next: UUID | None


@router.post("/projects/{project_id}/lots", status_code=201)
def seal_lot(project_id: UUID, body: NewLot, call: Call) -> LotOut:
    """Freeze settled tasks into a lot."""
    return LotOut.of(seal.seal(call.session, project_id, seal.Wanted(body.batch_id, body.size_max)))


@router.get("/projects/{project_id}/lots")
def list_lots(project_id: UUID, call: Call, after: UUID | None = None, limit: Limit = 50) -> Lots:
    """The lots of a project."""
    projects.get(call.session, project_id)
    found = store.lots(call.session, project_id, after=after, limit=limit)
    return Lots(items=[LotOut.of(lot) for lot in found], next=found[-1].id if len(found) == limit else None)


@router.get("/lots/{lot_id}")
def get_lot(lot_id: UUID, call: Call) -> LotOut:
    """A lot with the last decision about it."""
    return LotOut.of(store.lot(call.session, lot_id))


@router.post("/lots/{lot_id}/sample", status_code=201)
def draw_sample(lot_id: UUID, call: Call) -> LotOut:
    """Draw the first checks at random; later ones are drawn when the plan asks for them."""
    return LotOut.of(inspection.draw_sample(call.session, lot_id))


class ClosedLot(Strict):
    redo: seal.Redo = "nothing"


@router.post("/lots/{lot_id}/close")
def close_lot(lot_id: UUID, body: ClosedLot, call: Call) -> LotOut:
    """Close a lot that failed; `redo` says which of its tasks are reviewed again."""
    return LotOut.of(seal.close(call.session, lot_id, redo=body.redo))


class CheckOut(BaseModel):
    """A task to be judged, blind: no names, no models, no verdicts."""

    id: UUID
    lot_id: UUID
    version_id: UUID
    fence: int
    lease_until: datetime
    payload: dict[str, Any]
    order: dict[str, list[str]]
    is_answered: bool


@router.post(
    "/lots/{lot_id}/checks/claim",
    status_code=201,
    response_model=CheckOut,
    responses={204: {"description": "nothing to check now"}},
)
def claim_check(lot_id: UUID, call: Call) -> CheckOut | Response:
    """Take the next drawn task that the caller had no hand in; 204 when there is none."""
    try:
        blind = inspection.claim_check(call.session, lot_id, call.caller.person_id)
    except NothingToCheck:
        return Response(status_code=204)
    check = blind.check
    assert check.fence is not None
    assert check.lease_until is not None
    return CheckOut(
        id=check.id,
        lot_id=check.lot_id,
        version_id=blind.version_id,
        fence=check.fence,
        lease_until=check.lease_until,
        payload=blind.payload,
        order=blind.order,
        is_answered=check.answers is not None,
    )


class BlindAnswers(Strict):
    fence: int
    answers: list[dict[str, Any]] = Field(max_length=5000)


class SettledAnswer(BaseModel):
    question: str
    target: str | None
    value: Any


class Revealed(BaseModel):
    settled: list[SettledAnswer]


@router.post("/checks/{check_id}/answers", status_code=201)
def answer_check(check_id: UUID, body: BlindAnswers, call: Call) -> Revealed:
    """Give one's own answers, once; the reply shows what the task settled on."""
    rows = inspection.answer_blind(
        call.session, check_id, call.caller.person_id, fence=body.fence, answers=body.answers
    )
    return Revealed(settled=[SettledAnswer(**row) for row in rows])


class JudgementIn(Strict):
    fence: int
    verdict: Verdict
    severity: Severity | None = None
    note: str = Field(default="", max_length=10_000)
    answers: list[dict[str, Any]] | None = Field(
        default=None, max_length=5000, description="one's own answers, if they were not given before"
    )


class JudgedOut(BaseModel):
    lot_state: str
    decision: dict[str, Any] | None


@router.post("/checks/{check_id}/judge")
def judge_check(check_id: UUID, body: JudgementIn, call: Call) -> JudgedOut:
    """Say whether the settled answers conform; the lot passes, fails or asks for more checks."""
    auditor = call.caller.person_id
    judgement = Judgement(body.verdict, body.severity, body.note)
    if body.answers is not None:
        inspection.answer_blind(call.session, check_id, auditor, fence=body.fence, answers=body.answers)
    lot = inspection.judge(call.session, check_id, auditor, fence=body.fence, judgement=judgement)
    return JudgedOut(lot_state=str(lot.state), decision=lot.decision)


class CertificateOut(BaseModel):
    id: UUID
    lot_id: UUID
    issued_at: datetime
    body: dict[str, Any]


@router.get("/lots/{lot_id}/certificate")
def get_certificate(lot_id: UUID, call: Call) -> CertificateOut:
    """What the inspection measured, with bound, confidence, method and sample."""
    store.lot(call.session, lot_id)
    found = store.certificate(call.session, lot_id)
    if found is None:
        raise NoSuchCertificate("the lot has no certificate: it has not passed its inspection")
    return CertificateOut(**found)


class NewRelease(Strict):
    """What to release, and what its cover says."""

    lots: list[UUID] = Field(min_length=1, max_length=1000)
    title: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)
    licence: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]{0,60}$")] = Field(
        default="other", description="as dataset cards name it, such as cc-by-4.0; other: see the text"
    )
    licence_text: str = Field(default="All rights reserved.\n", min_length=1, max_length=200_000)
    use_cases: str | None = Field(default=None, max_length=10_000)
    social_impact: str | None = Field(default=None, max_length=10_000)
    pairs: Literal["all", "neighbours", "best_worst"] = "all"
    demonstrations: list[str] | None = None
    test_share: float = Field(default=0.1, ge=0, lt=1)
    bare: bool = False
    sheets: list[TableName] = Field(default_factory=list)


class ReleaseOut(BaseModel):
    id: UUID
    project_id: UUID
    number: int
    state: str
    problem: str | None
    lots: list[UUID]
    key_id: str | None
    manifest_sha256: str | None
    rows: dict[str, int] | None
    bytes: int | None
    prepared_at: datetime
    signed_at: datetime | None
    accepted_at: datetime | None

    @staticmethod
    def of(call: Call, release: Release) -> "ReleaseOut":
        lots = store.release_lots(call.session, release.id)
        return ReleaseOut(**{**vars(release), "state": str(release.state), "lots": lots})


class Releases(BaseModel):
    items: list[ReleaseOut]
    next: UUID | None


@router.post("/projects/{project_id}/releases", status_code=201)
def prepare_release(project_id: UUID, body: NewRelease, call: Call) -> ReleaseOut:
    """Ask for a release of lots that passed. It is written in the background; its state tells when it is there."""
    wishes = body.model_dump(exclude={"lots"})
    return ReleaseOut.of(call, prepare(call.session, project_id, body.lots, wishes))


@router.get("/projects/{project_id}/releases")
def list_releases(project_id: UUID, call: Call, after: UUID | None = None, limit: Limit = 50) -> Releases:
    """The releases of a project."""
    projects.get(call.session, project_id)
    found = store.releases(call.session, project_id, after=after, limit=limit)
    items = [ReleaseOut.of(call, release) for release in found]
    return Releases(items=items, next=found[-1].id if len(found) == limit else None)


@router.get("/releases/{release_id}")
def get_release(release_id: UUID, call: Call) -> ReleaseOut:
    """A release and its state."""
    return ReleaseOut.of(call, store.release(call.session, release_id))


@router.get("/releases/{release_id}/archive", response_class=StreamingResponse)
def download_release(release_id: UUID, call: Call) -> StreamingResponse:
    """The files of a release as one zip; each download is an event."""
    data: Path = call.request.app.state.settings.data
    folder = bundle_folder(data, call.session, store.release(call.session, release_id))
    audit.record(call.session, "release.downloaded", subject=release_id)
    headers = {"content-disposition": f'attachment; filename="{folder.name}.zip"'}
    return StreamingResponse(zip_stream(folder), media_type="application/zip", headers=headers)


@router.post("/releases/{release_id}/accept")
def accept_release(release_id: UUID, call: Call) -> ReleaseOut:
    """Take the delivery; fourteen days of silence do the same."""
    return ReleaseOut.of(call, accept(call.session, release_id))
