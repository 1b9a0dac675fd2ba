"""Release: 100,000 recorded responses from the database to a signed bundle, beside the bare copy of the same rows.

python -m bench.release --responses 100000
"""

import argparse
import json
import time
from pathlib import Path
from uuid import UUID

import psycopg

from assay.client import Client
from assay.client.verify import verify
from assay.identity import Role, add_member, issue_token
from assay.storage import Session
from bench.installation import OPERATOR, Installation, add_project, installation, serving
from bench.memory import peak_megabytes

ANNOTATORS = 20
OVERLAP = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=100_000)
    count = parser.parse_args().responses
    with installation() as made:
        manager, auditor, project = prepare(made)
        items, responses = write(made.folder, count // OVERLAP)
        with serving(made) as server, Client(f"http://127.0.0.1:{made.port}", manager) as client:
            client.imports.send(project, items, "items")
            client.imports.send(project, responses, "responses")
            client.projects.settle(project)
            lot = client.lots.draw(client.lots.seal(project).id)
            with Client(f"http://127.0.0.1:{made.port}", auditor) as other:
                while other.lots.get(lot.id).state == "inspecting":
                    check = other.checks.claim(lot.id)
                    assert check is not None
                    other.checks.answer(check, [{"question": "animal", "value": "cat"}])
                    other.checks.judge(check, "conforming")
            start = time.perf_counter()
            made_release = client.releases.create(project, [lot.id])
            seconds = time.perf_counter() - start
            assert made_release.problem is None, made_release.problem
            start = time.perf_counter()
            folder = client.releases.download(made_release.id, made.folder / "downloaded")
            assert verify(folder).ok
            checked = time.perf_counter() - start
            limit = copied(made)
            print(
                "| responses | seconds | responses/s | of a bare COPY | fetched and verified, s | server MB at most |"
            )
            print("|---|---|---|---|---|---|")
            print(
                f"| {count:,} | {seconds:.1f} | {count / seconds:,.0f} | {limit / seconds:.2f} | {checked:.1f} "
                f"| {peak_megabytes(server):.0f} |"
            )


def prepare(made: Installation) -> tuple[str, str, UUID]:
    """Tokens of a manager and an auditor, and an open project."""
    database = made.database()
    with database.transaction(made.organisation_id, OPERATOR) as session:
        manager = token(session, "manager", Role.MANAGER)
        auditor = token(session, "auditor", Role.AUDITOR)
        project = add_project(session, "Release")
    database.close()
    return manager, auditor, project


def token(session: Session, name: str, role: Role) -> str:
    return issue_token(session, add_member(session, f"{name}@example.org", name, [role]))[1]


def write(folder: Path, items: int) -> tuple[Path, Path]:
    """Files of items, and of responses of which all agree."""
    with (folder / "items.jsonl").open("w") as file:
        file.writelines(
            json.dumps({"external_id": f"q-{n:07}", "text": f"a cat number {n}"}) + "\n" for n in range(items)
        )
    with (folder / "responses.jsonl").open("w") as file:
        for n in range(items):
            for k in range(OVERLAP):
                row = {
                    "external_id": f"q-{n:07}",
                    "annotator": f"a{(n + k) % ANNOTATORS:02}",
                    "answers": [{"question": "animal", "value": "cat"}],
                }
                file.write(json.dumps(row) + "\n")
    return folder / "items.jsonl", folder / "responses.jsonl"


def copied(made: Installation) -> float:
    """Seconds in which the database itself hands out the same responses."""
    start = time.perf_counter()
    out = "copy (select * from tasks_response order by id) to stdout"
    with psycopg.connect(made.url) as connection, connection.cursor() as cursor, cursor.copy(out) as rows:
        for _ in rows:
            pass
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
