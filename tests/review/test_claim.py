"""Work is given to one reviewer at a time, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from assay.identity import found_organisation
from assay.kernel import new_id
from assay.review import claim_review
from assay.review.claim import aliased
from assay.review.model import NothingToReview
from assay.storage import Actor, Database


def test_reviewers_who_ask_at_once_get_different_work(database: Database, house) -> None:
    organisation_id, owner = found_organisation(
        database, "House", owner_email=f"{new_id()}@example.org", owner_name="Olga"
    )
    with database.transaction(organisation_id, Actor("person", owner)) as session:
        here = type(house)(session, type(house.make)(session))
        here.open(5, overlap_min=1, review={"first_n": 9})
        for _ in range(5):
            here.answer("ann", "cat")
        here.hear()
        reviewers = [here.reviewer() for _ in range(8)]

    def take(reviewer: UUID) -> UUID | None:
        try:
            work = lambda session: claim_review(session, here.project_id, reviewer).id  # noqa: E731
            return database.transact(organisation_id, Actor("person", reviewer), work)
        except NothingToReview:
            return None

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(take, reviewers))
    held = [one for one in taken if one is not None]
    assert (len(held), len(set(held))) == (5, 5)


def test_aliases_keep_their_order_and_tell_nothing() -> None:
    rows = [{"id": new_id(), "annotator_id": new_id(), "answers": []} for _ in range(30)]
    adjudication = new_id()
    names = {one.response_id: one.alias for one in aliased(adjudication, rows)}
    assert {one.response_id: one.alias for one in aliased(adjudication, rows[::-1])} == names
    assert sorted(names.values(), key=lambda alias: (len(alias), alias))[:2] == ["A", "B"]
    assert len(set(names.values())) == 30
    assert [names[row["id"]] for row in rows] != sorted(names.values(), key=lambda alias: (len(alias), alias))
