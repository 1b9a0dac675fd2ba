"""What is confident and needs no review is settled; what differs is adjudicated."""

from typing import Any
from uuid import UUID

import pytest

from assay import tasks
from assay.kernel.lease import LeaseLost
from assay.review import (
    Cause,
    Verdict,
    claim_adjudication,
    claim_review,
    finalise,
    review_again,
    settle_adjudication,
    settle_all,
)
from assay.review.adjudicate import UnknownAlias
from assay.review.model import NothingToReview
from assay.storage import Session


def state(session: Session, task_id: UUID) -> str:
    row = tasks.task(session, task_id)
    assert row is not None
    return row["state"]


def settled(session: Session, task_id: UUID) -> dict[str, Any]:
    (row,) = tasks.settled(session, task_id)
    return row


def outcomes(session: Session, task_id: UUID) -> list[str]:
    rows = session.all("select state from review_outcome where task_id = %s order by state", (task_id,))
    return [row["state"] for row in rows]


def test_a_confident_task_is_settled_by_itself(session: Session, house) -> None:
    (task,) = house.open(overlap_min=3, confidence_wanted=0.6)
    for name, value in {"ann": "cat", "bob": "cat", "cem": "dog"}.items():
        house.answer(name, value)
    house.hear()
    row = settled(session, task)
    assert (row["value"], row["how"], row["confidence"]) == ("cat", "aggregated", 0.625)
    assert len(row["responses"]) == 3
    assert outcomes(session, task) == ["unreviewed"] * 3


def test_one_response_is_settled_as_single(session: Session, house) -> None:
    (task,) = house.open(overlap_min=1)
    house.answer("ann", "cat")
    house.hear()
    assert settled(session, task)["how"] == "single"


def test_a_due_review_holds_the_task_back(session: Session, house) -> None:
    (task,) = house.open(overlap_min=1, review={"first_n": 5})
    house.answer("ann", "cat")
    house.hear()
    assert state(session, task) == "complete"
    reviewer = house.reviewer()
    review = claim_review(session, house.project_id, reviewer)
    finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.APPROVE)
    assert settled(session, task)["method"].endswith("approved in review")
    assert outcomes(session, task) == ["approved"]


def test_disputed_answers_wait_for_a_blind_adjudicator(session: Session, house) -> None:
    (task,) = house.open(overlap_min=2)
    house.answer("ann", "cat")
    house.answer("bob", "dog")
    house.hear()
    assert state(session, task) == "complete"
    adjudicator = house.reviewer()
    held = claim_adjudication(session, house.project_id, adjudicator)
    assert [one.alias for one in held.responses] == ["A", "B"]
    wrong = next(one.alias for one in held.responses if one.answers[0]["value"] == "cat")
    with pytest.raises(UnknownAlias):
        settle(session, held, adjudicator, causes={"Z": Cause.SLIP})
    settle(session, held, adjudicator, causes={wrong: Cause.SLIP})
    settle(session, held, adjudicator, causes={wrong: Cause.SLIP})  # a repeat is the same
    row = settled(session, task)
    assert (row["value"], row["how"], row["source_id"]) == ("dog", "adjudicated", held.id)
    assert outcomes(session, task) == ["approved", "corrected"]


def settle(session: Session, held: Any, person_id: UUID, causes: dict[str, Cause]) -> None:
    answers = [{"question": "animal", "value": "dog"}]
    settle_adjudication(session, held.id, person_id, fence=held.lease.fence, answers=answers, causes=causes)


def test_the_author_does_not_adjudicate_and_an_old_token_is_refused(session: Session, house) -> None:
    house.open(overlap_min=2)
    house.answer("ann", "cat")
    house.answer("bob", "dog")
    house.hear()
    with pytest.raises(NothingToReview):
        claim_adjudication(session, house.project_id, house.person("ann"))
    adjudicator = house.reviewer()
    first = claim_adjudication(session, house.project_id, adjudicator)
    claim_adjudication(session, house.project_id, adjudicator)
    with pytest.raises(LeaseLost):
        settle(session, first, adjudicator, causes={})


def test_a_reviewer_of_the_task_does_not_adjudicate_it(session: Session, house) -> None:
    house.open(overlap_min=2, review={"first_n": 5})
    house.answer("ann", "cat")
    house.answer("bob", "dog")
    house.hear()
    reviewer = house.reviewer()
    review = claim_review(session, house.project_id, reviewer)
    finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.APPROVE)
    with pytest.raises(NothingToReview):
        claim_adjudication(session, house.project_id, reviewer)


def test_a_project_can_be_settled_as_a_whole(session: Session, house) -> None:
    sure, unsure = house.open(2, overlap_min=2)
    for name in ("ann", "bob"):
        house.answer(name, "cat")
        house.answer(name, "cat" if name == "ann" else "dog")
    assert settle_all(session, house.project_id) == 1
    assert (state(session, sure), state(session, unsure)) == ("settled", "complete")
    assert settled(session, sure)["source_id"] is not None
    assert settle_all(session, house.project_id, even_disputed=True) == 1
    assert (settled(session, unsure)["value"], settled(session, unsure)["confidence"]) == ("cat", 0.5)


def test_a_correction_that_contradicts_the_votes_goes_to_adjudication(session: Session, house) -> None:
    (task,) = house.open(overlap_min=2, confidence_wanted=0.8, review={"first_n": 5})
    house.answer("ann", "cat")
    house.answer("bob", "cat")
    house.hear()
    reviewer = house.reviewer()
    for verdict in (Verdict.APPROVE, Verdict.CORRECT):
        review = claim_review(session, house.project_id, reviewer)
        answers = [{"question": "animal", "value": "dog"}]
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=verdict, answers=answers)
    assert state(session, task) == "complete"
    assert claim_adjudication(session, house.project_id, house.reviewer()).task_id == task


def test_a_settled_task_can_be_looked_at_again_by_someone_else(session: Session, house) -> None:
    (task,) = house.open(overlap_min=2)
    house.answer("ann", "cat")
    house.answer("bob", "dog")
    house.hear()
    first, second = house.reviewer(), house.reviewer()
    settle(session, claim_adjudication(session, house.project_id, first), first, causes={})
    assert review_again(session, house.project_id, [task]) == 1
    assert settle_all(session, house.project_id) == 0
    with pytest.raises(NothingToReview):
        claim_adjudication(session, house.project_id, first)
    settle(session, claim_adjudication(session, house.project_id, second), second, causes={})
    assert settled(session, task)["how"] == "adjudicated"
