"""The connection pool, and transactions that are opened for one organisation and closed at the door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar
from uuid import UUID

from psycopg import Connection, OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout
from psycopg_pool.base import AttemptWithBackoff

from assay.kernel import Unavailable
from assay.storage.session import Actor, Row, Session

APP_ROLE = "assay_app"  # owns nothing, cannot bypass row-level security
TRIES = 3
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")

# A pool's own pauses start at a second and double: requests would wait for long after the database is back.
AttemptWithBackoff.INITIAL_DELAY = 0.2
AttemptWithBackoff.DELAY_BACKOFF = 1.2

T = TypeVar("T")


class Database:
    """A pool of connections under the application's role."""

    def __init__(self, url: str, *, connections: int = 8, serves_requests: bool = False) -> None:
        """With `serves_requests` tables are entered by their keys, however small they were when a plan was made.

        (A plan made while a table is empty reads the whole of it, and is kept while it grows.)
        """
        self.url = url
        by_key = " -c enable_seqscan=off -c jit=off" if serves_requests else ""
        self._pool: ConnectionPool[Connection[Row]] = ConnectionPool(
            url,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "options": f"-c role={APP_ROLE} -c timezone=UTC{by_key}",
            },
            min_size=1,
            max_size=connections,
            timeout=20,
            check=None,
            open=True,
        )

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def transaction(self, organisation_id: UUID, actor: Actor) -> Iterator[Session]:
        """One organisation, one transaction: committed when the block ends, rolled back when it raises."""
        with self.connection() as connection:
            session = Session(connection, organisation_id, actor)
            try:
                yield session
                session.commit()
            except BaseException:
                with suppress(OperationalError):  # the connection may be what failed
                    session.rollback()
                raise

    def transact(self, organisation_id: UUID, actor: Actor, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction; a deadlock or a serialisation failure repeats the whole of it.

        Raises Unavailable when the database cannot be reached; whether the work was done is then unknown.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                with self.transaction(organisation_id, actor) as session:
                    return work(session)
            except (DeadlockDetected, SerializationFailure) as clash:
                if not tries_left:
                    raise Unavailable("too many others change the same thing; try again") from clash
        raise AssertionError("unreachable")

    @contextmanager
    def connection(self) -> Iterator[Connection[Row]]:
        """A connection outside any organisation, for what belongs to the installation itself."""
        try:
            with self._pool.connection() as connection:
                yield connection
        except (OperationalError, PoolTimeout) as failure:
            if isinstance(failure, DeadlockDetected | SerializationFailure):
                raise
            raise Unavailable("the database cannot be reached; ask again with the same key") from failure

    def refuse_unsafe(self) -> None:
        """Refuse to serve from a database that may forget what it has acknowledged."""
        with self.connection() as connection:
            for name in DURABLE:
                row = connection.execute("select current_setting(%s) as value", (name,)).fetchone()
                if row and row["value"] == "off":
                    raise Unavailable(f"{name} is off in this database, so answers could be lost; switch it on")
