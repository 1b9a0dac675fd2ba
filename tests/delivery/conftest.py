"""A small release with everything in it: ties, edits, Chinese text, formulas, withheld groups."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay import tasks
from assay.delivery import store
from assay.delivery.bundle import Written, write
from assay.delivery.content import Head, LeftOut, Licence, LotContent, ReleaseContent, Version
from assay.delivery.inspection import answer_blind, claim_check, draw_sample, judge
from assay.delivery.keys import SigningKey, signing_key
from assay.delivery.model import Judgement, Lot
from assay.delivery.seal import seal
from assay.kernel import new_id
from assay.quality.sampling.draw import draw
from assay.storage import Session
from assay.tasks import NewResponse, Settlement
from assay.tasks.store import set_task_states

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOT = "0193a000-0000-7000-8000-000000000001"
DEFINITION = {
    "fields": [
        {"key": "chat", "type": "conversation", "from": "item.messages"},
        {"key": "candidates", "type": "candidates", "from": "item.candidates", "blind": ["source"]},
    ],
    "questions": [
        {"key": "better", "type": "pairwise", "of": {"field": "candidates"}, "strengths": ["slightly", "clearly"]},
        {"key": "why", "type": "text", "format": "plain"},
    ],
}
SEED = "3f1c"
VERDICTS = ("c1", "c2", "tie", "c2", "both_bad", "c1")


def item_id(index: int) -> str:
    return f"0193b000-0000-7000-8000-{index:012x}"


def task_id(index: int) -> str:
    return f"0193c000-0000-7000-8000-{index:012x}"


def response_id(index: int, turn: int) -> str:
    return f"0193d000-0000-7000-8000-{index * 10 + turn:012x}"


def _of(index: int) -> dict[str, Any]:
    return {"external_id": f"q-{index:06}", "item_id": item_id(index)}


def items(n: int) -> Iterable[dict[str, Any]]:
    for index in range(n):
        payload = {
            "external_id": f"q-{index:06}",
            "messages": [{"id": "m1", "role": "user", "text": f"增值税何时到期? ({index})"}],
            "candidates": [
                {"id": "c1", "text": f"Monthly, on day {index}.", "source": "model_a"},
                {"id": "c2", "text": f"It depends on {index} things.", "source": "model_b"},
            ],
        }
        yield _of(index) | {
            "sha256": "0" * 64,
            "language": "en",
            "slices": {"topic": "vat"},
            "content_labels": [],
            "payload": payload,
        }


def responses(n: int) -> Iterable[dict[str, Any]]:
    for index in range(n):
        for turn in range(2):
            yield _of(index) | {
                "response_id": response_id(index, turn),
                "task_id": task_id(index),
                "lot": LOT,
                "annotator": f"p-{turn}",
                "vendor": "zero",
                "version": "1.0.0",
                "guideline_version": "1.0.0",
                "revises": None,
                "counted": True,
                "outcome": "unreviewed",
                "submitted_at": NOON + timedelta(seconds=index),
                "active_seconds": 30.0 + index % 7,
                "idle_seconds": 0.0,
                "order": {"candidates": ["c2", "c1"]},
                "ai_disclosure": None,
                "comment": "=1+1" if turn else None,
                "sha256": "0" * 64,
            }


def answers(n: int) -> Iterable[dict[str, Any]]:
    for index in range(n):
        for turn in range(2):
            for question, value in (("better", verdict(index)), ("why", f"Because of {index}.")):
                yield _of(index) | {
                    "response_id": response_id(index, turn),
                    "annotator": f"p-{turn}",
                    "question": question,
                    "target": None,
                    "value": value,
                    "why": None,
                    "cites": [],
                    "not_applicable": False,
                    "cannot_assess": False,
                }


def settled(n: int) -> Iterable[dict[str, Any]]:
    for index in range(n):
        yield _of(index) | {
            "task_id": task_id(index),
            "lot": LOT,
            "version": "1.0.0",
            "question": "better",
            "target": None,
            "value": verdict(index),
            "how": "aggregated",
            "confidence": 0.93,
            "n": 2,
            "method": "dawid_skene",
            "responses": [response_id(index, 0), response_id(index, 1)],
            "settled_at": NOON,
        }


def verdict(index: int) -> dict[str, Any]:
    said = VERDICTS[index % len(VERDICTS)]
    return {"verdict": said, "strength": 2} if said.startswith("c") else {"verdict": said}


def checks(n: int, population: int) -> Iterable[dict[str, Any]]:
    indices = {task_id(index): index for index in range(population)}
    for position, task in enumerate(draw(indices, n, seed=SEED), start=1):
        yield _of(indices[task]) | {
            "lot": LOT,
            "position": position,
            "task_id": task,
            "auditor": "p-9",
            "verdict": "nonconforming" if position == 1 else "conforming",
            "severity": "minor" if position == 1 else None,
            "answers": [{"question": "better", "value": {"verdict": "c1"}}],
            "judged_at": NOON,
        }


def annotators() -> Iterable[dict[str, Any]]:
    for index in range(12):
        yield {
            "annotator": f"p-{index:x}",
            "vendor": "zero",
            "languages": ["en", "zh"] if index < 3 else ["en"],
            "qualifications": ["tax:active"],
            "country": None,
        }


def content(n: int = 30) -> ReleaseContent:
    n_checked = min(n, 10)
    estimate = {"value": 0.81, "low": 0.74, "high": 0.88, "n": n, "method": "krippendorff nominal, bootstrap"}
    certificate = {
        "lot": LOT,
        "population": n,
        "n": n_checked,
        "wrong": 1,
        "severe": 0,
        "error_rate": 1 / n_checked,
        "upper_bound": 0.35,
        "confidence": 0.95,
        "method": "confidence sequence, sampling without replacement",
        "seed": SEED,
        "not_covered": ["Free text was not inspected."],
    }
    return ReleaseContent(
        head=Head(
            id="0193e000-0000-7000-8000-000000000001",
            name="vat-advice",
            title="VAT advice, preferences",
            version="1",
            description="Which of two answers about VAT is better.",
            organisation="Example GmbH",
            languages=("en", "zh"),
            released_at=NOON,
            licence=Licence("other", "All rights reserved.\n"),
        ),
        versions=(Version("1.0.0", DEFINITION, "1.0.0", "# Which answer is better?\n"),),
        lots=(
            LotContent(
                LOT, "all settled tasks", n, {"design": "simple random", "seed": SEED, "n": n_checked}, certificate
            ),
        ),
        items=items(n),
        responses=responses(n),
        answers=answers(n),
        settled=settled(n),
        annotators=annotators(),
        checks=checks(n_checked, n),
        quality={"agreement": {"better": estimate}, "unsure": {"value": 0.5, "n": 3}},
        consent={"annotators": "pseudonyms only"},
        left_out=(LeftOut("gold tasks", "they test annotators", 4),),
        sheets=("responses",),
    )


def changed(release: ReleaseContent, **fields: Any) -> ReleaseContent:
    return replace(release, **fields)


@pytest.fixture(scope="session")
def make_content() -> Callable[..., ReleaseContent]:
    return lambda n=30, **fields: changed(content(n), **fields)


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return signing_key(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def bundle(tmp_path: Path, key: SigningKey) -> Written:
    return write(content(), tmp_path / "vat-advice-v1", key=key)


class Work:
    """Settled tasks of a project, made without the detour over leases and review."""

    def __init__(self, session: Session, make: Any) -> None:
        self.session = session
        self.make = make

    def settled(self, n: int, *, is_gold: bool = False, annotators: int = 2, **quality: Any) -> tuple[UUID, list[UUID]]:
        """A project with n settled tasks, each answered `cat` by the same annotators."""
        project_id = self.make.project(overlap_min=annotators, **quality)
        people = [self.make.annotator() for _ in range(annotators)]
        return project_id, self.settle(project_id, n, people, is_gold=is_gold)

    def settle(self, project_id: UUID, n: int, people: list[UUID], *, is_gold: bool = False) -> list[UUID]:
        task_ids = self.make.tasks(project_id, n, is_gold=is_gold)
        responses = {task_id: [self.answer(task_id, person) for person in people] for task_id in task_ids}
        set_task_states(self.session, task_ids, "complete")  # gold never has all it wants
        rows = {
            task_id: [Settlement("animal", None, "cat", "aggregated", 0.97, "majority", tuple(ids))]
            for task_id, ids in responses.items()
        }
        tasks.settle(self.session, rows)
        return task_ids

    def answer(self, task_id: UUID, person_id: UUID, value: str = "cat") -> UUID:
        task = tasks.task(self.session, task_id)
        assert task is not None
        tasks.take_seat(self.session, task_id)
        response = NewResponse(
            id=new_id(),
            project_id=task["project_id"],
            task_id=task_id,
            item_id=task["item_id"],
            annotator_id=self.make.annotator_id(person_id),
            assignment_id=None,
            version_id=task["version_id"],
            answers=[ANSWER | {"value": value}],
            shown={},
            body_hash="0" * 64,
            is_counted=True,
            active_seconds=12,
            idle_seconds=1,
        )
        tasks.add_response(self.session, response, fills_seat=True)
        return response.id

    def inspect(self, lot_id: UUID, *, wrong: int = 0) -> Lot:
        """Judge until the lot is decided; the first `wrong` checks are nonconforming."""
        draw_sample(self.session, lot_id)
        return self.inspect_on(lot_id, wrong=wrong)

    def inspect_on(self, lot_id: UUID, *, wrong: int = 0) -> Lot:
        """As `inspect`, of a lot whose sample is drawn."""
        auditor, lot, done = new_id(), store.lot(self.session, lot_id), 0
        while lot.state == "inspecting":
            lot = self.check(lot_id, auditor, is_wrong=done < wrong)
            done += 1
        return lot

    def check(self, lot_id: UUID, auditor: UUID, *, is_wrong: bool = False) -> Lot:
        check = claim_check(self.session, lot_id, auditor).check
        assert check.fence is not None
        answers = [{"question": "animal", "value": "dog" if is_wrong else "cat"}]
        answer_blind(self.session, check.id, auditor, fence=check.fence, answers=answers)
        judgement = Judgement("nonconforming", "major") if is_wrong else Judgement("conforming")
        return judge(self.session, check.id, auditor, fence=check.fence, judgement=judgement)

    def passed(self, n: int = 40, **quality: Any) -> tuple[UUID, Lot]:
        """A project with one lot that passed."""
        project_id, _ = self.settled(n, acceptance=EASY, **quality)
        lot = seal(self.session, project_id)
        return project_id, self.inspect(lot.id)


EASY = {"error_limit": 0.3, "confidence": 0.9, "checks_min": 5, "checks_max": 40}
ANSWER = {
    "question": "animal",
    "target": None,
    "why": None,
    "cites": [],
    "not_applicable": False,
    "cannot_assess": False,
}


@pytest.fixture
def work(session: Session, make: Any) -> Work:
    return Work(session, make)


@pytest.fixture
def make_work(make: Any) -> Callable[[Session], Work]:
    """For tests that write for good, in transactions of their own."""
    return lambda session: Work(session, type(make)(session))
