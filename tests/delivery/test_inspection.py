"""A lot is judged by a blind random sample, and no longer than needed."""

from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from assay import audit
from assay.delivery import store
from assay.delivery.inspection import answer_blind, claim_check, draw_sample, judge
from assay.delivery.model import (
    CheckMoveRefused,
    InvalidJudgement,
    Judgement,
    LotMoveRefused,
    LotState,
    NoSuchCheck,
    NothingToCheck,
)
from assay.delivery.seal import seal
from assay.kernel import new_id
from assay.kernel.lease import LeaseLost, LeaseOver
from assay.projects import InvalidAnswers, project_file
from assay.quality.estimation.without_replacement import upper_bound
from assay.quality.sampling.draw import draw
from assay.storage import Session

CAT = [{"question": "animal", "value": "cat"}]
PLAN = {"error_limit": 0.3, "confidence": 0.9, "checks_min": 5, "checks_max": 40}


@pytest.fixture
def lot_id(session: Session, work) -> UUID:
    project_id, _ = work.settled(40, acceptance=PLAN)
    return seal(session, project_id).id


def test_the_sample_can_be_drawn_again_from_the_seed(session: Session, lot_id: UUID) -> None:
    lot = draw_sample(session, lot_id)
    assert lot.state == LotState.INSPECTING
    drawn = [str(check["task_id"]) for check in store.checks(session, lot_id)]
    ids = [str(task_id) for task_id in store.task_ids(session, lot_id)]
    assert drawn == draw(ids, len(drawn), seed=lot.seed or "")
    assert len(drawn) >= PLAN["checks_min"]


def test_a_sample_is_drawn_once(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    with pytest.raises(CheckMoveRefused):
        draw_sample(session, lot_id)


def test_conforming_checks_pass_the_lot_and_issue_its_certificate(session: Session, lot_id: UUID, work) -> None:
    lot = work.inspect(lot_id)
    certificate = store.certificate(session, lot_id)
    assert lot.state == LotState.PASSED
    assert certificate is not None
    body = certificate["body"]
    judged = [check["verdict"] != "conforming" for check in store.checks(session, lot_id)]
    assert (body["population"], body["n"], body["wrong"]) == (40, len(judged), 0)
    assert body["upper_bound"] == upper_bound(40, len(judged), 0, confidence=0.9) <= PLAN["error_limit"]
    assert {"seed", "design", "method", "confidence", "slices", "not_covered"} <= body.keys()
    session.finish()
    events = [event.kind for event in audit.events(session, subject=lot_id, limit=50)]
    assert events == ["lot.sealed", "lot.sampled", "lot.passed"]
    issued = audit.events(session, kind="certificate.issued", limit=50)
    assert [event.subject_id for event in issued] == [certificate["id"]]


def test_an_error_asks_for_more_checks(session: Session, lot_id: UUID, work) -> None:
    draw_sample(session, lot_id)
    first = len(store.checks(session, lot_id))
    lot = work.inspect_on(lot_id, wrong=1)
    assert lot.state == LotState.PASSED
    assert len(store.checks(session, lot_id)) > first
    certificate = store.certificate(session, lot_id)
    assert certificate is not None
    assert (certificate["body"]["wrong"], certificate["body"]["by_severity"]) == (1, {"major": 1})


def test_too_many_errors_fail_the_lot_without_a_certificate(session: Session, lot_id: UUID, work) -> None:
    lot = work.inspect(lot_id, wrong=40)
    assert lot.state == LotState.FAILED
    assert lot.decision is not None
    assert lot.decision["outcome"] == "fail"
    assert store.certificate(session, lot_id) is None


def test_unclear_counts_as_wrong(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    auditor = new_id()
    check = claim_check(session, lot_id, auditor).check
    answer_blind(session, check.id, auditor, fence=check.fence or 0, answers=CAT)
    lot = judge(session, check.id, auditor, fence=check.fence or 0, judgement=Judgement("unclear"))
    assert lot.decision is not None
    assert (lot.decision["checked"], lot.decision["wrong"]) == (1, 1)


def test_the_author_of_a_response_does_not_audit_it(session: Session, make, work) -> None:
    project_id = make.project(overlap_min=1, acceptance=PLAN)
    author, auditor = make.annotator(), make.annotator()
    work.settle(project_id, 3, [author])
    lot_id = seal(session, project_id).id
    draw_sample(session, lot_id)
    with pytest.raises(NothingToCheck):
        claim_check(session, lot_id, author)
    assert claim_check(session, lot_id, auditor)


def test_the_reviewer_of_a_task_does_not_audit_it(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    reviewer = new_id()
    session.execute(
        """
        insert into review_review (organisation_id, id, project_id, task_id, response_id, author_id, queue, state,
            reviewer_id, alias)
        select organisation_id, gen_random_uuid(), project_id, task_id, id, annotator_id, 'random', 'finalised', %s, ''
        from tasks_response where organisation_id = %s
        """,
        (reviewer, session.organisation_id),
    )
    with pytest.raises(NothingToCheck):
        claim_check(session, lot_id, reviewer)


def test_the_adjudicator_of_a_task_does_not_audit_it(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    adjudicator = new_id()
    session.execute(
        """
        insert into review_adjudication (organisation_id, id, project_id, task_id, state, reason, adjudicator_id)
        select organisation_id, gen_random_uuid(), project_id, id, 'settled', 'disputed', %s
        from tasks_task where organisation_id = %s
        """,
        (adjudicator, session.organisation_id),
    )
    with pytest.raises(NothingToCheck):
        claim_check(session, lot_id, adjudicator)


def test_two_auditors_get_different_checks_and_each_keeps_theirs(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    ann, bob = new_id(), new_id()
    first, second = claim_check(session, lot_id, ann), claim_check(session, lot_id, bob)
    assert first.check.task_id != second.check.task_id
    assert claim_check(session, lot_id, ann).check == first.check


def test_the_settled_answer_is_shown_only_after_the_blind_one(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    auditor = new_id()
    blind = claim_check(session, lot_id, auditor)
    fence = blind.check.fence or 0
    with pytest.raises(CheckMoveRefused, match="yourself first"):
        judge(session, blind.check.id, auditor, fence=fence, judgement=Judgement("conforming"))
    shown = answer_blind(session, blind.check.id, auditor, fence=fence, answers=CAT)
    assert shown == [{"question": "animal", "target": None, "value": "cat"}]
    with pytest.raises(CheckMoveRefused):
        answer_blind(session, blind.check.id, auditor, fence=fence, answers=CAT)


def test_blind_answers_must_fit_the_questions(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    auditor = new_id()
    check = claim_check(session, lot_id, auditor).check
    with pytest.raises(InvalidAnswers):
        answer_blind(
            session, check.id, auditor, fence=check.fence or 0, answers=[{"question": "animal", "value": "cow"}]
        )


def test_what_an_auditor_sees_names_no_model(session: Session, make, work, monkeypatch) -> None:
    fields = [
        {"key": "text", "type": "text", "from": "item.text"},
        {"key": "candidates", "type": "candidates", "from": "item.candidates", "blind": ["source"]},
    ]
    monkeypatch.setattr(project_file, "of_values", lambda raw, of=project_file.of_values: of({**raw, "fields": fields}))
    project_id = make.project(overlap_min=1, acceptance=PLAN)
    work.settle(project_id, 1, [make.annotator()])
    candidates = [{"id": "c1", "text": "a", "source": "model_a"}, {"id": "c2", "text": "b", "source": "model_b"}]
    session.execute(
        "update tasks_item set payload = %s where organisation_id = %s",
        (Jsonb({"text": "which?", "candidates": candidates}), session.organisation_id),
    )
    lot_id = seal(session, project_id).id
    draw_sample(session, lot_id)
    blind = claim_check(session, lot_id, new_id())
    assert sorted(blind.order["candidates"]) == ["c1", "c2"]
    assert "model_" not in str(vars(blind))


def test_an_old_token_changes_nothing(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    auditor = new_id()
    check = claim_check(session, lot_id, auditor).check
    with pytest.raises(LeaseLost):
        answer_blind(session, check.id, auditor, fence=(check.fence or 0) - 1, answers=CAT)
    with pytest.raises(NoSuchCheck):
        answer_blind(session, check.id, new_id(), fence=check.fence or 0, answers=CAT)


def test_an_overdue_check_goes_to_another_without_the_first_answers(session: Session, lot_id: UUID) -> None:
    draw_sample(session, lot_id)
    ann, bob = new_id(), new_id()
    check = claim_check(session, lot_id, ann).check
    answer_blind(session, check.id, ann, fence=check.fence or 0, answers=CAT)
    session.execute(
        "update delivery_check set lease_until = clock_timestamp() - interval '1 s' "
        "where organisation_id = %s and id = %s",
        (session.organisation_id, check.id),
    )
    with pytest.raises(LeaseOver):
        judge(session, check.id, ann, fence=check.fence or 0, judgement=Judgement("conforming"))
    again = claim_check(session, lot_id, bob).check
    assert (again.id, again.answers) == (check.id, None)


def test_a_nonconforming_check_has_a_severity() -> None:
    for wrong in (("nonconforming", None), ("conforming", "minor")):
        with pytest.raises(InvalidJudgement):
            Judgement(*wrong)  # type: ignore[arg-type]


def test_a_lot_that_is_decided_is_not_sampled_again(session: Session, lot_id: UUID, work) -> None:
    work.inspect(lot_id)
    with pytest.raises(LotMoveRefused):
        draw_sample(session, lot_id)
    with pytest.raises(NothingToCheck):
        claim_check(session, lot_id, new_id())


def test_a_lot_of_one_task_is_checked_whole(session: Session, work) -> None:
    project_id, _ = work.settled(1, acceptance=PLAN)
    lot = work.inspect(seal(session, project_id).id)
    assert lot.state == LotState.PASSED
    assert lot.decision is not None
    assert lot.decision["bound"] == 0
