"""The process in which a file is parsed: it limits itself, reads the one file it is told, and writes out its rows.

It has little memory, little time, no network where the kernel allows that, and nothing of ours but the readers.

Started by `isolated.py` with the request as its first argument. It writes JSON lines: `[line, {…}]` for a row,
`[line, null, reason]` for a problem, and `"end"` when the file was read to its end, so that the parent can tell an end
from a kill.
"""

import ctypes
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay.tasks.reading.model import BadRow, FileFormat, Limits, Source

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # of linux/sched.h


def main() -> None:
    cut_network()
    request = json.loads(sys.argv[1])
    limits = Limits(**request.pop("limits"))
    source = Source(Path(request.pop("path")), FileFormat(request.pop("format")), limits=limits, **request)
    rows = reader(source)  # loads the libraries, before the limits count
    limit(source)
    out = sys.stdout.buffer
    for text in within(source, (encode(row, limits.line_bytes_max) for row in rows)):
        out.write(text)
    out.write(b'"end"\n')
    out.flush()


def within(source: Source, texts: Iterator[bytes]) -> Iterator[bytes]:
    """The rows as long as they are in proportion to the file."""
    size_bytes = source.path.stat().st_size
    left = source.limits.decoded_bytes_for(size_bytes)
    for text in texts:
        left -= len(text)
        if left < 0:
            reason = (
                f"grows to more than {source.limits.decoded_bytes_for(size_bytes):,} bytes from {size_bytes:,}, which"
                " is the mark of a decompression bomb; the rows before that were taken. If it is none, send it as JSONL"
            )
            yield encode(BadRow(None, reason), source.limits.line_bytes_max)
            return
        yield text


def cut_network() -> bool:
    """Move into a network of our own in which there is nothing. False where the kernel does not let us.

    It comes before any library could start a thread, because afterwards it is refused.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWNET) == 0


def limit(source: Source) -> None:
    """From here on: so much memory, so much time, and nothing left behind on the disk."""
    seconds = source.limits.cpu_seconds_for(source.path.stat().st_size)
    memory = source.limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # its last words


def reader(source: Source) -> Iterator[tuple[int, dict[str, Any]] | BadRow]:
    if source.format is FileFormat.PARQUET:
        import pyarrow as pa  # only this format pays for loading it

        from assay.tasks.reading import parquet

        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)
        return parquet.read(source)
    if source.format is FileFormat.CSV:
        from assay.tasks.reading import delimited

        return delimited.read(source)
    from assay.tasks.reading import json_lines

    return json_lines.read(source)


def encode(row: tuple[int, dict[str, Any]] | BadRow, bytes_max: int) -> bytes:
    content = [row.line, None, row.reason] if isinstance(row, BadRow) else row
    text = _ENCODER.encode(content).encode("utf-8", "backslashreplace")
    if len(text) > bytes_max + 100 and not isinstance(row, BadRow):
        return encode(BadRow(row[0], f"is longer than {bytes_max:,} bytes; split it, or link to files"), bytes_max)
    return text + b"\n"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
