"""Who is reviewed: newcomers, those who differ or missed a hidden check, and a random share."""

from psycopg.types.json import Jsonb

from assay import audit
from assay.kernel import new_id
from assay.storage import Session


def queues(session: Session, house) -> list[str]:
    rows = session.all("select queue from review_review where project_id = %s order by id", (house.project_id,))
    return [row["queue"] for row in rows]


def test_only_the_first_responses_of_an_annotator_are_those_of_a_newcomer(session: Session, house) -> None:
    house.open(4, overlap_min=1, review={"first_n": 2})
    for _ in range(2):
        house.answer("ann", "cat")
        house.answer("ann", "cat")
        house.hear()
    assert queues(session, house) == ["newcomer", "newcomer"]


def test_who_differs_is_reviewed_when_the_task_is_decided(session: Session, house) -> None:
    house.open(3, overlap_min=3, confidence_wanted=0.6, review={"first_n": 1, "share": 0.34})
    for _ in range(2):
        house.answer("ann", "dog")
        house.hear()  # heard before the task is decided: the second is no newcomer's any more
    drawn = queues(session, house)
    for name in ("bob", "cem"):
        house.answer(name, "cat")
        house.answer(name, "cat")
        house.hear()
    mine = session.all(
        "select queue from review_review where author_id = %s order by id",
        (house.make.annotator_id(house.person("ann")),),
    )
    assert [row["queue"] for row in mine] == [*drawn, *(["disagreement"] if len(drawn) == 1 else [])]


def test_a_missed_check_is_reviewed_whoever_missed_it(session: Session, house) -> None:
    (task,) = house.open(1, overlap_min=2)
    session.execute(
        """
        insert into tasks_gold (organisation_id, id, project_id, item_id, question, accept)
        select organisation_id, %s, project_id, item_id, 'animal', %s from tasks_task where id = %s
        """,
        (new_id(), Jsonb({"accept": ["cat"]}), task),
    )
    for name, value in {"ann": "cat", "bob": "dog"}.items():
        house.answer(name, value)
    house.hear()
    assert queues(session, house) == ["gold_miss"]


def test_each_queued_review_is_in_the_log(session: Session, house) -> None:
    house.open(1, review={"first_n": 1})
    house.answer("ann", "cat")
    house.hear()
    session.finish()
    assert len(audit.events(session, kind="review.queued")) == 1
