"""Take the rows of an import in, block by block, each block in a transaction of its own.

The import's row says up to which line all is done. It moves on in the transaction of the block, so a kill loses nothing
and a repeat goes on where the last block ended.
"""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from assay import audit
from assay.storage import Session
from assay.tasks.batches import batch_for_import
from assay.tasks.imports import gold, gold_results, items, responses, store, suggestions
from assay.tasks.imports.model import BadLine, Import, ImportElsewhere, ImportKind, NoSuchImport, Taken
from assay.tasks.imports.new_rows import NewTasks
from assay.tasks.imports.setting import Setting, version_in_force
from assay.tasks.model import BatchState, TaskState
from assay.tasks.reading import BadRow, Row, Source, read

ROWS_IN_BLOCK = 2_000
BYTES_IN_BLOCK = 8_000_000
PROBLEMS_KEPT = 10_000  # further bad rows are counted only; what is wrong with the file as a whole is always kept
LEASE_SECONDS = 15  # a block takes a second; should it take longer, the line in the import still guards it

Transact = Callable[[Callable[[Session], Any]], Any]
TAKE = {
    ImportKind.GOLD: gold.take,
    ImportKind.SUGGESTIONS: suggestions.take,
    ImportKind.RESPONSES: responses.take,
    ImportKind.GOLD_RESULTS: gold_results.take,
}


@dataclass
class Block:
    """Rows next to each other in the file, and where they end."""

    rows: list[Row] = field(default_factory=list[Row])
    bad: list[BadLine] = field(default_factory=list[BadLine])
    checked: items.Items | None = None  # what the rows say, where that needs no database
    line: int = 0
    size_bytes: int = 0
    is_last: bool = False

    def add(self, row: Row | BadRow) -> None:
        if isinstance(row, Row):
            self.rows.append(row)
            self.size_bytes += row.size_bytes
        else:
            self.bad.append(BadLine(row.line, row.reason))
        self.line = row.line or self.line

    @property
    def is_full(self) -> bool:
        return len(self.rows) + len(self.bad) >= ROWS_IN_BLOCK or self.size_bytes >= BYTES_IN_BLOCK


def load(transact: Transact, import_id: UUID, path: Path) -> None:
    """Load what is left of an import, from the first block to the last.

    Raises NoSuchImport, and ImportElsewhere when another process loads it. Records `import.loaded` or `import.failed`.
    """
    found, setting = transact(lambda session: _begin(session, import_id))
    if found.is_over:
        return
    source = Source(
        path,
        found.format,
        encoding=found.options.encoding,
        separator=found.options.separator,
        after_line=found.line,
    )
    rows = read(source) if path.is_file() else iter([BadRow(None, "is not on this server any more; send it again")])
    _load_blocks(transact, setting, blocks(rows, found.line), after=found.line)
    path.unlink(missing_ok=True)


def _load_blocks(transact: Transact, setting: Setting, all_blocks: Generator[Block, None, None], *, after: int) -> None:
    """One block is stored while the next one is read and checked."""
    with closing(all_blocks), ThreadPoolExecutor(max_workers=1) as beside:
        storing: Future[Any] | None = None
        for block in all_blocks:
            if setting.kind is ImportKind.ITEMS:
                block.checked = items.check(setting, block.rows)
            if storing:
                storing.result()
            storing = beside.submit(transact, partial(_take, setting=setting, block=block, after=after))
            after = block.line
        if storing:
            storing.result()


def blocks(rows: Iterable[Row | BadRow], line: int) -> Generator[Block, None, None]:
    """Rows in blocks; the last one, which may be empty, says that it is the last."""
    block = Block(line=line)
    for row in rows:
        if block.is_full:
            yield block
            block = Block(line=block.line)
        block.add(row)
    block.is_last = True
    yield block


def _begin(session: Session, import_id: UUID) -> tuple[Import, Setting]:
    found = store.find(session, import_id)
    if found is None:
        raise NoSuchImport("no such import in this organisation")
    if not found.is_over and not store.lease(session, import_id, seconds=LEASE_SECONDS, is_first=True):
        raise ImportElsewhere("another process loads this import; ask for its state")
    version = version_in_force(session, found.project_id)
    return found, Setting(import_id, found.project_id, version, found.kind, found.format, found.options)


def _take(session: Session, *, setting: Setting, block: Block, after: int) -> None:
    """One block, in one transaction. Raises ImportElsewhere when someone else went on from the same line."""
    import_id = setting.import_id
    found = store.hold(session, import_id)
    is_ours = store.lease(session, import_id, seconds=LEASE_SECONDS, is_first=False)
    if found is None or found.line != after or not is_ours:
        raise ImportElsewhere("another process loads this import; ask for its state")
    store.one_loader(session, found.project_id)
    taken = _take_rows(session, setting, block)
    taken.bad = sorted([*taken.bad, *block.bad], key=lambda bad: (bad.line is None, bad.line or 0))
    numbered = enumerate(taken.bad, found.problems + 1)
    kept = {number: bad for number, bad in numbered if number <= PROBLEMS_KEPT or bad.line is None}
    store.add_problems(session, import_id, kept)
    store.note_progress(session, found, taken, line=block.line, columns=setting.renamed)
    if taken.accepted:
        said = {"import": str(import_id), "rows": taken.accepted}
        audit.record(session, f"{found.kind}.imported", subject=found.project_id, body=said)
    if block.is_last:
        _finish(session, found, taken)


def _take_rows(session: Session, setting: Setting, block: Block) -> Taken:
    if not block.rows:
        return Taken()
    if block.checked is not None:
        return items.take(session, setting, block.checked, _new_tasks(session, setting))
    return TAKE[setting.kind](session, setting, block.rows)


def _new_tasks(session: Session, setting: Setting) -> NewTasks:
    """Put out as the batch is now: in a staged batch they wait for it to be opened."""
    named = {} if setting.options.batch is None else {"name": setting.options.batch}
    batch = batch_for_import(session, setting.project_id, **named)
    quality = setting.version.file.quality
    return NewTasks(
        batch_id=batch.id,
        version_id=setting.version.id,
        state=TaskState.STAGED if batch.state == BatchState.STAGED else TaskState.OPEN,
        is_paused=batch.state in (BatchState.PAUSED, BatchState.DRAINING, BatchState.CLOSED),
        overlap_min=quality.overlap_min,
        overlap_max=quality.overlap_max,
        priority=batch.priority,
    )


def _finish(session: Session, found: Import, taken: Taken) -> None:
    """A problem with the file as a whole means that it was not read to its end."""
    state = "failed" if any(bad.line is None for bad in taken.bad) else "loaded"
    store.finish(session, found.id, state)
    counts = {
        "accepted": found.accepted + taken.accepted,
        "known": found.known + taken.known,
        "problems": found.problems + len(taken.bad),
    }
    body = {"project": str(found.project_id), "kind": found.kind.value, **counts}
    audit.record(session, f"import.{state}", subject=found.id, body=body)
