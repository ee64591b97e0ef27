"""
A key in the environment of every test, and a look afterwards whether it got out.

It is looked for in all that a test said (captured output, logs, the errors that
it expected) and in every file below its folders: as bytes, in what ZIP archives
hold, and in the rows of databases, which DuckDB may have packed. Models of the
test server are asked with it, and servers that refuse a key repeat it.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from _pytest import capture, raises

VARIABLE = "ACT_SPEC_CANARY_API_KEY"
KEY = "sk-canary-7c1d94e0f5b84a26"
_BYTES = KEY.encode()
_CHUNK = 1 << 20
_SMALLEST_DATABASE = 8192


class LeakedError(AssertionError):
    """The key is where it must not be."""


def look_at_text(text: object, where: str) -> None:
    """
    Raises:
        LeakedError: If the text holds the key.
    """
    if KEY in str(text):
        raise LeakedError(f"the canary key is in {where}")


def look_at_files(folder: Path, *, databases: bool) -> None:
    """
    Look into every file below a folder.

    Args:
        folder: Where.
        databases: Ask DuckDB for the rows of its files as well.

    Raises:
        LeakedError: If one holds the key; names it.
    """
    for place, _, names in os.walk(folder):
        look_at_text(place, "the name of a folder")
        for name in names:
            path = Path(place, name)
            look_at_text(name, "the name of a file")
            if path.is_symlink() or not path.is_file():
                continue
            if holds_key(path, databases=databases):
                raise LeakedError(f"the canary key is in {path}")


def holds_key(path: Path, *, databases: bool = True) -> bool:
    """Whether a file holds the key, packed or not."""
    with path.open("rb") as file:
        begins = file.read(16)
        file.seek(0)
        if _in_pieces(iter(lambda: file.read(_CHUNK), b"")):
            return True
    if begins.startswith(b"PK\x03\x04"):
        return _in_archive(path)
    return databases and begins[8:12] == b"DUCK" and _in_rows(path)


def _in_pieces(pieces: Iterator[bytes]) -> bool:
    before = b""
    for piece in pieces:
        if _BYTES in before + piece:
            return True
        before = piece[-len(_BYTES) :]
    return False


def _in_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as file:
                    if _in_pieces(iter(lambda file=file: file.read(_CHUNK), b"")):
                        return True
    # A test may well have spoilt it.
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return False
    return False


def _in_rows(path: Path) -> bool:
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE estimated_size > 0"
            ).fetchall()
            return any(
                connection.execute(
                    f'SELECT 1 FROM "{schema}"."{table}" AS t WHERE contains(t::VARCHAR, ?) LIMIT 1', [KEY]
                ).fetchone()
                for schema, table in tables
            )
    except duckdb.Error:
        return False


_told: list[tuple[str, object]] = []
_sent: list[str] = []


def put_up() -> None:
    """Put the key into the environment, and hear what tests read of their output and which errors they expect."""
    os.environ[VARIABLE] = KEY
    readouterr, leave = capture.CaptureFixture.readouterr, raises.RaisesExc.__exit__

    def heard(fixture: capture.CaptureFixture[Any]) -> Any:
        said = readouterr(fixture)
        _told.extend([("stdout", said.out), ("stderr", said.err)])
        return said

    def expected(context: Any, kind: Any, error: Any, trace: Any) -> bool:
        cause = error
        while cause is not None:
            _told.append(("an error", cause))
            cause = cause.__cause__
        return leave(context, kind, error, trace)

    monkey = pytest.MonkeyPatch()
    monkey.setattr(capture.CaptureFixture, "readouterr", heard)
    monkey.setattr(raises.RaisesExc, "__exit__", expected)


def arrived(header: str) -> None:
    """Told by test servers what they were sent as a key."""
    if KEY in header:
        _sent.append(header)


def look_after(item: pytest.Item) -> None:
    """
    Look whether a test let the key out.

    Raises:
        LeakedError: If it did; says where.
    """
    told, was_sent = [*_told, *((name, text) for _, name, text in item._report_sections)], bool(_sent)
    _told.clear()
    _sent.clear()
    for where, text in told:
        look_at_text(text, where)
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder is not None:
        look_at_files(folder, databases=was_sent)
