"""One transaction for one organisation: the only way in which a room reaches the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import Composed

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
    """Runs SQL for one organisation inside one transaction. Opened and closed by the doors, never by a verb."""

    def __init__(self, connection: Connection[Row], organisation_id: UUID, actor: Actor) -> None:
        self.organisation_id = organisation_id
        self.actor = actor
        self._connection = connection
        self._cursor = connection.cursor()
        self.notes: dict[str, Any] = {}  # what a lower room keeps until the end of the transaction
        self._at_end: dict[str, Callable[[], None]] = {}

    def execute(self, sql: Sql, params: Params = None) -> int:
        """Run a statement and return the number of rows it touched."""
        return self._cursor.execute(sql, params).rowcount

    def first(self, sql: Sql, params: Params = None) -> Row | None:
        return self._cursor.execute(sql, params).fetchone()

    def one(self, sql: Sql, params: Params = None) -> Row:
        """The row that must be there; raises LookupError when it is not."""
        row = self.first(sql, params)
        if row is None:
            raise LookupError(f"no row for {params}")
        return row

    def all(self, sql: Sql, params: Params = None) -> list[Row]:
        return self._cursor.execute(sql, params).fetchall()

    def many(self, sql: Sql, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
        self._cursor.executemany(sql, rows)

    def stream(self, sql: Sql, params: Params = None, *, rows_ahead: int = 2000) -> Iterator[Row]:
        """Rows through a server-side cursor, so that memory stays constant."""
        with self._connection.cursor(name=f"stream_{new_id().hex}", row_factory=dict_row) as cursor:
            cursor.itersize = rows_ahead
            cursor.execute(sql, params)
            yield from cursor

    def copy(self, copy_sql: Sql, rows: Iterable[Sequence[Any]]) -> None:
        """COPY … FROM STDIN, for loads of many rows."""
        with self._cursor.copy(copy_sql) as copying:
            for row in rows:
                copying.write_row(row)

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        """Statements inside travel together; use where no result is read before the end."""
        with self._connection.pipeline():
            yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone when the block raises; the transaction goes on."""
        with self._connection.transaction():
            yield

    def now(self) -> datetime:
        """The database's clock at this moment (not at the transaction's start)."""
        return self.one("select clock_timestamp() as now")["now"]

    def at_end(self, key: str, do: Callable[[], None]) -> None:
        """Have `do` run once, just before the commit."""
        self._at_end.setdefault(key, do)

    def finish(self) -> None:
        """Run what waits for the end; called by the door right before it commits."""
        for do in self._at_end.values():
            do()
        self._at_end.clear()
