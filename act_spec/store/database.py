"""Opening and closing a run's DuckDB file: one process writes, everyone else is told who."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import duckdb

from act_spec.errors import StoreError
from act_spec.store import locked, migrations

CONFIG: dict[str, Any] = locked.CONFIG | {
    # Files stay readable for DuckDB 1.4 and later.
    "storage_compatibility_version": "v1.4.0",
    # Columns of objects lent to DuckDB are text, and it need not guess from the first thousand.
    "pandas_analyze_sample": "0",
}
_Found = TypeVar("_Found")
_HOLDER = re.compile(r"\(PID (\d+)\)")


class Store:
    """
    One run's database, open for reading and writing.

    A store lives in one thread; `cursor()` makes a second one of the same
    file for another thread. Its statements reach no file but its own: see
    `locked`.

    Attributes:
        path: Of the file; None in memory.
        expects_new: Whether inserts may leave out what to do with a row that is there already; see `write_new`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path | None) -> None:
        self._connection = connection
        self._resting: set[str] = set()
        self._made: dict[str, Any] = {}
        self.expects_new = False
        self.path = path

    @classmethod
    def open(cls, path: Path | None = None, *, read_only: bool = False, beside: Sequence[Path] = ()) -> Store:
        """
        Open the file, or a database in memory; make or migrate the tables.

        What a killed process has left in its journal is brought into the
        tables first; see `journal`.

        Args:
            path: The run's `run.duckdb`; None for memory.
            read_only: Refuse to write, and let others read at the same time.
            beside: Files that statements may open besides.

        Raises:
            StoreError: If another process holds the file, or it is not ours,
                is damaged, or was written by a newer version.
        """
        # DuckDB would wait for a pipe's other end.
        if path is not None and path.exists() and not path.is_file():
            raise StoreError(f"{path}: not a file. Move it away, or name another folder with --run.")
        left = path is not None and _is_left(path)
        if left and read_only:
            # Whoever may not write the file reads it as it is.
            with suppress(StoreError):
                cls.open(path).close()
        try:
            connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=CONFIG)
        except duckdb.Error as error:
            raise _cannot_open(path, error) from error
        store = cls(connection, path)
        try:
            # Of the whole database, since one that this process has open already is locked.
            if store.one("SELECT current_setting('TimeZone')") != ("UTC",):
                store.run("SET GLOBAL TimeZone = 'UTC'")
            locked.lock(connection, beside)
            if read_only:
                migrations.check(store.rows, path)
            else:
                with store.transaction():
                    migrations.migrate(store.run, store.rows, path)
                if path is not None and left:
                    _take_in(store, path)
        except duckdb.Error as error:
            store.close()
            raise StoreError(f"{path}: not a run of act-spec, or damaged: {_first_line(error)}") from error
        except StoreError:
            store.close()
            raise
        return store

    def cursor(self) -> Store:
        """A second handle on the same file, for another thread."""
        return Store(self._connection.cursor(), self.path)

    def close(self) -> None:
        """Write everything to the file and let it go."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, sql: str, values: Sequence[Any] | None = None) -> None:
        """
        Execute a statement; values are bound, never pasted.

        Raises:
            StoreError: If the file cannot be written, as when the disk is full.
        """
        self._answer(sql, values, lambda _: None)

    def rows(self, sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._answer(sql, values, duckdb.DuckDBPyConnection.fetchall)

    def one(self, sql: str, values: Sequence[Any] | None = None) -> tuple[Any, ...]:
        """The only row of a query that always has one."""
        row = self._answer(sql, values, duckdb.DuckDBPyConnection.fetchone)
        if row is None:
            raise StoreError(f"a query found nothing where one row was due: {sql.strip()[:80]}")
        return row

    def batches(
        self, sql: str, values: Sequence[Any] | None = None, size: int = 1000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """
        The rows of a query in lists of at most `size`, read as they are needed.

        Until the last one is read this handle can run nothing else; write
        through another `cursor()`.
        """
        with self._faults_named():
            self._connection.execute(sql, values)
        while rows := self._fetched(size):
            yield rows

    def arrays(self, sql: str, values: Sequence[Any] | None = None) -> dict[str, Any]:
        """A query's columns as NumPy arrays; NULL is a masked value."""
        found: dict[str, Any] = self._answer(sql, values, duckdb.DuckDBPyConnection.fetchnumpy)
        return found

    @contextmanager
    def lent(self, name: str, columns: Mapping[str, Any]) -> Iterator[None]:
        """NumPy arrays as a table of this handle, read where they lie; objects must be text or None."""
        self._put_away()
        self._connection.register(name, dict(columns))
        try:
            yield
        finally:
            self._put_away()
            self._connection.unregister(name)

    def take_over(self, rows: duckdb.DuckDBPyRelation, sql: str, values: Sequence[Any] | None = None) -> None:
        """
        Execute a statement that reads another database's rows as the table `arrived`, a batch at a time.

        Raises:
            duckdb.Error: If they end in one.
            StoreError: If the file cannot be written.
        """
        self._put_away()
        self._connection.register("arrived", locked.Stream(rows))
        try:
            self.run(sql, values)
        finally:
            self._connection.unregister("arrived")

    def relation(self, sql: str, values: Sequence[Any] | None = None) -> duckdb.DuckDBPyRelation:
        """A query's rows, for another database to take over."""
        self._put_away()
        return self._connection.sql(sql, params=values)

    @contextmanager
    def at_rest(self, *views: str) -> Iterator[None]:
        """
        Read these views once, and let this handle read the copies for as long as this lasts.

        For many questions about rows that nobody changes meanwhile: a view is
        put together again for each of them, which for `labels` takes longer
        than the question itself.
        """
        mine = [view for view in views if view not in self._resting]
        try:
            for view in mine:
                self.run(f"CREATE TEMP TABLE {view} AS FROM main.{view}")
                self._resting.add(view)
            yield
        finally:
            for view in self._resting.intersection(mine):
                self._resting.remove(view)
                self._made.clear()
                self.run(f"DROP TABLE temp.{view}")

    def once_at_rest(self, view: str, name: str, make: Callable[[], _Found]) -> _Found:
        """What is made of a view, once for as long as it is at rest; it must not be changed."""
        if view not in self._resting:
            return make()
        if name not in self._made:
            self._made[name] = make()
        return cast("_Found", self._made[name])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self._connection.begin()
        try:
            yield
        except BaseException:
            # A database that lost its file refuses this too; the first error is the one to tell.
            with suppress(duckdb.Error):
                self._connection.rollback()
            raise
        try:
            self._connection.commit()
        except duckdb.Error as error:
            raise self._unusable(error) from error

    def write_new(self, write: Callable[[], None]) -> None:
        """
        Write rows in one transaction, which are expected to be new.

        An `ON CONFLICT` clause doubles what a small insert costs, so it is
        left out at first; where a row is there already, `write` is called
        once more, with it.
        """
        try:
            self.expects_new = True
            with self.transaction():
                write()
        except duckdb.ConstraintException:
            self.expects_new = False
            with self.transaction():
                write()
        finally:
            self.expects_new = False

    def _answer(
        self, sql: str, values: Sequence[Any] | None, fetch: Callable[[duckdb.DuckDBPyConnection], _Found]
    ) -> _Found:
        """Execute a statement and fetch what it finds."""
        with self._faults_named():
            return fetch(self._connection.execute(sql, values))

    def _put_away(self) -> None:
        """A result that nobody reads to its end keeps DuckDB from lending and returning."""
        self.rows("SELECT 1")

    def _unusable(self, error: duckdb.Error) -> StoreError:
        return StoreError(
            f"{self.path}: cannot be read or written: {_first_line(error).removesuffix('.')}. "
            "What was committed before is kept; once this is mended, the same command goes on."
        )

    def _damaged(self, error: duckdb.Error) -> StoreError:
        return StoreError(
            f"{self.path}: this file is damaged: {_first_line(error).removesuffix('.')}. "
            "Go on with a copy of it, or move it away and begin anew."
        )

    def _fetched(self, size: int) -> list[tuple[Any, ...]]:
        with self._faults_named():
            return self._connection.fetchmany(size)

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
            raise self._unusable(error) from error
        except duckdb.Error as error:
            # DuckDB has no class for a block whose checksum does not hold.
            if "Corrupt database file" in str(error):
                raise self._damaged(error) from error
            raise
        except RuntimeError as error:
            # DuckDB takes Ctrl-C for itself while a query runs.
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from error
            raise


def _cannot_open(path: Path | None, error: duckdb.Error) -> StoreError:
    message = str(error)
    holder = _HOLDER.search(message)
    if holder:
        return StoreError(
            f"{path}: another process (number {holder[1]}) is writing this run. "
            "Wait for it to end, or look at its progress with `act-spec status`."
        )
    if "not a valid DuckDB" in message or "newer" in message:
        return StoreError(
            f"{path}: not a run of act-spec, damaged, or written by a newer DuckDB. It is left as it is."
        )
    return StoreError(f"{path}: cannot be opened: {_first_line(error)}")


def _is_left(path: Path) -> bool:
    """Whether a killed process has left calls beside the file; what belonged to a file that is gone is removed."""
    from act_spec.store import journal

    if path.exists():
        return journal.is_left(path)
    journal.forget(path)
    return False


def _take_in(store: Store, path: Path) -> None:
    from act_spec.store import journal

    journal.take_in(store, path)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
