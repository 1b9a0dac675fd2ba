"""The SDK from responses that differ to a verified release: reviews, adjudication, inspection, download."""

import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

import assay
from assay.client.releases import UnsafeArchive, unpack
from assay.client.verify import verify
from assay.jobs.worker import Worker
from assay.kernel import new_id
from assay.storage import Database, Settings

T = TypeVar("T")
FILE = """\
name: {name}
version: 1.0.0
guideline: {{version: 1.0.0, markdown: Judge what the text says.}}
quality:
  overlap_min: 2
  overlap_max: 2
  gold_share: 0
  recall_seconds: 0
  review: {{first_n: 100}}
  acceptance: {{error_limit: 0.9, confidence: 0.5, checks_min: 1, checks_max: 3}}
fields:
  - {{key: q, type: text, from: item.prompt}}
questions:
  - {{key: safe, type: choice, title: Safe?, options: [{{id: "yes"}}, {{id: "no"}}]}}
"""


@pytest.fixture
def working(database: Database, settings: Settings) -> Iterator[None]:
    """Background work goes on beside the test."""
    worker = Worker(database, settings)
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield
    worker.stop()
    thread.join()


def soon(look: Callable[[], T | None]) -> T:
    """What is there once background work has come so far."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError("nothing came")


def said(value: str) -> list[dict[str, str]]:
    return [{"question": "safe", "value": value}]


@pytest.fixture
def signed_in(client: assay.Client, url: str) -> Iterator[Callable[[str], assay.Client]]:
    """Someone new in a role, by the link of their invitation."""
    with ExitStack() as opened:

        def as_a(role: str) -> assay.Client:
            email = f"{new_id()}@example.org"
            if role == "annotator":
                invited = client.annotators.invite(email, role)
            else:
                invited = client.members.invite(email, role, [role])
            return opened.enter_context(assay.sign_in(url, link=invited.link))

        yield as_a


@pytest.mark.usefixtures("working")
def test_from_responses_that_differ_to_a_verified_release(client: assay.Client, signed_in, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text("".join(json.dumps({"external_id": f"q{n}", "prompt": f"When? {n}"}) + "\n" for n in range(3)))
    project = client.projects.create(FILE.format(name=f"Tax {new_id().hex[:6]}"))
    client.imports.send(project.id, items)
    client.projects.open(project.id)
    client.batches.open(client.batches.list(project.id)[0].id)

    for who, value in ((signed_in("annotator"), "yes"), (signed_in("annotator"), "no")):
        while task := who.work.claim(project.id):
            who.work.submit(task, said(value if task.payload["prompt"] == "When? 0" else "yes"), active_seconds=5)

    reviewer, expert, auditor = signed_in("reviewer"), signed_in("reviewer"), signed_in("auditor")
    review = soon(lambda: reviewer.reviews.claim(project.id))
    reviewer.reviews.release(review)
    assert sum(reviewer.reviews.waiting(project.id)["reviews"].values()) > 0
    while review := reviewer.reviews.claim(project.id):
        assert reviewer.reviews.finalise(review, "approve") == "approved"
    held = soon(lambda: expert.adjudications.claim(project.id))
    assert {one.answers[0]["value"] for one in held.responses} == {"yes", "no"}
    wrong = next(one.alias for one in held.responses if one.answers[0]["value"] == "no")
    expert.adjudications.settle(held, said("yes"), causes={wrong: "slip"}, note="see section 2")
    client.projects.settle(project.id, even_disputed=True)
    soon(lambda: True if client.projects.progress(project.id)["settled"] == 3 else None)
    task = next(client.tasks.list(project.id, state="settled"))
    assert [one.value for one in client.tasks.get(task.id).settled] == ["yes"]

    lot = client.lots.seal(project.id)
    client.lots.draw(lot.id)
    while check := auditor.checks.claim(lot.id):
        assert [one.value for one in auditor.checks.answer(check, said("yes"))] == ["yes"]
        if auditor.checks.judge(check, "conforming").lot_state != "inspecting":
            break
    assert client.lots.get(lot.id).state == "passed"
    assert client.lots.certificate(lot.id).lot_id == lot.id

    release = client.releases.create(project.id, [lot.id], licence="cc-by-4.0")
    assert release.problem is None
    folder = client.releases.download(release.id, tmp_path / "release")
    assert verify(folder).ok
    with pytest.raises(FileExistsError):
        client.releases.download(release.id, tmp_path / "release")
    assert client.releases.accept(release.id).accepted_at is not None
    assert [one.id for one in client.releases.list(project.id)] == [release.id]


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "a\\..\\out.txt"])
def test_an_archive_that_leads_outside_is_not_unpacked(tmp_path: Path, name: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("good.txt", "x")
        bundle.writestr(name, "x")
    with zipfile.ZipFile(archive) as bundle, pytest.raises(UnsafeArchive):
        unpack(bundle, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()
