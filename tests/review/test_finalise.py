"""A reviewer approves, corrects, returns or refuses a response that is not their own."""

import pytest

from assay import tasks
from assay.assignment.work import mine
from assay.kernel.lease import LeaseOver
from assay.projects import InvalidAnswers
from assay.review import Verdict, claim_review, expire, finalise
from assay.review.model import CannotReturn, NoSuchReview, NoteMissing, NothingCorrected, NothingToReview
from assay.storage import Session

DOG = [{"question": "animal", "value": "dog"}]


def claimed(session: Session, house, **quality):
    """A task with one response under review, its reviewer and the review."""
    (task,) = house.open(**({"overlap_min": 1, "review": {"first_n": 5}} | quality))
    house.answer("ann", "cat")
    house.hear()
    reviewer = house.reviewer()
    return task, reviewer, claim_review(session, house.project_id, reviewer)


def test_the_author_is_never_the_reviewer(session: Session, house) -> None:
    house.open(overlap_min=1, review={"first_n": 5})
    house.answer("ann", "cat")
    house.hear()
    with pytest.raises(NothingToReview):
        claim_review(session, house.project_id, house.person("ann"))


def test_the_reviewer_is_told_neither_author_nor_reason(session: Session, house) -> None:
    _, _, review = claimed(session, house)
    assert review.alias.startswith("R-")
    assert not {"author_id", "annotator_id", "queue"} & set(vars(review))


def test_claiming_again_gives_the_review_in_hand(session: Session, house) -> None:
    _, reviewer, review = claimed(session, house)
    again = claim_review(session, house.project_id, reviewer)
    assert again.id == review.id
    assert again.lease.fence > review.lease.fence


def test_a_corrected_single_response_is_settled_as_corrected(session: Session, house) -> None:
    task, reviewer, review = claimed(session, house)
    fence = review.lease.fence
    with pytest.raises(InvalidAnswers):
        wrong = [{"question": "animal", "value": "cow"}]
        finalise(session, review.id, reviewer, fence=fence, verdict=Verdict.CORRECT, answers=wrong)
    with pytest.raises(NothingCorrected):
        same = [{"question": "animal", "value": "cat"}]
        finalise(session, review.id, reviewer, fence=fence, verdict=Verdict.CORRECT, answers=same)
    finalise(session, review.id, reviewer, fence=fence, verdict=Verdict.CORRECT, answers=DOG)
    (row,) = tasks.settled(session, task)
    assert (row["value"], row["method"], row["source_id"]) == ("dog", "corrected in review", review.id)
    (evidence,) = session.all("select verdict from scoring_review_result where response_id = %s", (review.response_id,))
    assert evidence["verdict"] == "wrong"


def test_a_returned_response_is_revised_and_reviewed_again(session: Session, house) -> None:
    task, reviewer, review = claimed(session, house)
    with pytest.raises(NoteMissing):
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.RETURN)
    finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.RETURN, note="look at the ears")
    assert tasks.settled(session, task) == []
    response = tasks.response(session, review.response_id)
    assert response is not None
    held = mine(session, response["assignment_id"], house.person("ann"))
    assert held.state == "revising"
    revised = house.submit(held, "dog")
    house.hear()
    again = claim_review(session, house.project_id, reviewer)
    assert again.response_id == revised
    finalise(session, again.id, reviewer, fence=again.lease.fence, verdict=Verdict.APPROVE)
    (row,) = tasks.settled(session, task)
    assert (row["value"], row["responses"]) == ("dog", [revised])


def test_it_is_returned_twice_at_most(session: Session, house) -> None:
    _, reviewer, review = claimed(session, house)
    for _ in range(2):
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.RETURN, note="again")
        response = tasks.response(session, review.response_id)
        assert response is not None
        house.submit(mine(session, response["assignment_id"], house.person("ann")), "cat")
        house.hear()
        review = claim_review(session, house.project_id, reviewer)
    with pytest.raises(CannotReturn):
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.RETURN, note="again")


def test_an_unusable_response_frees_its_seat(session: Session, house) -> None:
    task, reviewer, review = claimed(session, house)
    finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.NOT_USABLE, note="gibberish")
    row = tasks.task(session, task)
    assert row is not None
    assert (row["state"], row["responses"], row["seats_taken"]) == ("open", 0, 0)
    house.answer("bob", "dog")
    house.hear()
    review = claim_review(session, house.project_id, reviewer)
    finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.APPROVE)
    assert tasks.settled(session, task)[0]["value"] == "dog"


def test_a_lease_that_is_over_gives_way(session: Session, house) -> None:
    _, reviewer, review = claimed(session, house)
    session.execute(
        "update review_review set lease_until = clock_timestamp() - interval '1 second' where id = %s", (review.id,)
    )
    with pytest.raises(LeaseOver):
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.APPROVE)
    assert expire(session) == 1
    other = house.reviewer()
    assert claim_review(session, house.project_id, other).id == review.id
    with pytest.raises(NoSuchReview):
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.APPROVE)


def test_a_repeat_of_the_verdict_is_the_same(session: Session, house) -> None:
    _, reviewer, review = claimed(session, house)
    for _ in range(2):
        finalise(session, review.id, reviewer, fence=review.lease.fence, verdict=Verdict.APPROVE)
