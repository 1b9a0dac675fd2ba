"""One transaction for one organisation: the only way in which a room reaches the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection, Cursor
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
    """Runs SQL for one organisation inside one transaction. Opened and closed by the doors, never by a verb.

    Statements that need not wait for each other travel together: the transaction's beginning goes out with the first
    statement, and what is left for `later` with the next one or with the commit.
    """

    def __init__(self, connection: Connection[Row], organisation_id: UUID, actor: Actor) -> None:
        self.organisation_id = organisation_id
        self.actor = actor
        self.notes: dict[str, Any] = {}  # what a lower room keeps until the end of the transaction
        self._raw = connection
        self._is_open = False
        self._at_end: dict[str, Callable[[], None]] = {}
        self._waiting: list[tuple[Sql, Params]] = []

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

    def together(self, *statements: tuple[Sql, Params]) -> list[list[Row]]:
        """Statements of which none needs another's result, in one message; their rows, statement by statement."""
        with self._raw.pipeline():
            self._catch_up()
            cursors = [self._raw.execute(sql, params) for sql, params in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def later(self, sql: Sql, params: Params = None) -> None:
        """A statement whose result nobody waits for: it goes out ahead of the next one, or of the commit."""
        self._waiting.append((sql, params))

    def many(self, sql: Sql, rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
        self._connection.cursor().executemany(sql, rows)

    def stream(self, sql: Sql, params: Params = None, *, rows_ahead: int = 2000) -> Iterator[Row]:
        """Rows through a server-side cursor, so that memory stays constant."""
        with self._connection.cursor(name=f"stream_{new_id().hex}", row_factory=dict_row) as cursor:
            cursor.itersize = rows_ahead
            cursor.execute(sql, params)
            yield from cursor

    def copy(self, copy_sql: Sql, rows: Iterable[Sequence[Any]]) -> None:
        """COPY … FROM STDIN, for loads of many rows."""
        with self._connection.cursor().copy(copy_sql) as copying:
            for row in rows:
                copying.write_row(row)

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
        self._flush()

    def commit(self) -> None:
        """Say what waits for the end, and commit, in one message. For the doors only."""
        for do in self._at_end.values():
            do()
        if self._is_open or self._waiting:
            self.together(("commit", None))

    def rollback(self) -> None:
        """For the doors only."""
        if self._is_open:
            self._raw.execute("rollback")

    def _run(self, sql: Sql, params: Params) -> Cursor[Row]:
        if self._is_open and not self._waiting:
            return self._raw.execute(sql, params)
        with self._raw.pipeline():
            self._catch_up()
            ran = self._raw.execute(sql, params)
        return ran  # noqa: RET504 - its result is there only once the pipeline has ended

    @property
    def _connection(self) -> Connection[Row]:
        self._flush()
        return self._raw

    def _flush(self) -> None:
        if not self._is_open or self._waiting:
            with self._raw.pipeline():
                self._catch_up()

    def _catch_up(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._raw.execute("begin")
            self._raw.execute("select set_config('assay.organisation', %s, true)", (str(self.organisation_id),))
        waiting, self._waiting = self._waiting, []
        for sql, params in waiting:
            self._raw.execute(sql, params)
