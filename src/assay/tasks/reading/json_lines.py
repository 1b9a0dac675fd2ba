"""JSONL: one JSON object a line, UTF-8. A line longer than the limit is passed over without being held."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from assay.tasks.reading.model import BadRow, Source
from assay.tasks.reading.values import BadValueError, parse

SKIP_BYTES = 1 << 20


def read(source: Source) -> Iterator[tuple[int, dict[str, Any]] | BadRow]:
    """Each line's object, or what is wrong with the line. Blank lines are passed over."""
    with source.path.open("rb", buffering=SKIP_BYTES) as file:
        if wrong := refusal(file):
            yield BadRow(None, wrong)
            return
        for line, raw in _lines(file, source.limits.line_bytes_max):
            if line <= source.after_line:
                continue
            if raw is None:
                yield BadRow(line, f"is longer than {source.limits.line_bytes_max:,} bytes; split it, or link to files")
            elif not raw.isspace():
                yield _row(line, raw, source.limits.depth_max)


def refusal(file: BinaryIO) -> str | None:
    """Why the file cannot be text in UTF-8, judged by its first bytes; leaves it after a byte order mark."""
    head = file.read(4)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "is in UTF-16; save it as UTF-8"
    if head[:2] == b"\x1f\x8b" or head == b"PK\x03\x04" or head == b"\x28\xb5\x2f\xfd":
        return "is compressed; unpack it first"
    if head == b"PAR1":
        return "is a Parquet file; import it with format=parquet"
    file.seek(3 if head.startswith(b"\xef\xbb\xbf") else 0)
    return None


def _row(line: int, raw: bytes, depth_max: int) -> tuple[int, dict[str, Any]] | BadRow:
    try:
        value = parse(raw.decode(), depth_max=depth_max)
    except UnicodeDecodeError as error:
        return BadRow(line, f"is not UTF-8: byte {error.start + 1} is 0x{raw[error.start]:02x}; save the file as UTF-8")
    except BadValueError as error:
        return BadRow(line, str(error))
    except MemoryError:
        return BadRow(line, "has too many values to be held in memory; split it")
    if not isinstance(value, dict):
        return BadRow(line, 'is not a JSON object; write one object a line, such as {"external_id": "a1", …}')
    return line, value


def _lines(file: BinaryIO, bytes_max: int) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; None stands for one that is too long."""
    line = 0
    while raw := file.readline(bytes_max + 2):  # room for CR LF
        line += 1
        if len(raw) <= bytes_max or len(raw.rstrip(b"\r\n")) <= bytes_max:
            yield line, raw
            continue
        while not raw.endswith(b"\n") and raw:
            raw = file.readline(SKIP_BYTES)
        yield line, None
