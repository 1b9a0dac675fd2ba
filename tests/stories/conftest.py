"""What stories under load share: a server that can be killed, annotators who ask again, the invariants as counts."""

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import psycopg
import pytest
from psycopg.rows import dict_row

from assay.kernel import canonical_json, new_id, sha256_hex

ASSAY = Path(sys.executable).with_name("assay")
START_SECONDS = 60
CALL_SECONDS = 20
Json = dict[str, Any]


# --- a whole installation, database and all --------------------------------------------------------------------------


@dataclass
class Server:
    """`assay serve` with an embedded PostgreSQL in a folder of its own."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may be told to although its database still runs."""
        environment = {name: value for name, value in os.environ.items() if name != "ASSAY_DATABASE_URL"}
        with (self.data / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [ASSAY, "serve", "--port", str(self.port)],
                env=environment | {"ASSAY_DATA": str(self.data)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process is not None
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of every process of the server; the database lives on."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_database(self) -> None:
        """kill -9 of PostgreSQL: the postmaster and all its backends."""
        postmaster = psutil.Process(int(self._postmaster()[0]))
        for process in (postmaster, *postmaster.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def database_url(self) -> str:
        """The database as its superuser sees it."""
        lines = self._postmaster()
        return f"postgresql://postgres:@/postgres?host={lines[4]}&port={lines[3]}"

    def log(self) -> str:
        return (self.data / "serve.log").read_text()

    def _postmaster(self) -> list[str]:
        return [line.strip() for line in (self.data / "postgres" / "postmaster.pid").read_text().splitlines()]

    def _answers(self) -> bool:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as reply:
            return reply.status == 200
        return False


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="assay-story-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(folder, port)
    server.start()
    server.wait()
    yield server
    print(server.log()[-4000:])  # shown when the test fails
    with suppress(ProcessLookupError):
        server.kill()
    with suppress(OSError, psutil.NoSuchProcess):
        server.kill_database()
    shutil.rmtree(folder, ignore_errors=True)


# --- annotators ------------------------------------------------------------------------------------------------------


class Unknown(Exception):
    """No answer came, or one that says so: whether the call was carried out is not known."""


class Died(Exception):
    """The client stopped in the middle, or lost its thread; another takes its place."""


@dataclass(frozen=True)
class Reply:
    status: int
    content: bytes

    @property
    def is_ok(self) -> bool:
        return self.status < 300

    @property
    def json(self) -> Json:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        return "" if self.is_ok else self.json["code"]


class Line:
    """A bare HTTP client on one connection, which is made anew after it broke."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any, headers: str, *, hang_up: bool = False) -> Reply:
        """Raises Unknown when no answer comes; Died after hanging up as soon as the request is out."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._ask(method, path, body, headers, hang_up)
        except (OSError, EOFError, TimeoutError) as failure:
            self.close()
            raise Unknown(repr(failure)) from failure

    def close(self) -> None:
        if self._ends:
            self._ends[1].close()
            self._ends = None

    async def _ask(self, method: str, path: str, body: Any, headers: str, hang_up: bool) -> Reply:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._ends
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        )
        writer.write(head.encode() + content)
        await writer.drain()
        if hang_up:
            self.close()
            raise Died
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
        reply = Reply(int(lines[0].split()[1]), await reader.readexactly(length) if length else b"")
        if reply.status == 503:
            raise Unknown(reply.content.decode())
        assert reply.status < 500, reply
        return reply


@dataclass
class Written:
    """A response as it lies on the annotator's own disk, put there before it is sent, and what is known of it."""

    id: str
    assignment: str
    fence: int
    answers: list[Json]
    end: str = "unknown"  # or acknowledged, refused, recalled
    is_given_up: bool = False  # nobody asks again


@dataclass(frozen=True)
class Habits:
    """How often an annotator does what, as shares of their calls or tasks."""

    dies: float = 0.0  # in the middle of a call; the next client goes on
    gives_up: float = 0.0  # never asks again after a call whose end it did not learn
    naps: float = 0.0  # with a task in hand, for longer than its lease
    gives_back: float = 0.0
    recalls: float = 0.0
    nap_seconds: float = 10.5


@dataclass
class Annotator:
    """Sends every call twice, at times three times at once, and goes on under the same keys whatever dies."""

    port: int
    token: str
    projects: list[str]
    rng: random.Random
    habits: Habits
    tally: Counter[str]  # of ends of calls and of what happened; shared by all
    disk: dict[str, Written] = field(default_factory=dict)
    sent_at: float = 0  # the last call
    last_done: tuple[float, float] = (0, 0)  # when the last response that was acknowledged was sent, and when heard of

    def __post_init__(self) -> None:
        self.lines = [Line(self.port, self.token) for _ in range(3)]

    async def work(self, is_over: Callable[[], bool]) -> None:
        """One client after another, each finishing what it has in hand."""
        while not is_over():
            with suppress(Died):
                await self._go_on()
                while not is_over() and await self._next():
                    pass
                await asyncio.sleep(0.2)
        for line in self.lines:
            line.close()

    async def _go_on(self) -> None:
        """What a new client does first: ask what is in hand, and send again what has no answer yet."""
        held = {one["id"]: one for one in (await self.call("GET", "/assignments")).json["items"]}
        for written in list(self.disk.values()):
            if written.end == "unknown" and not written.is_given_up:
                one = held.pop(written.assignment, {"id": written.assignment, "fence": written.fence})
                await self._submit(one, written)
        for one in held.values():
            await self._finish(one)

    async def _next(self) -> bool:
        """Take up to three tasks and finish them; False when there is nothing to do."""
        held: list[Json] = []
        for project in self.rng.sample(self.projects, len(self.projects)):
            reply = await self.call("POST", f"/projects/{project}/assignments")
            assert reply.is_ok or reply.code == "TooManyHeld", reply
            if reply.status == 201:
                held.append(reply.json)
        for one in held:
            await self._finish(one)
        return bool(held)

    async def _finish(self, held: Json) -> None:
        """From a task in hand to its end, whatever its lease does meanwhile."""
        at = f"/assignments/{held['id']}"
        if self._happens(self.habits.naps):
            await asyncio.sleep(self.habits.nap_seconds)
        elif self._happens(0.3):
            with suppress(Unknown):
                await self._draft(held)
        started = await self.call("POST", f"{at}/start", {"fence": held["fence"]})
        if started.code in ("LeaseLost", "NotLive"):
            raise Died  # an earlier client's call was still on its way
        if started.is_ok and self._happens(self.habits.gives_back):
            body = {"fence": held["fence"], "reason": "not my subject"}
            reply = await self.call("POST", f"{at}/return", body)
            assert reply.is_ok or reply.code == "LeaseOver", reply
            self.tally["given back"] += reply.is_ok
            return
        answers = [answer("animal", self.rng.choice(["cat", "dog"])), answer("why", f"因为 🐈 “{new_id()}”\n\\")]
        written = Written(str(new_id()), held["id"], held["fence"], answers)
        self.disk[written.id] = written
        await self._submit(held, written)

    async def _submit(self, held: Json, written: Written) -> None:
        at = f"/assignments/{held['id']}"
        fence: int = held["fence"]
        while True:
            body = {"response_id": written.id, "fence": fence, "answers": written.answers, "active_seconds": 0.1}
            reply = await self.call("POST", f"{at}/response", body, written)
            if reply.is_ok:
                break
            if reply.code != "LeaseOver":
                written.end = "refused"
                assert reply.code in ("LeaseLost", "NotLive"), reply
                raise Died
            resumed = await self.call("POST", f"{at}/resume")
            assert resumed.is_ok or resumed.code == "NotLive", resumed
            if resumed.is_ok:
                self.tally["resumed"] += 1
                zombie = await self.call("POST", f"{at}/heartbeat", {"fence": fence})
                assert zombie.code in ("LeaseLost", "LeaseOver"), zombie
                fence = resumed.json["fence"]
        written.end = "acknowledged"
        self.last_done = (self.sent_at, time.monotonic())
        self.tally["acknowledged"] += 1
        self.tally["surplus"] += not reply.json["is_counted"]
        if self._happens(0.05):
            other = await self.call("POST", f"{at}/response", body | {"answers": [answer("animal", "cat")]})
            assert other.code == "ResponseIdReused", other
        if self._happens(self.habits.recalls):
            await self._recall(written, body)

    async def _recall(self, written: Written, body: Json) -> None:
        written.end = "recalled or not"
        reply = await self.call("POST", f"/responses/{written.id}/recall")
        if not reply.is_ok:
            assert reply.code == "TooLateToRecall", reply
            written.end = "acknowledged"
            return
        written.end = "recalled"
        self.tally["recalled"] += 1
        late = await self.call("POST", f"/assignments/{written.assignment}/response", body)
        assert late.code in ("LeaseLost", "LeaseOver"), late
        await self._finish(reply.json)

    async def _draft(self, held: Json) -> None:
        """The second save of a version is a conflict: the first is not overwritten."""
        version: int = (held["draft"] or {"version": 0})["version"]
        body = {"fence": held["fence"], "answers": [answer("animal", "cat")]}
        headers = f"If-Match: {version}\r\n"
        replies = [await self.lines[0].ask("PUT", f"/assignments/{held['id']}/draft", body, headers) for _ in range(2)]
        codes = [reply.code for reply in replies]
        assert codes == ["", "DraftChanged"] or set(codes) <= {"", "DraftChanged", "LeaseOver", "LeaseLost", "NotLive"}

    async def call(self, method: str, path: str, body: Any = None, written: Written | None = None) -> Reply:
        """Until its end is known. Raises Died when the client does not live to hear it."""
        headers = f"Idempotency-Key: {new_id()}\r\n" if method == "POST" else ""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.sent_at = time.monotonic()
            try:
                reply = await self._twins(method, path, body, headers)
            except Unknown:
                self.tally["unknown"] += 1
                if written and self._happens(self.habits.gives_up):
                    written.is_given_up = True
                    raise Died from None
                assert time.monotonic() < deadline, "the server did not come back"
                await asyncio.sleep(0.05)
            else:
                self.tally["ok" if reply.is_ok else "refused"] += 1
                return reply

    async def _twins(self, method: str, path: str, body: Any, headers: str) -> Reply:
        """Send it twice, or three times at once; what was done is answered alike each time."""
        if self._happens(self.habits.dies):
            self.tally["clients died"] += 1
            await self.lines[0].ask(method, path, body, headers, hang_up=True)
        if self._happens(0.25):
            calls = (line.ask(method, path, body, headers) for line in self.lines)
            ends = await asyncio.gather(*calls, return_exceptions=True)
        else:
            ends = [await self.lines[0].ask(method, path, body, headers)]
            if method != "GET":
                with suppress(Unknown):
                    ends.append(await self.lines[1].ask(method, path, body, headers))
        for end in ends:
            if isinstance(end, BaseException) and not isinstance(end, Unknown):
                raise end
        replies = [end for end in ends if isinstance(end, Reply)]
        done = {reply for reply in replies if reply.is_ok}
        if method != "GET" and done:
            assert {*replies} == done or not replies[0].is_ok, (path, replies)
            assert len(done) == 1, (path, replies)
        if len(replies) < len(ends) and not done:
            raise Unknown(repr(ends))
        return next(iter(done), replies[-1])

    def _happens(self, share: float) -> bool:
        return self.rng.random() < share


def answer(question: str, value: str) -> Json:
    """In the form in which it is stored, so that it can be compared byte by byte."""
    return {
        "question": question,
        "target": None,
        "value": value,
        "why": None,
        "cites": [],
        "not_applicable": False,
        "cannot_assess": False,
    }


@pytest.fixture(scope="session")
def new_annotator() -> type[Annotator]:
    return Annotator


@pytest.fixture(scope="session")
def habits() -> type[Habits]:
    return Habits


@pytest.fixture(scope="session")
def questions() -> list[Json]:
    """What the annotators answer."""
    options = [{"id": "cat", "title": "Cat"}, {"id": "dog", "title": "Dog"}]
    return [
        {"key": "animal", "type": "choice", "title": "Which animal?", "options": options},
        {"key": "why", "type": "text", "title": "Why?", "required": False},
    ]


# --- what must hold at every moment ----------------------------------------------------------------------------------

SEATS = """
    select t.organisation_id, t.id, t.state, t.is_gold, t.overlap_wanted, t.overlap_max, t.seats_taken, t.responses,
        (select count(*) from assignment_assignment a where a.organisation_id = t.organisation_id and a.task_id = t.id
            and a.state in ('leased', 'started') and a.holds_seat) as live,
        (select count(*) from tasks_response r where r.organisation_id = t.organisation_id and r.task_id = t.id
            and r.is_counted) as counted
    from tasks_task t"""
REPLAYED = """
    select distinct on (e.organisation_id, e.subject_id) e.organisation_id, e.subject_id, m.state
    from audit_event e join (values {}) as m (kind, state) on m.kind = e.kind
    order by e.organisation_id, e.subject_id, e.at desc, e.id desc"""
OF_ASSIGNMENT = """('assignment.leased', 'leased'), ('assignment.started', 'started'),
    ('assignment.submitted', 'submitted'), ('assignment.returned', 'returned'), ('assignment.expired', 'expired'),
    ('assignment.resumed', 'started'), ('assignment.recalled', 'started'), ('assignment.reopened', 'revising'),
    ('assignment.lapsed', 'lapsed')"""
OF_RESPONSE = "('response.submitted', 'submitted'), ('response.recalled', 'recalled')"
OF_TASK = """('task.completed', 'complete'), ('task.reopened', 'open'), ('task.settled', 'settled'),
    ('task.cancelled', 'cancelled'), ('task.needs_fix', 'needs_fix')"""
INVARIANTS = {
    "tasks over their overlap": f"select from ({SEATS}) s where live + counted > overlap_wanted"
    " or overlap_wanted > overlap_max",
    "tasks whose counters differ from a recount": f"select from ({SEATS}) s"
    " where responses <> counted or seats_taken <> live + counted",
    "tasks complete too soon or too late": f"select from ({SEATS}) s where not is_gold"
    " and (state = 'open' and counted >= overlap_wanted or state = 'complete' and counted < overlap_wanted)",
    "annotators counted twice on a task": "select from tasks_response where is_counted"
    " group by organisation_id, task_id, annotator_id having count(*) > 1",
    "annotators holding a task twice": "select from assignment_assignment where state in ('leased', 'started')"
    " group by organisation_id, task_id, annotator_id having count(*) > 1",
    "tokens given twice": "select from assignment_assignment group by fence having count(*) > 1",
    "submitted assignments without one standing response, or others with one": """
        select from assignment_assignment a left join (
            select r.organisation_id, r.assignment_id, count(*) as n from tasks_response r
            left join tasks_response later on later.organisation_id = r.organisation_id and later.revises = r.id
            where r.state = 'submitted' and later.id is null group by r.organisation_id, r.assignment_id) standing
            on standing.organisation_id = a.organisation_id and standing.assignment_id = a.id
        where (a.state in ('submitted', 'revising', 'lapsed'))::int <> coalesce(standing.n, 0)""",
    "recalled responses that count": "select from tasks_response where is_counted and state = 'recalled'",
    "claims acknowledged and not there": """
        select from identity_idempotency k where k.operation = 'claim_next' and k.status = 201 and not exists (
            select from assignment_assignment a where a.organisation_id = k.organisation_id
              and a.id = (convert_from(k.reply, 'UTF8')::jsonb ->> 'id')::uuid)""",
    "responses with other than one event": """
        select from tasks_response r left join audit_event e on e.organisation_id = r.organisation_id
            and e.subject_id = r.id and e.kind = 'response.submitted'
        where r.source = 'assay' group by r.organisation_id, r.id having count(e.id) <> 1""",
    "assignments that the log replays otherwise": f"""
        select from assignment_assignment a full join ({REPLAYED.format(OF_ASSIGNMENT)}) e
            on e.organisation_id = a.organisation_id and e.subject_id = a.id where a.state is distinct from e.state""",
    "responses that the log replays otherwise": f"""
        select from (select * from tasks_response where source = 'assay') r
        full join ({REPLAYED.format(OF_RESPONSE)}) e
            on e.organisation_id = r.organisation_id and e.subject_id = r.id where r.state is distinct from e.state""",
    "tasks that the log replays otherwise": f"""
        select from tasks_task t left join ({REPLAYED.format(OF_TASK)}) e
            on e.organisation_id = t.organisation_id and e.subject_id = t.id
        where t.state <> coalesce(e.state, 'open') and t.state <> 'staged'""",
}


@pytest.fixture(scope="session")
def broken() -> Callable[[str], dict[str, int]]:
    """Counts what should not be, over all organisations, each in one snapshot; true under load too."""

    def count(url: str) -> dict[str, int]:
        with psycopg.connect(url, autocommit=True) as connection:
            found = {
                what: len(connection.execute(rows).fetchall())  # pyright: ignore[reportArgumentType]
                for what, rows in INVARIANTS.items()
            }
        return {what: n for what, n in found.items() if n}

    return count


@pytest.fixture(scope="session")
def lost() -> Callable[[str, list[Annotator]], dict[str, list[str]]]:
    """What the database holds of what the annotators have on their disks: ids that are lost, altered, or made up."""

    def compare(url: str, annotators: list[Annotator]) -> dict[str, list[str]]:
        with psycopg.connect(url, row_factory=dict_row) as connection:
            stored = {str(row["id"]): row for row in connection.execute("select * from tasks_response")}
        written = {one.id: one for annotator in annotators for one in annotator.disk.values()}
        kept = ("acknowledged", "recalled", "recalled or not")
        found = {
            "lost": [i for i, one in written.items() if one.end in kept and i not in stored],
            "altered": [i for i, row in stored.items() if i in written and not _is_equal(written[i], row)],
            "made up": [i for i in stored if i not in written],
            "done though refused": [i for i in stored if i in written and written[i].end == "refused"],
            "in another state": [i for i, row in stored.items() if i in written and not _fits(written[i], row)],
        }
        return {what: ids for what, ids in found.items() if ids}

    return compare


def _is_equal(one: Written, row: Json) -> bool:
    return (
        str(row["assignment_id"]) == one.assignment
        and canonical_json(row["answers"]) == canonical_json(one.answers)
        and row["body_hash"] == sha256_hex(canonical_json([one.assignment, one.answers]))
    )


def _fits(one: Written, row: Json) -> bool:
    expected = {"acknowledged": "submitted", "recalled": "recalled", "unknown": "submitted"}.get(one.end)
    return expected is None or row["state"] == expected
