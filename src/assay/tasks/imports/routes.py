"""Files over HTTP: sent as they are or as a form, streamed to the disk, loaded at once or by a job."""

import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from assay import projects
from assay.identity.routes import Call, Limit, Router, Visit
from assay.kernel import Invalid, Problem, new_id
from assay.storage import Actor, Settings
from assay.tasks.imports import store
from assay.tasks.imports.jobs import FOLDER
from assay.tasks.imports.load import load
from assay.tasks.imports.model import FileTooLarge, Import, ImportKind, NoSuchImport, Options
from assay.tasks.imports.receive import receive
from assay.tasks.reading import FileFormat, sniff

CHUNK_BYTES = 1 << 20
router = Router(tags=["imports"])


@dataclass
class Upload:
    """A file on our disk, under a name of ours. It is removed with the request unless an import keeps it."""

    id: UUID
    path: Path
    name: str = ""
    size_bytes: int = 0
    sha256: str = ""
    is_kept: bool = False


async def _upload(call: Call) -> AsyncIterator[Upload]:
    """Take the request's body to the disk, once it is known that the caller may send it."""
    settings: Settings = call.request.app.state.settings
    await run_in_threadpool(_admit, call)
    upload_id = new_id()
    upload = Upload(upload_id, settings.folder(FOLDER) / str(upload_id))
    try:
        with upload.path.open("xb") as file:
            await _receive_body(call, upload, _Sink(file, settings.import_bytes_max))
        call.body = f"{upload.sha256}?{call.request.url.query}".encode()  # what an Idempotency-Key stands for
        yield upload
    finally:
        if not upload.is_kept:
            upload.path.unlink(missing_ok=True)


def _admit(call: Visit) -> None:
    call.database.transact(
        call.secret.organisation_id, Actor("person"), lambda session: call.enter(session, "import_file")
    )


@dataclass
class _Sink:
    """Counts and hashes what is written to a file, and stops at the limit."""

    file: BinaryIO
    bytes_max: int
    size_bytes: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def write(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        if self.size_bytes > self.bytes_max:
            raise FileTooLarge(f"a file of at most {self.bytes_max:,} bytes is taken; split it")
        self.hash.update(chunk)
        self.file.write(chunk)


async def _receive_body(call: Visit, upload: Upload, sink: _Sink) -> None:
    request = call.request
    if int(request.headers.get("content-length", "0") or 0) > sink.bytes_max + CHUNK_BYTES:
        raise FileTooLarge(f"a file of at most {sink.bytes_max:,} bytes is taken; split it")
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        await _receive_form(call, upload, sink)
    else:
        upload.name = request.query_params.get("name", "")
        waiting = bytearray()
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                waiting += chunk
                if len(waiting) >= CHUNK_BYTES:
                    await run_in_threadpool(sink.write, bytes(waiting))
                    waiting.clear()
        await run_in_threadpool(sink.write, bytes(waiting))
    upload.size_bytes, upload.sha256 = sink.size_bytes, sink.hash.hexdigest()
    if not upload.size_bytes:
        raise Invalid("the request has no file; send it as the body, or as the form's part 'file'")


async def _receive_form(call: Visit, upload: Upload, sink: _Sink) -> None:
    counted = _Counted(sink.bytes_max + CHUNK_BYTES)
    parser = MultiPartParser(call.request.headers, counted.of(call.request.stream()), max_files=1, max_fields=10)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Invalid(f"the form cannot be read: {error.message}") from None
    sent = next((part for part in form.values() if isinstance(part, UploadFile)), None)
    if sent is not None:
        upload.name = sent.filename or ""
        while chunk := await sent.read(CHUNK_BYTES):
            await run_in_threadpool(sink.write, chunk)
    await form.close()


@dataclass
class _Counted:
    """Lets so many bytes through and no more."""

    bytes_left: int

    async def of(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for chunk in chunks:
            self.bytes_left -= len(chunk)
            if self.bytes_left < 0:
                raise FileTooLarge("the form has more bytes than are taken; split the file")
            yield chunk


class ImportOut(BaseModel):
    """`accepted` rows went in, `known` ones were there already, and `problems_count` did not go in."""

    id: UUID
    project_id: UUID
    kind: ImportKind
    format: FileFormat
    file_name: str
    size_bytes: int
    sha256: str
    state: str
    line: int
    accepted: int
    known: int
    problems_count: int
    columns: dict[str, str] | None
    created_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def of(found: Import) -> "ImportOut":
        return ImportOut(**{**vars(found), "problems_count": found.problems})


class Imports(BaseModel):
    items: list[ImportOut]
    next: UUID | None


@router.post("/projects/{project_id}/imports", status_code=201)
def import_file(
    project_id: UUID,
    call: Call,
    upload: Annotated[Upload, Depends(_upload)],
    kind: ImportKind,
    format: FileFormat | None = None,
    encoding: Annotated[str, Query(description="of CSV")] = "utf-8",
    separator: Annotated[str, Query(description="of CSV")] = ",",
    columns: Annotated[str, Query(description='a JSON object: column -> our name, "" to leave it out')] = "{}",
    question: Annotated[str | None, Query(description="which is meant by rows that name none")] = None,
    batch: Annotated[str | None, Query(description="for the tasks of new items")] = None,
    name: Annotated[str, Query(description="of the file, where the body is the file itself")] = "",  # noqa: ARG001
    wait: Annotated[bool, Query(description="answer when all rows are in")] = False,
) -> ImportOut:
    """Take in a file of items, gold, suggestions, recorded responses or recorded gold results."""
    new = Import(
        id=upload.id,
        project_id=project_id,
        kind=kind,
        format=format or sniff(upload.path, name=upload.name),
        options=Options(encoding, separator, _columns(columns), question, batch),
        file_name=upload.name[:255],
        size_bytes=upload.size_bytes,
        sha256=upload.sha256,
    )
    if wait:
        organisation_id, actor = call.session.organisation_id, call.session.actor
        transact = call.database.transact
        transact(organisation_id, actor, lambda session: receive(session, new, created_by=actor.id))
        upload.is_kept = True
        load(lambda work: transact(organisation_id, actor, work), new.id, upload.path)
    else:
        receive(call.session, new, created_by=call.caller.person_id)
        upload.is_kept = True
    return ImportOut.of(_found(call, new.id))


def _columns(text: str) -> dict[str, str]:
    try:
        columns: Any = json.loads(text)
    except ValueError:
        columns = None
    named: list[Any] = list(columns.values()) if isinstance(columns, dict) else [None]
    if not all(isinstance(name, str) and len(name) < 200 for name in named):
        raise Invalid("columns cannot be renamed so", [Problem("columns", 'must be like {"their name": "our name"}')])
    return columns


def _found(call: Visit, import_id: UUID) -> Import:
    found = store.find(call.session, import_id)
    if found is None:
        raise NoSuchImport("no such import in this organisation")
    return found


@router.get("/projects/{project_id}/imports")
def list_imports(project_id: UUID, call: Call, after: UUID | None = None, limit: Limit = 50) -> Imports:
    """The imports into a project, oldest first."""
    projects.get(call.session, project_id)
    found = store.of_project(call.session, project_id, after=after, limit=limit)
    return Imports(items=[ImportOut.of(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/imports/{import_id}")
def get_import(import_id: UUID, call: Call) -> ImportOut:
    """One import: its state and its counts so far."""
    return ImportOut.of(_found(call, import_id))


class ImportProblem(BaseModel):
    number: int
    where: str
    line: int | None
    reason: str


class ImportProblems(BaseModel):
    items: list[ImportProblem]
    next: int | None


@router.get("/imports/{import_id}/problems")
def list_import_problems(import_id: UUID, call: Call, after: int = 0, limit: Limit = 50) -> ImportProblems:
    """The rows that did not go in, in the file's order: where each stands and what to do about it."""
    unit = "row" if _found(call, import_id).format is FileFormat.PARQUET else "line"
    rows = store.problems(call.session, import_id, after=after, limit=limit)
    items = [ImportProblem(where="file" if row["line"] is None else f"{unit} {row['line']}", **row) for row in rows]
    return ImportProblems(items=items, next=items[-1].number if len(items) == limit else None)
