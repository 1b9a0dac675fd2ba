"""Annotators over HTTP; `current_annotator` tells other rooms' routes which annotator is calling."""

from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from assay import identity
from assay.identity.model import Role
from assay.identity.routes import Call, Limit, Router, Strict, Visit
from assay.kernel import NotFound
from assay.workforce import annotators, qualifications, store
from assay.workforce.model import Annotator, NotAnAnnotator

router = Router(tags=["workforce"])


def current_annotator(call: Visit) -> Annotator:
    """The annotator that the caller is. Raises NotAnAnnotator."""
    found = store.annotator_of(call.session, call.caller.person_id)
    if found is None:
        raise NotAnAnnotator("you are not registered as an annotator here; a manager can invite you as one")
    return found


class NewAnnotator(Strict):
    """A person to invite as an annotator: by e-mail (a new or known account)."""

    email: str
    name: str = Field(min_length=1, max_length=200)
    pseudonym: str | None = None
    languages: list[str] = Field(default_factory=list)
    qualifications: list[str] = Field(default_factory=list)


class AnnotatorOut(BaseModel):
    id: UUID
    pseudonym: str
    state: str
    languages: list[str]
    qualifications: list[str]

    @staticmethod
    def of(annotator: Annotator) -> "AnnotatorOut":
        return AnnotatorOut(
            id=annotator.id,
            pseudonym=annotator.pseudonym,
            state=annotator.state,
            languages=sorted(annotator.languages),
            qualifications=sorted(annotator.qualifications),
        )


class InvitedAnnotator(BaseModel):
    annotator: AnnotatorOut
    person_id: UUID
    link: str  # the secret of a link that signs in once


class Annotators(BaseModel):
    items: list[AnnotatorOut]
    next: UUID | None


@router.post("/annotators", status_code=201)
def invite_annotator(body: NewAnnotator, call: Call) -> InvitedAnnotator:
    """Register a person as an annotator with qualifications; the reply holds their sign-in link, shown once."""
    person_id = identity.add_member(call.session, body.email, body.name, [Role.ANNOTATOR])
    annotator_id = annotators.add_annotator(call.session, person_id, pseudonym=body.pseudonym, languages=body.languages)
    for kind in body.qualifications:
        qualifications.grant(call.session, annotator_id, kind)
    annotator = AnnotatorOut.of(store.get_annotator(call.session, annotator_id))
    return InvitedAnnotator(annotator=annotator, person_id=person_id, link=identity.issue_link(call.session, person_id))


@router.get("/annotators")
def list_annotators(call: Call, after: UUID | None = None, limit: Limit = 50) -> Annotators:
    """Annotators under their pseudonyms."""
    found = store.annotators(call.session, after=after, limit=limit)
    return Annotators(items=[AnnotatorOut.of(a) for a in found], next=found[-1].id if len(found) == limit else None)


@router.get("/annotators/me")
def my_annotator(call: Call) -> AnnotatorOut:
    """The annotator that the caller is."""
    return AnnotatorOut.of(current_annotator(call))


class NewQualification(Strict):
    kind: str
    days_valid: int = qualifications.DAYS_VALID


@router.post("/annotators/{annotator_id}/qualifications", status_code=201)
def grant_qualification(annotator_id: UUID, body: NewQualification, call: Call) -> AnnotatorOut:
    """Grant a qualification, or renew it."""
    qualifications.grant(call.session, annotator_id, body.kind, days_valid=body.days_valid)
    return AnnotatorOut.of(store.get_annotator(call.session, annotator_id))


@router.post("/annotators/me/{wish}", status_code=204)
def pause_or_resume_me(wish: str, call: Call) -> Response:
    """`pause` or `resume` one's own work."""
    if wish not in ("pause", "resume"):
        raise NotFound("you can pause or resume")
    (annotators.pause if wish == "pause" else annotators.resume)(call.session, current_annotator(call).id)
    return Response(status_code=204)
