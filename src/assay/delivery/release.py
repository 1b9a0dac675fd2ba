"""Release certified lots: ask for it, write and sign the bundle, and let the customer accept it."""

import re
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from assay import audit, projects
from assay.delivery import store
from assay.delivery.bundle import Written, write
from assay.delivery.files import OutOfOrder
from assay.delivery.gather import gather
from assay.delivery.keys import load_or_create, pseudonym_key
from assay.delivery.model import LotMoveRefused, LotNotWhole, LotState, Release, ReleaseMoveRefused, ReleaseState
from assay.delivery.summary import CountsDisagree
from assay.kernel import Invalid
from assay.storage import Session

DAYS_TO_ANSWER = 14  # silence accepts
ACCEPTANCE_DUE = "release.acceptance_due"

Transact = Callable[[Callable[[Session], Any]], Any]


def prepare(session: Session, project_id: UUID, lot_ids: Sequence[UUID], wishes: dict[str, Any]) -> Release:
    """Ask for a release of lots that passed; a job writes it. Records `release.prepared`.

    Raises Invalid, NoSuchLot, LotMoveRefused, LotNotWhole.
    """
    if not lot_ids or len(set(lot_ids)) < len(lot_ids):
        raise Invalid("a release names one lot or more, each once")
    projects.get(session, project_id)
    for lot_id in sorted(lot_ids):
        lot = store.lot_to_change(session, lot_id)
        lot.require(LotState.RELEASED)
        if lot.project_id != project_id:
            raise Invalid(f"lot {lot_id} belongs to another project")
    if taken := store.lots_in_release(session, lot_ids):
        raise LotMoveRefused(f"lot {taken[0]} is in a release that is being written")
    if reopened := store.reopened(session, lot_ids):
        raise LotNotWhole(f"{reopened} tasks were reopened since the lots were sealed; settle them first")
    release_id = store.add_release(session, project_id, lot_ids, wishes)
    audit.record(session, "release.prepared", subject=release_id, body={"lots": [str(id) for id in lot_ids]})
    return store.release(session, release_id)


def write_release(transact: Transact, data: Path, release_id: UUID) -> None:
    """Write and sign a prepared release. Safe to run again: what is written already stays as it is.

    Records `release.signed` and `lot.released`, or `release.failed` when its rows do not lead to each other.
    """
    try:
        transact(lambda session: _write_and_sign(session, data, release_id))
    except (OutOfOrder, CountsDisagree) as problem:
        reason = str(problem)
        transact(lambda session: _fail(session, release_id, reason))


def accept(session: Session, release_id: UUID) -> Release:
    """The organisation takes the delivery. Records `release.accepted` and `lot.accepted`.

    Raises NoSuchRelease, ReleaseMoveRefused.
    """
    release = store.release_to_change(session, release_id)
    if release.state != ReleaseState.AVAILABLE:
        raise ReleaseMoveRefused(f"the release is {release.state}; it cannot be accepted")
    lot_ids = store.release_lots(session, release_id)
    store.accept_release(session, release_id)
    store.set_lot_state(session, lot_ids, LotState.ACCEPTED)
    audit.forget(session, ACCEPTANCE_DUE, subject=release_id)
    audit.record(session, "release.accepted", subject=release_id)
    for lot_id in lot_ids:
        audit.record(session, "lot.accepted", subject=lot_id, body={"release": str(release_id)})
    return store.release(session, release_id)


def accept_in_silence(session: Session, release_id: UUID) -> None:
    """The days to answer have passed."""
    if store.release(session, release_id).state == ReleaseState.AVAILABLE:
        accept(session, release_id)


def releases_folder(data: Path, session: Session) -> Path:
    return data / "releases" / str(session.organisation_id)


def bundle_folder(data: Path, session: Session, release: Release) -> Path:
    """Where the files of a written release lie. Raises ReleaseMoveRefused."""
    if release.folder is None:
        raise ReleaseMoveRefused(f"the release is {release.state}; it has no files")
    return releases_folder(data, session) / release.folder


def _write_and_sign(session: Session, data: Path, release_id: UUID) -> None:
    """In one transaction, with the release locked: a twin of this job waits, and then finds nothing to do."""
    release = store.release_to_change(session, release_id)
    if release.state != ReleaseState.PREPARED:
        return
    lot_ids = store.release_lots(session, release_id)
    store.expect_many_rows(session)
    secret = pseudonym_key(data / "keys", session.organisation_id)
    content = gather(session, release, lot_ids, pseudonym_key=secret)
    folder = f"{release_id}/{_fit_for_a_folder(content.head.name)}-v{release.number}"
    target = releases_folder(data, session) / folder
    shutil.rmtree(target, ignore_errors=True)  # from a try that ended before the database heard of it
    _sign(session, release_id, write(content, target, key=load_or_create(data / "keys")), folder)


def _sign(session: Session, release_id: UUID, written: Written, folder: str) -> None:
    store.finish_release(
        session,
        release_id,
        folder=folder,
        key_id=written.key_id,
        manifest_sha256=written.manifest_sha256,
        rows=written.rows,
        bytes=written.bytes,
    )
    signed = {"manifest_sha256": written.manifest_sha256, "key_id": written.key_id}
    audit.record(session, "release.signed", subject=release_id, body=signed)
    lot_ids = store.release_lots(session, release_id)
    store.set_lot_state(session, lot_ids, LotState.RELEASED)
    for lot_id in lot_ids:
        audit.record(session, "lot.released", subject=lot_id, body={"release": str(release_id)})
    due = session.now() + timedelta(days=DAYS_TO_ANSWER)
    audit.remind(session, ACCEPTANCE_DUE, subject=release_id, at=due)


def _fail(session: Session, release_id: UUID, problem: str) -> None:
    if store.release_to_change(session, release_id).state != ReleaseState.PREPARED:
        return
    store.fail_release(session, release_id, problem)
    audit.record(session, "release.failed", subject=release_id, body={"problem": problem})


def _fit_for_a_folder(name: str) -> str:
    """A name that every file system and archive takes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "release"
