"""
A database in memory for looking at data before they come into a run.

It begins with little memory and puts what does not fit into the system's
folder for temporary files, so that a run's memory does not grow with its data.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import duckdb

from act_spec.errors import StoreError
from act_spec.store import locked
from act_spec.store.database import CONFIG, Store

FIRST_MB = 64
"""What it begins with."""
_TIMES_MORE = 2
_MOST_MB = 4096
_Found = TypeVar("_Found")


class Scratch(Store):
    """
    A store without any table of ours, gone when it is closed; it opens faster than one in memory.

    A statement that cannot do with the memory there is, such as one over
    cells of many megabytes, is executed again with more.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        super().__init__(connection, None)
        self._folder = folder
        self._mb: int | None = FIRST_MB

    @classmethod
    def new(cls) -> Self:
        """An empty one."""
        # Nobody else may look into it.
        folder = Path(tempfile.mkdtemp(prefix="act-spec-"))
        own = {"memory_limit": f"{FIRST_MB}MB", "temp_directory": str(folder)}
        connection = duckdb.connect(":memory:", config=CONFIG | own)
        locked.lock(connection, settable=("memory_limit",))
        return cls(connection, folder)

    def close(self) -> None:
        """Let everything go."""
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def batches(
        self, sql: str, values: Sequence[Any] | None = None, size: int = 1000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """As in any store; what is half read cannot be executed again, so it has all the memory there is."""
        self._allow(None)
        return super().batches(sql, values, size)

    def pass_on(
        self, sql: str, values: Sequence[Any], store: Store, into: str, into_values: Sequence[Any]
    ) -> None:
        """
        Let another store read a query's rows, in a transaction of their own.

        Args:
            sql: The query.
            values: Bound in it.
            store: The other one.
            into: Its statement, which reads them as `arrived`.
            into_values: Bound in that.
        """
        while True:
            try:
                return store.take_over(self.relation(sql, values), into, into_values)
            except duckdb.Error as error:
                if "Out of Memory" not in str(error):
                    raise
                if not self._more():
                    raise self._unusable(error) from error

    def _answer(
        self, sql: str, values: Sequence[Any] | None, fetch: Callable[[duckdb.DuckDBPyConnection], _Found]
    ) -> _Found:
        while True:
            try:
                return super()._answer(sql, values, fetch)
            except StoreError as error:
                if not isinstance(error.__cause__, duckdb.OutOfMemoryException) or not self._more():
                    raise

    def _more(self) -> bool:
        """Take more memory, and say whether there was any left to take."""
        if self._mb is None:
            return False
        more = self._mb * _TIMES_MORE
        self._allow(more if more <= _MOST_MB else None)
        return True

    def _allow(self, megabytes: int | None) -> None:
        """None is what DuckDB takes by itself, most of the machine's."""
        self._mb = megabytes
        self._connection.execute(f"SET memory_limit = '{megabytes}MB'" if megabytes else "RESET memory_limit")

    def _unusable(self, error: duckdb.Error) -> StoreError:
        said = str(error).strip().splitlines()[0].removesuffix(".")
        return StoreError(
            f"{tempfile.gettempdir()}: the data cannot be put there while they are read: {said}. "
            "Make room, or name another folder in the environment variable TMPDIR."
        )
