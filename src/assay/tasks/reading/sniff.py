"""What a file seems to be, by its first bytes and its name: a proposal, shown before anything is loaded."""

from pathlib import Path

from assay.tasks.reading.model import FileFormat

BY_NAME = {
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
    ".json": FileFormat.JSONL,
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".parquet": FileFormat.PARQUET,
}


def sniff(path: Path, *, name: str = "") -> FileFormat:
    """The content decides where it can; else the name that the file was sent under; else CSV."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PAR1"):
        return FileFormat.PARQUET
    if suffix := BY_NAME.get(Path(name or path.name).suffix.lower()):
        return suffix
    return FileFormat.JSONL if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else FileFormat.CSV
