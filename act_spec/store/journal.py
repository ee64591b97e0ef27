"""
Calls that are not in the run's tables yet, in files beside it: whatever kills the process, they are found again.

A commit takes milliseconds, whatever it holds; a line takes microseconds. So
a reply is kept as a line at once, and comes into the tables with hundreds of
others. There are two files of one line a call (JSON: its number, and the
columns of `calls` by name): while what one holds is committed, in one
transaction, lines go to the other.
`Store.open` takes in what a killed process has left.

A line that is written is safe from all but a loss of power, which may take
what came since the last commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from act_spec.errors import StoreError
from act_spec.store.calls import COLUMNS, Call, row_of, write_calls
from act_spec.store.database import Store

_encoded = json.JSONEncoder(default=datetime.isoformat, separators=(",", ":")).encode
_live: set[Path] = set()


class Journal:
    """The journal of a run that this process writes; one at a time."""

    def __init__(self, database: Path) -> None:
        """
        Begin with empty files.

        Raises:
            StoreError: If they cannot be made.
        """
        self._database = database
        self._paths = _files_beside(database)
        self._files: list[int] = []
        self._sizes = [0, 0]
        self._now = 0
        self._count = 0
        _live.add(database.resolve())
        try:
            for path in self._paths:
                self._files.append(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_TRUNC, 0o600))
        except OSError as error:
            self.close()
            raise self._cannot(error.strerror) from error

    def keep(self, call: Call) -> None:
        """
        Write a call down.

        Raises:
            StoreError: If it cannot be written; then nothing of it is there.
        """
        line = (_encoded([self._count, dict(zip(COLUMNS, row_of(call), strict=True))]) + "\n").encode()
        file, size = self._files[self._now], self._sizes[self._now]
        try:
            written = os.write(file, line)
            if written < len(line):
                os.ftruncate(file, size)
        except OSError as error:
            raise self._cannot(error.strerror) from error
        if written < len(line):
            raise self._cannot("No space left on device")
        self._sizes[self._now] = size + written
        self._count += 1

    def turn(self) -> None:
        """From now on, lines go to the other file, so that what this one holds can be committed."""
        self._now = 1 - self._now

    def committed(self) -> None:
        """
        What the other file holds is in the tables.

        Raises:
            StoreError: If it cannot be emptied.
        """
        other = 1 - self._now
        try:
            os.ftruncate(self._files[other], 0)
        except OSError as error:
            raise self._cannot(error.strerror) from error
        self._sizes[other] = 0

    def close(self) -> None:
        """Let the files go; those with calls in them stay for `take_in`."""
        for file in self._files:
            os.close(file)
        self._files = []
        for path in self._paths:
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()
        _live.discard(self._database.resolve())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cannot(self, reason: str | None) -> StoreError:
        return StoreError(
            f"{self._paths[self._now]}: cannot be written: {reason}. "
            "What was committed before is kept; once this is mended, the same command goes on."
        )


def is_left(database: Path) -> bool:
    """Whether a process that was killed has left calls that are not in the tables."""
    return database.resolve() not in _live and any(path.exists() for path in _files_beside(database))


def take_in(store: Store, database: Path) -> None:
    """
    Bring what a killed process has left into the tables, once: what is in them already does not count again.

    Raises:
        StoreError: If a file cannot be read, or the tables cannot be written.
    """
    paths = _files_beside(database)
    # Each as it would have been committed, the older one first.
    for rows in sorted(filter(None, map(_rows_in, paths))):
        with store.transaction():
            write_calls(store, [_call(row) for _, row in rows])
    for path in paths:
        path.unlink(missing_ok=True)


def forget(database: Path) -> None:
    """Remove what belongs to a file that is no longer there."""
    for path in _files_beside(database):
        path.unlink(missing_ok=True)


def _files_beside(database: Path) -> tuple[Path, Path]:
    return Path(f"{database}.journal-0"), Path(f"{database}.journal-1")


def _rows_in(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Its lines, up to one that was not written to its end."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}.") from error
    rows: list[tuple[int, dict[str, Any]]] = []
    with suppress(ValueError):
        rows.extend((number, row) for number, row in map(json.loads, lines))
    return rows


def _call(row: Mapping[str, Any]) -> Call:
    """As it was kept; an earlier version may have had fewer columns."""
    values: dict[str, Any] = {name: row.get(name) for name in COLUMNS}
    values["finished_at"] = datetime.fromisoformat(values["finished_at"])
    return Call(**values)
