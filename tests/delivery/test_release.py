"""Certified lots become a release that can be checked without us."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from assay import audit, tasks
from assay.client.verify import verify
from assay.delivery import store
from assay.delivery.archive import zip_stream
from assay.delivery.keys import load_or_create
from assay.delivery.model import LotMoveRefused, LotNotWhole, LotState, ReleaseMoveRefused, ReleaseState
from assay.delivery.release import accept, accept_in_silence, bundle_folder, prepare, write_release
from assay.delivery.seal import seal
from assay.kernel import Invalid, new_id
from assay.storage import Session

WISHES = {"licence": "cc-by-4.0", "licence_text": "CC BY 4.0\n"}


@pytest.fixture
def transact(session: Session) -> Callable[[Callable[[Session], Any]], Any]:
    return lambda work: work(session)


@pytest.fixture
def released(session: Session, work, tmp_path: Path, transact) -> tuple[UUID, UUID, Path]:
    """(release, lot, folder) of a project with one lot of forty tasks."""
    project_id, lot = work.passed()
    release = prepare(session, project_id, [lot.id], WISHES)
    write_release(transact, tmp_path, release.id)
    return release.id, lot.id, bundle_folder(tmp_path, session, store.release(session, release.id))


def test_a_release_is_whole_and_verifies(session: Session, released, tmp_path: Path) -> None:
    release_id, lot_id, folder = released
    found = verify(folder, key=load_or_create(tmp_path / "keys").public_pem)
    assert found.problems == ()
    release = store.release(session, release_id)
    assert (release.state, release.key_id) == (ReleaseState.AVAILABLE, found.key_id)
    assert store.lot(session, lot_id).state == LotState.RELEASED
    rows = {path.stem: pq.read_metadata(path).num_rows for path in (folder / "data").glob("*.parquet")}
    assert (rows["items"], rows["responses"], rows["answers"], rows["settled"]) == (40, 80, 80, 40)


def test_it_names_people_by_pseudonyms_only(session: Session, released, make) -> None:
    *_, folder = released
    people = session.all("select id, email, name from identity_person")
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    tables = json.dumps([pq.read_table(path).to_pylist() for path in (folder / "data").glob("*.parquet")], default=str)
    assert not [p for p in people if p["email"].encode() in written or str(p["id"]) in tables or p["email"] in tables]


def test_its_steps_are_in_the_log(session: Session, released) -> None:
    release_id, lot_id, _ = released
    session.finish()
    of_release = [event.kind for event in audit.events(session, subject=release_id, limit=50)]
    assert of_release == ["release.prepared", "release.signed"]
    assert audit.events(session, subject=lot_id, limit=50)[-1].kind == "lot.released"


def test_written_again_it_has_the_same_bytes(session: Session, released, transact, tmp_path: Path) -> None:
    release_id, _, folder = released
    before = (folder / "manifest.json").read_bytes()
    session.execute(
        "update delivery_release set state = 'prepared' where organisation_id = %s and id = %s",
        (session.organisation_id, release_id),
    )
    write_release(transact, tmp_path, release_id)
    assert (folder / "manifest.json").read_bytes() == before


def test_a_job_that_comes_twice_does_its_work_once(session: Session, released, transact, tmp_path: Path) -> None:
    release_id, _, folder = released
    before = (folder / "manifest.json").stat().st_mtime_ns
    write_release(transact, tmp_path, release_id)
    assert (folder / "manifest.json").stat().st_mtime_ns == before


def test_only_lots_that_passed_are_released(session: Session, work) -> None:
    project_id, _ = work.settled(3)
    lot = seal(session, project_id)
    with pytest.raises(LotMoveRefused, match="sealed"):
        prepare(session, project_id, [lot.id], WISHES)


def test_a_lot_is_released_once(session: Session, work) -> None:
    project_id, lot = work.passed()
    prepare(session, project_id, [lot.id], WISHES)
    with pytest.raises(LotMoveRefused, match="being written"):
        prepare(session, project_id, [lot.id], WISHES)
    with pytest.raises(Invalid):
        prepare(session, project_id, [lot.id, lot.id], WISHES)


def test_a_lot_of_another_project_is_refused(session: Session, work, make) -> None:
    _, lot = work.passed()
    with pytest.raises(Invalid, match="another project"):
        prepare(session, make.project(), [lot.id], WISHES)


def test_a_task_that_was_reopened_holds_the_release_back(session: Session, work) -> None:
    project_id, lot = work.passed()
    tasks.unsettle(session, store.task_ids(session, lot.id)[:1])
    with pytest.raises(LotNotWhole, match="1 tasks"):
        prepare(session, project_id, [lot.id], WISHES)


def test_what_cannot_be_written_fails_aloud_and_frees_its_lots(
    session: Session, work, transact, tmp_path: Path
) -> None:
    project_id, lot = work.passed()
    release = prepare(session, project_id, [lot.id], WISHES)
    session.execute(
        "delete from tasks_settled where organisation_id = %s and task_id = %s",
        (session.organisation_id, store.task_ids(session, lot.id)[0]),
    )
    write_release(transact, tmp_path, release.id)
    failed = store.release(session, release.id)
    assert (failed.state, failed.problem) == (ReleaseState.FAILED, "1 items have no settled answer")
    assert not list((tmp_path / "releases").rglob("*.parquet"))
    assert store.lots_in_release(session, [lot.id]) == []


def test_the_customer_accepts(session: Session, released) -> None:
    release_id, lot_id, _ = released
    assert accept(session, release_id).state == ReleaseState.ACCEPTED
    assert store.lot(session, lot_id).state == LotState.ACCEPTED
    with pytest.raises(ReleaseMoveRefused):
        accept(session, release_id)


def test_silence_accepts_once_the_days_have_passed(session: Session, released) -> None:
    release_id, lot_id, _ = released
    session.finish()
    timer = session.one(
        "select due_at - clock_timestamp() as left from storage_outbox where organisation_id = %s and subject_id = %s "
        "and kind = 'release.acceptance_due'",
        (session.organisation_id, release_id),
    )
    assert timer["left"].days == 13
    accept_in_silence(session, release_id)
    accept_in_silence(session, release_id)
    assert store.lot(session, lot_id).state == LotState.ACCEPTED


def test_the_archive_is_the_folder(released, tmp_path: Path) -> None:
    *_, folder = released
    content = b"".join(zip_stream(folder))
    assert content == b"".join(zip_stream(folder))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert verify(tmp_path / "unpacked" / folder.name).ok


def test_an_unknown_release_is_not_found(session: Session) -> None:
    with pytest.raises(store.NoSuchRelease):
        store.release(session, new_id())
