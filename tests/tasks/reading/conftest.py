"""Small files on disk, and what reading them gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.tasks.reading import BadRow, FileFormat, Limits, Row, Source, read

Reader = Callable[..., tuple[list[dict[str, Any]], list[BadRow]]]


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    """`reading(content, "csv", separator=";")` -> (the good rows, the bad rows)."""

    def of(content: bytes | Path, form: str, **how: Any) -> tuple[list[dict[str, Any]], list[BadRow]]:
        path = content if isinstance(content, Path) else tmp_path / f"upload.{form}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        limits = Limits(**how.pop("limits", {}))
        found = list(read(Source(path, FileFormat(form), limits=limits, **how)))
        return [r.values for r in found if isinstance(r, Row)], [r for r in found if isinstance(r, BadRow)]

    return of
