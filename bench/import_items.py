"""Import: 100,000 items over HTTP by the client, in each format, beside the same rows copied into one bare table.

python -m bench.import_items --items 100000
"""

import argparse
import csv
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from assay.client import Client
from assay.identity import Role, add_member, issue_token
from assay.kernel import new_id
from bench.installation import OPERATOR, Installation, add_project, installation, serving
from bench.memory import peak_megabytes

FORMATS = ("jsonl", "csv", "parquet")
TEXT = "A small company registers for VAT in the middle of a quarter. From which day must its invoices show the tax? "


@dataclass(frozen=True)
class Imported:
    """One file that went in."""

    format: str
    megabytes: float
    seconds: float
    problems: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    count = parser.parse_args().items
    print("| format | items | MB | seconds | items/s | share of a bare COPY | server MB at most |")
    print("|---|---|---|---|---|---|---|")
    with installation() as made:
        files = {name: write(made.folder, name, count) for name in FORMATS}
        limit = copied(made, files["jsonl"])
        token, projects = prepare(made)
        with serving(made) as server, Client(f"http://127.0.0.1:{made.port}", token) as client:
            for name, path in files.items():
                done = sent(client, projects[name], path)
                assert done.problems == 0, f"{done.problems} rows of {name} were refused"
                print(
                    f"| {name} | {count:,} | {done.megabytes:.0f} | {done.seconds:.1f} | {count / done.seconds:,.0f} "
                    f"| {limit / done.seconds:.2f} | {peak_megabytes(server):.0f} |",
                    flush=True,
                )


def rows(count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield {
            "external_id": f"q-{n:07}",
            "language": "en",
            "text": f"{TEXT * 3}({hashlib.sha512(b'%d' % n).hexdigest()})",
        }


def write(folder: Path, form: str, count: int) -> Path:
    path = folder / f"items.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows(count))), path, compression="zstd")
        return path
    with path.open("w", newline="") as file:
        if form == "csv":
            writer = csv.DictWriter(file, ["external_id", "language", "text"])
            writer.writeheader()
            writer.writerows(rows(count))
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows(count))
    return path


def copied(made: Installation, path: Path) -> float:
    """Seconds for the same rows into one table with one index and no checks: the machine's limit."""
    with psycopg.connect(made.url, autocommit=True) as connection:
        connection.execute("create table bare (id text primary key, payload jsonb not null)")
        start = time.perf_counter()
        with connection.cursor().copy("copy bare from stdin") as copy, path.open() as file:
            for line in file:
                copy.write_row((json.loads(line)["external_id"], line))
        return time.perf_counter() - start


def prepare(made: Installation) -> tuple[str, dict[str, UUID]]:
    """A manager's token, and a project for each format."""
    database = made.database()
    with database.transaction(made.organisation_id, OPERATOR) as session:
        person_id = add_member(session, f"{new_id()}@example.org", "Manager", [Role.MANAGER])
        token = issue_token(session, person_id)[1]
        projects = {name: add_project(session, f"Import of {name}") for name in FORMATS}
    database.close()
    return token, projects


def sent(client: Client, project_id: UUID, path: Path) -> Imported:
    start = time.perf_counter()
    done = client.imports.send(project_id, path)
    seconds = time.perf_counter() - start
    return Imported(path.suffix[1:], path.stat().st_size / 1e6, seconds, done.problems_count)


if __name__ == "__main__":
    main()
