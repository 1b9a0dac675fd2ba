"""A large release is written in constant memory, and soon enough to wait for."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import content, signing_key, Ed25519PrivateKey
from assay.delivery.bundle import write
key = signing_key(Ed25519PrivateKey.generate())
began = time.perf_counter()
rows = write(content(50_000), Path(sys.argv[2]), key=key).rows["data/responses.parquet"]
print(rows, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def test_a_hundred_thousand_responses_take_less_than_a_minute_and_600_megabytes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(tmp_path / "release")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, seconds, megabytes = done.stdout.split()
    assert int(rows) == 100_000
    assert float(seconds) < 60
    assert float(megabytes) < 600
