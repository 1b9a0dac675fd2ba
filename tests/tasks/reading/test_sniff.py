"""What a file seems to be."""

from pathlib import Path

import pytest

from assay.tasks.reading import sniff


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("upload", b'\xef\xbb\xbf {"a": 1}', "jsonl"),
        ("upload.tsv", b"a\tb", "csv"),
        ("upload.jsonl", b"", "jsonl"),
        ("upload.csv", b"PAR1", "parquet"),
        ("upload", b"a,b\n", "csv"),
    ],
)
def test_content_first_then_the_name(tmp_path: Path, name: str, content: bytes, form: str) -> None:
    path = tmp_path / "stored"
    path.write_bytes(content)
    assert sniff(path, name=name) == form
