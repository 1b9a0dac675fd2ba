"""Serve a whole installation: the database brought up and kept up, the serving processes, the background worker."""

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from assay.api.main import database_url
from assay.identity.organisations import organisations
from assay.jobs import wiring
from assay.jobs.worker import Worker
from assay.kernel import Unavailable
from assay.storage import Database, Settings, embedded
from assay.storage.migrate import migrate

START_SECONDS = 60
FAREWELL_SECONDS = 15
WATCH_SECONDS = 0.25  # a database that died is back before those who wait for it ask a second time
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Serving:
    """What `serve` was asked for."""

    host: str
    port: int
    processes: int
    with_jobs: bool


class PortTaken(Unavailable):
    """Another program listens there already."""


def serve(serving: Serving, settings: Settings, *, say: Callable[[str], None]) -> None:
    """Serve until asked to stop by SIGTERM or Ctrl-C. Raises PortTaken, and Unavailable when there is no database."""
    with listen(serving.host, serving.port, serving.processes) as listening:
        stop = stop_when_asked()
        folder = None if settings.database_url else settings.data / "postgres"
        settings = replace(settings, database_url=prepare_database(settings, say=say))
        with opened(settings, connections=1) as database:
            database.refuse_unsafe()
            first = what_comes_first(database)
        processes = Processes(listening, serving, settings)
        with background(settings, folder) if serving.with_jobs else nullcontext(), processes.running():
            processes.wait_until_ready(stop)
            if not stop.is_set():
                say(f"Assay serves on {settings.public_url}{first}")
            watch = embedded.Watch(str(settings.database_url), folder)
            while not stop.wait(WATCH_SECONDS):
                watch.mend()
                processes.mend()
            say("Stopping.")


def prepare_database(settings: Settings, *, say: Callable[[str], None]) -> str:
    """Start the embedded database when none is given, and bring the tables up to date; returns its URL."""
    if settings.database_url is None:
        say(f"Starting the embedded PostgreSQL in {settings.data / 'postgres'}")
    url = database_url(settings)
    migrate(url)
    return url


def what_comes_first(database: Database) -> str:
    """What to do in an empty installation; nothing to say in another."""
    if organisations(database):
        return ""
    return "\nThere is no organisation yet. Found one with: assay organisation add NAME --owner EMAIL"


def stop_when_asked() -> threading.Event:
    """An event that is set by SIGTERM and by Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextmanager
def listen(host: str, port: int, processes: int) -> Iterator[list[socket.socket]]:
    """A listening socket for each process, between which the kernel shares out connections.

    (Of one socket shared by all, whichever process wakes first takes every connection.)
    """
    with ExitStack() as opened:
        try:
            with bound(host, port, is_shared=False):  # refuses a port that another program shares as well
                pass
            sockets = [opened.enter_context(bound(host, port, is_shared=True)) for _ in range(processes)]
        except OSError as reason:
            raise PortTaken(f"cannot listen on {host}:{port} ({reason.strerror}); choose another --port") from reason
        for listening in sockets:
            listening.listen(2048)
        yield sockets


def bound(host: str, port: int, *, is_shared: bool) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


@contextmanager
def opened(settings: Settings, *, connections: int) -> Iterator[Database]:
    """The database of these settings, closed at the end."""
    database = Database(str(settings.database_url), connections=connections)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def background(settings: Settings, embedded_folder: Path | None = None) -> Iterator[None]:
    """The background worker, in a thread of this process."""
    wiring.subscribe()
    with opened(settings, connections=4) as database:
        worker = Worker(database, settings)
        thread = threading.Thread(target=worker.run, name="worker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            worker.stop()
            thread.join(FAREWELL_SECONDS)
    if thread.is_alive():  # its threads would keep this process until the job is done
        log.warning("a job is still at work; it is run again after the next start")
        if embedded_folder:
            embedded.leave(embedded_folder)
        os._exit(0)


class Processes:
    """The serving processes, each on a listening socket of its own, which end with this one."""

    def __init__(self, listening: list[socket.socket], serving: Serving, settings: Settings) -> None:
        self._listening = listening
        self._serving = serving
        self._lifeline, self._held = os.pipe()
        self._environment = os.environ | {
            "ASSAY_DATA": str(settings.data),
            "ASSAY_DATABASE_URL": str(settings.database_url),
            "ASSAY_URL": settings.public_url,
        }
        self._running: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Running while the block runs; asked to finish at its end."""
        self._running = [self._one(place) for place in range(self._serving.processes)]
        try:
            yield
        finally:
            self._stop()

    def mend(self) -> None:
        """Start those again that ended."""
        for place, process in enumerate(self._running):
            if process.poll() is not None:
                log.warning("serving process %s ended with %s; starting another", process.pid, process.returncode)
                self._running[place] = self._one(place)

    def _stop(self) -> None:
        """Let requests at work finish; then end."""
        for process in self._running:
            process.terminate()
        deadline = time.monotonic() + FAREWELL_SECONDS
        for process in self._running:
            try:
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait_until_ready(self, stop: threading.Event) -> None:
        """Until one process answers. Raises Unavailable when one ends instead."""
        deadline = time.monotonic() + START_SECONDS
        while not stop.is_set() and not self._answers():
            ended = [process for process in self._running if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise Unavailable("the serving processes do not start; what they wrote above says why")
            stop.wait(0.05)

    def _answers(self) -> bool:
        host: str = self._listening[0].getsockname()[0]
        nearest = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - looked up, not bound
        connection = http.client.HTTPConnection(nearest, self._serving.port, timeout=1)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _one(self, place: int) -> subprocess.Popen[bytes]:
        ends = (self._listening[place].fileno(), self._lifeline)
        command = [sys.executable, "-m", "assay.api.process", *map(str, ends)]
        return subprocess.Popen(command, pass_fds=ends, env=self._environment)
