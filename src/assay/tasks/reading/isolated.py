"""Reading from the safe side: start the child, take its rows from a pipe, and say in plain words how it ended."""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

from assay.tasks.reading.model import BadRow, Row, Source

log = logging.getLogger(__name__)
ROOM = Path(__file__).parents[1]
# The child loads the readers alone, not the room around them with its database.
START = """
import sys, types
room = sys.modules["assay.tasks"] = types.ModuleType("assay.tasks")
room.__path__ = [sys.argv[2]]
from assay.tasks.reading.child import main
main()
"""
# One small heap: the limit is on address space, and allocators reserve far more than they use.
ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def read(source: Source) -> Iterator[Row | BadRow]:
    """The rows and problems of a file, in its order.

    Whatever is in the file, this process stays small and goes on: a child that was stopped for its use of memory or
    time gives one last problem about the file, and the rows before it stand.
    """
    with tempfile.TemporaryFile() as complaints:
        with _start(source, complaints) as child:
            assert child.stdout is not None
            try:
                ended = yield from _rows(child.stdout, source.limits.line_bytes_max + 1_000)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=5)  # so that its own end is seen, not ours
            finally:
                child.kill()
        if not ended:
            yield BadRow(None, _cause(child.returncode, source, complaints))


def _start(source: Source, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    """A child without our environment: it needs no database, no keys and no network."""
    request = {
        "path": str(source.path.absolute()),
        "format": source.format.value,
        "encoding": source.encoding,
        "separator": source.separator,
        "after_line": source.after_line,
        "limits": asdict(source.limits),
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", START, json.dumps(request), str(ROOM)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        bufsize=1 << 18,
        env=ENVIRONMENT | {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
        cwd="/",
    )


def _rows(out: IO[bytes], bytes_max: int) -> Iterator[Row | BadRow]:
    """Yields what the child found; returns whether it came to the end of the file."""
    while (text := out.readline(bytes_max)).endswith(b"\n"):
        message = json.loads(text)
        if message == "end":
            return True
        if len(message) == 2:
            yield Row(message[0], message[1], len(text))
        else:
            yield BadRow(message[0], message[2])
    return False


def _cause(code: int, source: Source, complaints: IO[bytes]) -> str:
    seconds = source.limits.cpu_seconds_for(source.path.stat().st_size)
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"took more than {seconds} s to read and was stopped; split it, or send it as JSONL"
    complaints.seek(0)
    words = complaints.read(20_000).decode(errors="replace")
    log.warning("the reader of %s ended with %s: %s", source.path, code, words)
    if "MemoryError" in words or code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
        return f"needs more than {source.limits.memory_bytes:,} bytes of memory to read; split it, or send it as JSONL"
    return "cannot be read; the rows before this point were taken. The server's log has the cause"
