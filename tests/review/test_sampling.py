"""Which responses are reviewed: all of a newcomer, then fewer; missed checks always; differing answers more often."""

import pytest

from assay.kernel import new_id
from assay.projects import ReviewShare
from assay.review.model import Queue
from assay.review.sampling import draw, due

PLAN = ReviewShare(first_n=20, share=0.3, share_later=0.1, floor=0.05)


@pytest.mark.parametrize(
    ("before", "chance", "said", "queue"),
    [
        (0, 0.99, {}, Queue.NEWCOMER),
        (19, 0.99, {}, Queue.NEWCOMER),
        (20, 0.99, {}, None),
        (20, 0.29, {}, Queue.RANDOM),
        (20, 0.89, {"differs": True}, Queue.DISAGREEMENT),
        (20, 0.91, {"differs": True}, None),
        (5000, 0.06, {}, None),
        (5000, 0.06, {"missed_gold": True}, Queue.GOLD_MISS),
    ],
)
def test_a_review_is_due_by_experience_and_chance(before: int, chance: float, said: dict, queue: Queue | None) -> None:
    assert due(PLAN, responses_before=before, chance=chance, **said) == queue


def test_a_plan_without_reviews_has_none() -> None:
    plan = ReviewShare(first_n=0, share=0, share_later=0, floor=0)
    assert due(plan, responses_before=0, chance=0.0, differs=True) is None


def test_the_draw_is_even_and_the_same_at_every_asking() -> None:
    ids = [new_id() for _ in range(2000)]
    chances = [draw(b"secret", id) for id in ids]
    assert chances == [draw(b"secret", id) for id in ids]
    assert chances != [draw(b"other", id) for id in ids]
    assert 0.45 < sum(chances) / len(chances) < 0.55
