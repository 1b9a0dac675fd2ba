"""Where the recorded data lie, and votes with known truth."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The recorded data of real people; they are not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"no recorded data at {SHARED}; set ASSAY_SHARED_DATA")
    return SHARED
