"""The main job, played through the public HTTP API: items, twelve simulated people, a certified and verified release.

Run by `make demo`. Only signing people in is done on the database itself, as an operator would; all else is HTTP.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx2
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import assay
from assay.api.main import database_url
from assay.client import ApiError, Client
from assay.client.records import Lot, Release
from assay.client.verify import verify
from assay.identity import Role, add_member, found_organisation, issue_link, issue_token
from assay.storage import Actor, Database, Settings

sys.path.insert(0, str(Path(__file__).parent))
from simulated import HERE, SKILLS, Expert, truths

DATA = HERE.parents[1] / ".demo"
PORT = int(os.environ.get("ASSAY_DEMO_PORT", "8400"))
URL = f"http://127.0.0.1:{PORT}"
PACE_SECONDS = 0.25  # between two answers of one person
USES = 1000  # of a demo's sign-in link; elsewhere a link works once
DESK = {"manager": [Role.MANAGER], "reviewer": [Role.REVIEWER], "auditor": [Role.AUDITOR], "viewer": [Role.VIEWER]}

screen = Console(highlight=False, soft_wrap=True)


@dataclass
class House:
    """The organisation of this run: a client for each role, and links for whoever wants to look."""

    organisation_id: UUID
    clients: dict[str, Client]
    links: dict[str, str]
    annotators: list[Client] = field(default_factory=list)


def main() -> None:
    if port_is_taken():
        sys.exit(f"Something serves on {URL} already; stop it first, or set ASSAY_DEMO_PORT.")
    with served():
        house = open_house()
        project = set_up(house)
        play(house, project)
        lot = inspect(house, project)
        folder = release(house, project, lot)
        show_people(house, project)
        show_way_on(house, folder)
        if not os.environ.get("ONCE"):
            screen.print("\nThe site stays up. Ctrl-C ends it; `make demo` plays again.")
            signal.pause()


def port_is_taken() -> bool:
    try:
        httpx2.get(f"{URL}/health", timeout=1)
    except httpx2.HTTPError:
        return False
    return True


@contextmanager
def served() -> Iterator[None]:
    """`assay serve` on its own database in .demo, until the block ends."""
    screen.print(f"[bold]1. Starting[/] the server and its embedded PostgreSQL, data in {DATA.name}/")
    DATA.mkdir(exist_ok=True)
    log = (DATA / "server.log").open("w")
    command = [str(Path(sys.executable).parent / "assay"), "serve", "--port", str(PORT)]
    server = subprocess.Popen(command, env={**os.environ, "ASSAY_DATA": str(DATA)}, stdout=log, stderr=log)
    try:
        wait_for(lambda: port_is_taken() or server.poll() is not None, seconds=90, what="the server to start")
        if server.poll() is not None:
            sys.exit(f"The server ended; its last words are in {DATA.name}/server.log.")
        yield
    except KeyboardInterrupt:
        screen.print("\nStopping.")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def open_house() -> House:
    """Found an organisation for this run and hand out ways in, as an operator does on the machine itself."""
    settings = Settings(data=DATA.absolute(), database_url=None, public_url=URL)
    database = Database(database_url(settings), connections=1)
    name = f"Demo {datetime.now():%d %b %H:%M:%S}"  # noqa: DTZ005 - for people to read
    stamp = name.replace(" ", "-").replace(":", "").lower()
    organisation_id, owner = found_organisation(database, name, owner_email=f"owner@{stamp}", owner_name="Olga Owner")
    people = {"owner": owner}
    with database.transaction(organisation_id, Actor("operator")) as session:
        for role, roles in DESK.items():
            people[role] = add_member(session, f"{role}@{stamp}", role.title(), roles)
        for second in ("adjudicator", "second auditor"):
            kind = Role.REVIEWER if second == "adjudicator" else Role.AUDITOR
            people[second] = add_member(session, f"{second.replace(' ', '.')}@{stamp}", second.title(), [kind])
        tokens = {role: issue_token(session, person)[1] for role, person in people.items()}
        links = {role: f"{URL}/enter#{issue_link(session, person, uses=USES)}" for role, person in people.items()}
    clients = {role: assay.Client(URL, token) for role, token in tokens.items()}
    house = House(organisation_id, clients, links)
    for number in range(1, len(SKILLS) + 2):  # one more, for whoever sits at this screen
        invited = clients["manager"].annotators.invite(
            f"annotator{number}@{stamp}", f"Simulated {number}", pseudonym=f"S-{number:02}", languages=["en", "zh"]
        )
        with database.transaction(organisation_id, Actor("operator")) as session:
            if number <= len(SKILLS):
                house.annotators.append(assay.Client(URL, issue_token(session, invited.person_id)[1]))
            else:
                house.links["annotator"] = f"{URL}/enter#{issue_link(session, invited.person_id, uses=USES)}"
    database.close()
    return house


def set_up(house: House) -> UUID:
    """The project from its file, items and gold from theirs, and the batch opened."""
    manager = house.clients["manager"]
    project = manager.projects.create(HERE / "project.yaml")
    screen.print(f"[bold]2. The project[/] “{project.name}” is made from project.yaml")
    manager.projects.open(project.id)
    items = manager.imports.send(project.id, HERE / "items.jsonl", "items")
    gold = manager.imports.send(project.id, HERE / "gold.jsonl", "gold")
    for loaded in (items, gold):
        screen.print(f"   {loaded.file_name}: {loaded.accepted} rows in, {loaded.problems_count} problems")
    for batch in manager.batches.list(project.id):
        manager.batches.open(batch.id)
    return project.id


def play(house: House, project: UUID) -> None:
    """Twelve people answer while a reviewer and an adjudicator follow, until every task is settled."""
    screen.print(f"[bold]3. Twelve simulated annotators[/] answer at {URL}, a reviewer and an adjudicator follow")
    screen.print(f"   watch them: {house.links['viewer']}")
    known = truths()
    done = threading.Event()
    columns = (
        TextColumn("   {task.description:<10}"),
        BarColumn(40),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen) as bars, ThreadPoolExecutor(len(SKILLS) + 2) as pool:
        people = [
            pool.submit(annotate, client, project, Expert(skill, random.Random(n), known), done)
            for n, (client, skill) in enumerate(zip(house.annotators, SKILLS, strict=True))
        ]
        expert = Expert(0.99, random.Random(99), known)
        people.append(pool.submit(review, house.clients["reviewer"], project, expert, done))
        people.append(pool.submit(adjudicate, house.clients["adjudicator"], project, expert, done))
        try:
            watch(house.clients["viewer"], project, bars, people)
        finally:
            done.set()
        for person in people:
            person.result()


def annotate(client: Client, project: UUID, expert: Expert, done: threading.Event) -> None:
    """Take a task, answer it, take the next; look again later when there is none."""
    while not done.wait(PACE_SECONDS * expert.rng.uniform(0.5, 1.5)):
        held = client.work.claim(project)
        if held is None:
            done.wait(0.5)
            continue
        client.work.start(held)
        time.sleep(PACE_SECONDS * expert.rng.uniform(0.5, 1.5))
        client.work.submit(held, expert.answer(held.payload), active_seconds=PACE_SECONDS)


def review(client: Client, project: UUID, expert: Expert, done: threading.Event) -> None:
    """Approve what is right, correct what is wrong."""
    while not done.is_set():
        held = client.reviews.claim(project)
        if held is None:
            done.wait(0.5)
        elif expert.is_right(held.payload, held.answers):
            client.reviews.finalise(held, "approve")
        else:
            client.reviews.finalise(
                held, "correct", answers=expert.answer(held.payload), note="Please see the corrected verdict."
            )


def adjudicate(client: Client, project: UUID, expert: Expert, done: threading.Event) -> None:
    """Settle what the annotators could not."""
    while not done.is_set():
        held = client.adjudications.claim(project)
        if held is None:
            done.wait(0.5)
        else:
            client.adjudications.settle(held, expert.answer(held.payload), note="Settled against the guideline.")


def watch(client: Client, project: UUID, bars: Progress, people: list) -> None:
    """Show the counts until nothing is open, complete or waiting."""
    bar = bars.add_task("settled", total=None, said="")
    while True:
        for person in people:
            if person.done():
                person.result()  # raises what ended it
        counts = client.projects.progress(project)
        tasks = counts["tasks"]
        total = sum(tasks.values())
        said = f"{tasks.get('settled', 0)} of {total} tasks, {counts['responses']} responses"
        bars.update(bar, total=total, completed=tasks.get("settled", 0), said=said)
        if total and tasks.get("settled", 0) == total:
            return
        time.sleep(0.5)


def inspect(house: House, project: UUID) -> Lot:
    """Seal the settled tasks into a lot, draw a blind random sample, judge it until the plan decides."""
    house.clients["manager"].projects.refit(project)
    auditor = house.clients["auditor"]
    expert = Expert(1.0, random.Random(7), truths())
    lot = house.clients["manager"].lots.seal(project)
    lot = house.clients["manager"].lots.draw(lot.id)
    screen.print(f"[bold]4. Inspection[/] of a lot of {lot.size} tasks, sample drawn with seed {lot.seed}")
    checks = wrong = 0
    while (lot := auditor.lots.get(lot.id)).state == "inspecting":
        check = auditor.checks.claim(lot.id)
        if check is None:
            break
        settled = auditor.checks.answer(check, expert.answer(check.payload))
        answers = [{"question": s.question, "target": s.target, "value": s.value} for s in settled]
        is_right = expert.is_right(check.payload, answers)
        auditor.checks.judge(
            check, "conforming" if is_right else "nonconforming", severity=None if is_right else "major"
        )
        checks, wrong = checks + 1, wrong + (not is_right)
    bound: float = (lot.decision or {})["bound"]
    screen.print(f"   {checks} checks, {wrong} wrong: the lot has {lot.state}; error at most {bound:.1%} at 95 %")
    if lot.state != "passed":
        sys.exit(
            "The people of this run were unlucky: the lot failed its plan, so there is no certificate. Play again."
        )
    return lot


def release(house: House, project: UUID, lot: Lot) -> Path:
    """Release the lot, download it as a customer would, and verify it offline."""
    manager = house.clients["manager"]
    made: Release = manager.releases.create(project, [lot.id])
    if made.problem:
        sys.exit(f"The release could not be written: {made.problem}")
    target = DATA / "releases" / f"{made.id}"
    shutil.rmtree(target, ignore_errors=True)
    folder = manager.releases.download(made.id, target)
    found = verify(folder)
    screen.print(f"[bold]5. Release {made.number}[/] is signed with key {made.key_id}")
    for name, rows in sorted((made.rows or {}).items()):
        screen.print(f"   {name}: {rows} rows")
    screen.print(f"   verified offline: {'ok' if found.ok else found.problems}")
    if not found.ok:
        sys.exit(1)
    return folder


def show_people(house: House, project: UUID) -> None:
    """Each simulated annotator's true skill beside what was measured, from hidden gold and from the answers."""
    table = Table(
        "annotator", "true skill", "on hidden gold", "inferred from all answers", box=None, padding=(0, 3, 0, 0)
    )
    rows = {row["pseudonym"]: row["skills"] for row in house.clients["manager"].projects.quality_of_annotators(project)}
    for number, skill in enumerate(SKILLS, 1):
        found = {s["evidence"]: s for s in rows.get(f"S-{number:02}", []) if s["question"] == "better"}
        table.add_row(f"S-{number:02}", f"{skill:.2f}", shown(found.get("gold")), shown(found.get("inferred")))
    screen.print("[bold]6. Measured[/] beside what the simulation knows (95 % intervals)")
    screen.print(table)


def shown(skill: dict | None) -> str:
    return f"{skill['mean']:.2f} [{skill['low']:.2f}, {skill['high']:.2f}] n {skill['n']:.0f}" if skill else "–"


def show_way_on(house: House, folder: Path) -> None:
    here = os.path.relpath(folder)
    screen.print(f"\nThe release lies in [bold]{here}[/]; verify it yourself: [bold].venv/bin/assay verify {here}[/]")
    screen.print("One click signs you in as:")
    for role in ("manager", "reviewer", "auditor", "viewer", "annotator"):
        screen.print(f"   {role:10} {house.links[role]}", soft_wrap=True)


def wait_for(is_so: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            sys.exit(f"Waited {seconds:g} s for {what}, in vain.")
        time.sleep(0.2)


if __name__ == "__main__":
    try:
        main()
    except ApiError as refused:
        sys.exit(f"The server refused: {refused}")
