"""Releases: asked for, waited for, downloaded and unpacked."""

import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from assay.client.http import Http, Id
from assay.client.records import Release, decode

WRITE_SECONDS_MAX = 3600.0


class UnsafeArchive(Exception):
    """The archive would write outside its folder; nothing was unpacked."""


class Releases:
    """Immutable, signed bundles of certified lots."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, project: Id, lots: Sequence[Id], *, wait: bool = True, **wishes: Any) -> Release:
        """Ask for a release of lots that passed and, unless told otherwise, wait until it is written and signed.

        Args:
            wishes: title, description, licence, licence_text, use_cases, social_impact, pairs, demonstrations,
                test_share, bare, sheets; as the API describes them.
        """
        body = {"lots": [str(lot) for lot in lots], **wishes}
        found = decode(Release, self._http.post(f"/projects/{project}/releases", body))
        return self.wait(found.id) if wait else found

    def list(self, project: Id) -> Iterator[Release]:
        return self._http.items(Release, f"/projects/{project}/releases")

    def get(self, release: Id) -> Release:
        return self._http.record(Release, f"/releases/{release}")

    def wait(self, release: Id, *, seconds_max: float = WRITE_SECONDS_MAX) -> Release:
        """Ask until it is signed or has failed. Raises TimeoutError."""
        deadline = time.monotonic() + seconds_max
        while (found := self.get(release)).signed_at is None and found.problem is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"release {release} is still {found.state} after {seconds_max:g} s")
            time.sleep(0.5)
        return found

    def accept(self, release: Id) -> Release:
        """Take the delivery."""
        return decode(Release, self._http.post(f"/releases/{release}/accept"))

    def download(self, release: Id, folder: Path | str) -> Path:
        """Unpack the release into a folder, which is made; returns the folder with its manifest.

        Raises:
            UnsafeArchive: a name in the archive leads outside.
            FileExistsError: the folder is there and not empty.
        """
        target = Path(folder)
        if target.is_dir() and any(target.iterdir()):
            raise FileExistsError(f"{target} is not empty; choose a folder of its own for each release")
        with tempfile.TemporaryFile() as archive:
            with self._http.stream(f"/releases/{release}/archive") as chunks:
                for chunk in chunks:
                    archive.write(chunk)
            with zipfile.ZipFile(archive) as bundle:
                unpack(bundle, target)
        inner = [path for path in target.iterdir() if path.is_dir()]
        return inner[0] if len(inner) == 1 and not (target / "manifest.json").exists() else target


def unpack(bundle: zipfile.ZipFile, target: Path) -> None:
    """Every file to its place inside the folder. Raises UnsafeArchive before anything is written."""
    for entry in bundle.infolist():
        path = PurePosixPath(entry.filename)
        is_link = entry.external_attr >> 16 & 0o170000 == 0o120000
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or is_link:
            raise UnsafeArchive(f"{entry.filename!r} would be written outside the folder")
    target.mkdir(parents=True, exist_ok=True)
    bundle.extractall(target)
