"""All benchmarks, one after the other: `make bench`. Each prints a table for docs/benchmarks.md."""

import platform
import subprocess
import sys
from datetime import UTC, datetime

PARTS = ("claim_submit", "import_items", "release")


def main() -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {platform.machine()}\n",
        flush=True,
    )
    for part in PARTS:
        print(f"\n## {part.replace('_', ' ')}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{part}"], check=True)


if __name__ == "__main__":
    main()
