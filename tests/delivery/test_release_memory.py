"""A large release is written in constant memory. (How fast: `make bench`.)"""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from conftest import content, signing_key, Ed25519PrivateKey
from assay.delivery.bundle import write
rows = write(content(50_000), Path(sys.argv[2]), key=signing_key(Ed25519PrivateKey.generate())).rows
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(rows["data/responses.parquet"], int(peak.split()[1]) / 1024)
"""


def test_a_hundred_thousand_responses_take_less_than_600_megabytes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(tmp_path / "release")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, megabytes = done.stdout.split()
    assert int(rows) == 100_000
    assert float(megabytes) < 600
