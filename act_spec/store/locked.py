"""
DuckDB connections that can open the files that they were given, and nothing else.

A locked connection reads and writes no other file, asks no network, loads no
extension, sees no Python variable, and cannot be unlocked. A data file is read
by one that holds nothing but that file, apart from the run's own database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    # A data file is read once, or from the system's own cache.
    "enable_external_file_cache": "false",
}
_WILD = re.compile(r"[*?\[]")


def lock(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path] = (), settable: Sequence[str] = ()
) -> None:
    """
    Shut a connection's whole database off from everything but itself and these files.

    Args:
        connection: Its own file, what is attached to it and its folder for
            spilling stay within reach. One that is locked stays as it is.
        files: Further files that its statements may open.
        settable: Settings that stay open to change.
    """
    if connection.execute("SELECT current_setting('lock_configuration')").fetchone() == (True,):
        return
    # A pattern is held against the list as it is written, then each file that it matches.
    names = sorted({name for path in files for name in (str(path.absolute()), as_pattern(path))})
    connection.execute("SET allowed_paths = ?", [names])
    connection.execute("SET allowed_configs = ?", [list(settable)])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def as_pattern(path: Path) -> str:
    """A path as DuckDB's functions read it, which take every name for a pattern: `a[1]` would be the file `a1`."""
    return _WILD.sub(lambda sign: f"[{sign[0]}]", str(path.absolute()))


@contextmanager
def reaching(files: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory, with nothing in it, that can open these files alone."""
    with duckdb.connect(":memory:", config=CONFIG) as connection:
        lock(connection, files)
        yield connection


class Stream:
    """The rows of a query as another database takes them, a batch at a time and without a copy (Arrow's C stream)."""

    def __init__(self, rows: duckdb.DuckDBPyRelation) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """As the name says; a relation itself is refused by a database that is not its own."""
        return self._rows.__arrow_c_stream__(requested_schema)
