"""One transaction for one organisation: the only way in which a room reaches the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier, Literal

from assay.kernel import new_id

Row = dict[str, Any]
Sql = LiteralString | Composed
Params = Mapping[str, Any] | Sequence[Any] | None


@dataclass(frozen=True)
class Actor:
    """Who causes a change: a person, a background job, or a timer that ran out."""

    kind: str
    id: UUID | None = None


class Session:
    """Runs SQL for one organisation inside one transaction. Opened and closed by the doors, never by a verb.

    The transaction begins with the first statement, so a session that asks nothing costs nothing.
    """

    def __init__(self, connection: Connection[Row], organisation_id: UUID, actor: Actor) -> None:
        self.organisation_id = organisation_id
        self.actor = actor
        self.notes: dict[str, Any] = {}  # what a lower room keeps until the end of the transaction
        self._raw = connection
        self._cursor = connection.cursor()  # one for all: making it anew for each statement is a third of its price
        self._is_open = False
        self._at_end: dict[str, Callable[[], None]] = {}
        self._waiting: list[tuple[LiteralString, Sequence[Any]]] = []

    def execute(self, sql: Sql, params: Params = None) -> int:
        """Run a statement and return the number of rows it touched."""
        return self._run(sql, params).rowcount

    def first(self, sql: Sql, params: Params = None) -> Row | None:
        return self._run(sql, params).fetchone()

    def one(self, sql: Sql, params: Params = None) -> Row:
        """The row that must be there; raises LookupError when it is not."""
        row = self.first(sql, params)
        if row is None:
            raise LookupError(f"no row for {params}")
        return row

    def all(self, sql: Sql, params: Params = None) -> list[Row]:
        return self._run(sql, params).fetchall()

    def later(self, insert: LiteralString, params: Sequence[Any]) -> None:
        """An insert that nobody waits for: it goes out, merged with others, before the next statement or the commit."""
        self._waiting.append((insert, params))

    def many(self, sql: Sql, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
        self._connection.cursor().executemany(sql, rows)

    def stream(self, sql: Sql, params: Params = None, *, rows_ahead: int = 2000) -> Iterator[Row]:
        """Rows through a server-side cursor, so that memory stays constant."""
        with self._connection.cursor(name=f"stream_{new_id().hex}", row_factory=dict_row) as cursor:
            cursor.itersize = rows_ahead
            cursor.execute(sql, params)
            yield from cursor

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone when the block raises; the transaction goes on."""
        self.finish()
        try:
            with self._connection.transaction():
                yield
                self.finish()
        except BaseException:
            self.notes.clear()
            self._at_end.clear()
            self._waiting.clear()
            raise

    def now(self) -> datetime:
        """The database's clock at this moment (not at the transaction's start)."""
        return self.one("select clock_timestamp() as now")["now"]

    def at_end(self, key: str, do: Callable[[], None]) -> None:
        """Have `do` run once, just before the commit."""
        self._at_end.setdefault(key, do)

    def finish(self) -> None:
        """Say what waits for the end; called by the door right before it commits."""
        for do in self._at_end.values():
            do()
        self._at_end.clear()
        if self._waiting:
            self._be_ready()

    def commit(self) -> None:
        """Say what waits for the end, and commit. For the doors only."""
        self.finish()
        if self._is_open:
            self._cursor.execute("commit")

    def rollback(self) -> None:
        """For the doors only."""
        if self._is_open:
            self._raw.execute("rollback")

    def _run(self, sql: Sql, params: Params) -> Cursor[Row]:
        self._be_ready()
        return self._cursor.execute(sql, params)

    @property
    def _connection(self) -> Connection[Row]:
        """The connection, with the transaction begun and nothing waiting."""
        self._be_ready()
        return self._raw

    def _be_ready(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._cursor.execute(_begin(self.organisation_id), prepare=False)
        if self._waiting:
            self._flush()

    def _flush(self) -> None:
        """Send the inserts that wait: those of different texts in one statement, repeats of a text in the next."""
        while self._waiting:
            batch = dict(reversed(self._waiting))  # the first of each text
            for one in batch.items():
                self._waiting.remove(one)
            inserts = tuple(reversed(batch))
            params = [value for insert in inserts for value in batch[insert]]
            self._cursor.execute(_merged(inserts), params)


@lru_cache(maxsize=1024)
def _begin(organisation_id: UUID) -> bytes:
    """Begin and name the organisation, in one message."""
    text = SQL("begin; set local assay.organisation = {}").format(Literal(str(organisation_id)))
    return text.as_bytes(None)


@lru_cache(maxsize=1024)
def _merged(inserts: tuple[LiteralString, ...]) -> Composed | LiteralString:
    """Several inserts as one statement; none may see what another wrote."""
    if len(inserts) == 1:
        return inserts[0]
    parts = [SQL("{} as (").format(Identifier(f"w{n}")) + SQL(insert) + SQL(")") for n, insert in enumerate(inserts)]
    return SQL("with ") + SQL(", ").join(parts) + SQL(" select")
