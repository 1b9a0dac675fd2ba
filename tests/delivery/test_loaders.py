"""The libraries that customers use read a release: `datasets`, `mlcroissant`, TRL.

They are heavy, so they may live in a virtual environment of their own: ASSAY_LOADERS_PYTHON names its Python.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.loaders

PYTHON = os.environ.get("ASSAY_LOADERS_PYTHON", sys.executable)
READERS = Path(__file__).parent / "readers"


@cache
def importable(library: str) -> bool:
    return subprocess.run([PYTHON, "-c", f"import {library}"], capture_output=True).returncode == 0


def read(reader: str, *libraries: str, arguments: list[str], home: Path) -> dict[str, Any]:
    """What a reader script prints on its last line; skipped when its library is not installed."""
    for library in libraries:
        if not importable(library):
            pytest.skip(f"{library} is not installed for {PYTHON}; install it or set ASSAY_LOADERS_PYTHON")
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_OFFLINE": "1"}
    command = [PYTHON, str(READERS / reader), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **offline})
    assert done.returncode == 0, done.stderr[-4_000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_datasets_loads_every_table_and_trainer_file(bundle, tmp_path: Path) -> None:
    found = read("with_datasets.py", "datasets", arguments=[str(bundle.folder)], home=tmp_path)
    assert found["configs"]["responses"] == {"train": 60}
    assert found["configs"]["preference"] == {"train": 18, "test": 2}
    assert "confidence" in found["default"]
    assert found["first"]["chosen"] == [{"role": "assistant", "content": "Monthly, on day 0."}]
    assert found["types"]["confidence"] == "Value('float64')"


def test_mlcroissant_finds_nothing_to_complain_about(bundle, tmp_path: Path) -> None:
    found = read("with_mlcroissant.py", "mlcroissant", arguments=[str(bundle.folder)], home=tmp_path)
    assert (found["errors"], found["warnings"], found["logged"]) == ([], [], [])
    assert found["records"]["responses"] == 60
    assert found["per_item"] == "2 to 2 responses per task, 2.00 on average"


def test_trl_trains_on_the_trainer_files(bundle, tmp_path: Path) -> None:
    arguments = [str(bundle.folder), str(tmp_path / "work")]
    found = read("with_trl.py", "trl", "torch", arguments=arguments, home=tmp_path)
    assert (found["dpo_rows"], found["sft_rows"]) == (18, 18)
    assert {"chosen_ids", "rejected_ids", "prompt_ids"} <= set(found["dpo_columns"])
