"""A release as one zip file, made while it is sent: nothing is written twice and nothing is held in memory."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

CHUNK = 1 << 20
OLDEST = (1980, 1, 1, 0, 0, 0)  # the same files give the same archive


class _Passing(io.RawIOBase):
    """Takes what the archive writes, and hands it on."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        self._waiting.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._waiting)
        self._waiting.clear()
        return taken


def zip_stream(folder: Path) -> Iterator[bytes]:
    """The files of a folder, under its name, stored as they are (the tables are compressed already)."""
    passing = _Passing()
    with zipfile.ZipFile(passing, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", OLDEST)
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=path.stat().st_size > 1 << 31) as out, path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    out.write(chunk)
                    yield passing.take()
    yield passing.take()
