"""
CSV and JSON lines, a row at a time: read in Python, because a fault in them must be named with its line.

Lines are bounded, so that a file without line breaks is named rather than
held in memory.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from act_spec.errors import Problem, RecipeError

MAX_CELL_CHARS = 10_000_000
_MAX_LINE_CHARS = 4 * MAX_CELL_CHARS
_OPEN_QUOTE = "unexpected end of data"  # what `csv` says of a quote that the file's end leaves open
_ANOTHER_KIND = {
    codecs.BOM_UTF16_LE: "it is UTF-16. Save it as UTF-8.",
    codecs.BOM_UTF16_BE: "it is UTF-16. Save it as UTF-8.",
    b"\x1f\x8b": "it is compressed (gzip). Unpack it.",
    b"PK\x03\x04": "it is a ZIP archive or a spreadsheet. Unpack it, or save it as CSV.",
}


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """
    Rows with the line that they start on; comma, semicolon or tab by the header.

    Raises:
        RecipeError: If the file turns out to be no CSV in UTF-8; names the line.
    """
    # The limit is the whole process's, so it is put back.
    before = csv.field_size_limit(MAX_CELL_CHARS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline(MAX_CELL_CHARS)
            delimiter = max(",;\t", key=first.count)
            file.seek(0)
            yield from _numbered(path, csv.reader(_lines(path, file), delimiter=delimiter, strict=True))
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    finally:
        csv.field_size_limit(before)


def json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """
    Objects with their line; numbers stay text, as they are written: 1.10 is not 1.1.

    Raises:
        RecipeError: If a line holds no JSON object, or one with a key twice; names it.
    """
    with path.open(encoding="utf-8-sig") as file:
        try:
            for line, text in enumerate(_lines(path, file, MAX_CELL_CHARS), start=1):
                if text.strip():
                    yield line, _record(path, line, text)
        except UnicodeDecodeError as error:
            raise _not_utf8(path) from error


def fault(path: Path, message: str, line: int = 0, column: int = 1, hint: str = "") -> RecipeError:
    """What is wrong with a file of data; at a line, where one is named."""
    return RecipeError([Problem(str(path), line, column if line else 0, "", message, hint)])


def _lines(path: Path, file: Any, most: int = _MAX_LINE_CHARS) -> Iterator[str]:
    number = 0
    while text := file.readline(most + 1):
        number += 1
        if len(text) > most:
            raise fault(path, f"longer than {most:,} characters.", line=number)
        yield text


def _numbered(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    start = 1
    try:
        for row in reader:
            if row:
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        if str(error) == _OPEN_QUOTE:
            message = "cannot be read as CSV: a quote in the row that begins here is never closed."
            raise fault(path, message, line=start) from error
        raise fault(path, f"cannot be read as CSV: {error}.", line=reader.line_num) from error


def _record(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        record = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_each_once
        )
        if "\\ud" in text.lower():
            json.dumps(record, ensure_ascii=False).encode()  # half of a character is no text
    except (ValueError, RecursionError) as error:
        raise fault(path, f"not a JSON object: {_reason(error)}.", line=line) from error
    if not isinstance(record, dict):
        raise fault(path, "not a JSON object.", line=line)
    return record


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return "half of a surrogate pair" if isinstance(error, UnicodeEncodeError) else str(error)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key '{next(name for name in names if names.count(name) > 1)}' stands twice")
    return record


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _not_utf8(path: Path) -> RecipeError:
    """Looked for once more, since a decoder tells only the place in its block."""
    with path.open("rb") as file:
        begins = file.read(4)
        for mark, message in _ANOTHER_KIND.items():
            if begins.startswith(mark):
                return fault(path, f"not UTF-8 text: {message}")
        file.seek(0)
        number = 0
        while line := file.readline(_MAX_LINE_CHARS):
            number += 1
            try:
                line.decode()
            except UnicodeDecodeError as error:
                column = len(line[: error.start].decode()) + 1
                said = f"not UTF-8 text: the byte 0x{line[error.start]:02X}. Save it as UTF-8."
                return fault(path, said, number, column)
    return fault(path, "not UTF-8 text. Save it as UTF-8.")
