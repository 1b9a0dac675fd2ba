"""Files sent in: streamed from the disk, and repeated under the same key when the line breaks."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from uuid import uuid4

from assay.client.http import Http, Id
from assay.client.records import Import, ImportProblem, decode

Kind = Literal["items", "gold", "suggestions", "responses", "gold_results"]
CHUNK_BYTES = 1 << 18
LOAD_SECONDS_MAX = 3600.0


class Imports:
    """Items, gold, suggestions, recorded responses and recorded gold results."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def send(
        self,
        project: Id,
        file: Path | str,
        kind: Kind = "items",
        *,
        format: Literal["jsonl", "csv", "parquet"] | None = None,
        encoding: str | None = None,
        separator: str | None = None,
        columns: dict[str, str] | None = None,
        question: str | None = None,
        batch: str | None = None,
        wait: bool = True,
        key: str | None = None,
    ) -> Import:
        """Send a file and, unless told otherwise, wait until its rows are in.

        The same file again adds nothing; rows that do not go in are listed by `problems`.

        Args:
            file: its path; it is never held in memory as a whole.
            format: None lets the server tell by content and name.
            encoding, separator: of CSV; UTF-8 and comma unless said.
            columns: renames columns beyond what the server understands by itself; "" leaves one out.
            question: the question that is meant by rows that name none.
            batch: the batch for the tasks of new items.
        Raises:
            ApiError: the file cannot be taken at all.
        """
        path = Path(file)
        reply = self._http.send(
            "POST",
            f"/projects/{project}/imports",
            content=lambda: _chunks(path),
            key=key or uuid4().hex,
            params={
                "kind": kind,
                "format": format,
                "name": path.name,
                "encoding": encoding,
                "separator": separator,
                "columns": json.dumps(columns) if columns else None,
                "question": question,
                "batch": batch,
                "wait": wait,
            },
            headers={"content-type": "application/octet-stream", "content-length": str(path.stat().st_size)},
            timeout_seconds=LOAD_SECONDS_MAX,
        )
        return decode(Import, reply.json())

    def get(self, import_id: Id) -> Import:
        return self._http.record(Import, f"/imports/{import_id}")

    def wait(self, import_id: Id, *, seconds_max: float = LOAD_SECONDS_MAX) -> Import:
        """Ask until it is over. Raises TimeoutError."""
        deadline = time.monotonic() + seconds_max
        while not (found := self.get(import_id)).is_over:
            if time.monotonic() > deadline:
                raise TimeoutError(f"import {import_id} is still {found.state} after {seconds_max:g} s")
            time.sleep(0.5)
        return found

    def list(self, project: Id) -> Iterator[Import]:
        return self._http.items(Import, f"/projects/{project}/imports")

    def problems(self, import_id: Id) -> Iterator[ImportProblem]:
        """The rows that did not go in, in the file's order."""
        return self._http.items(ImportProblem, f"/imports/{import_id}/problems")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
