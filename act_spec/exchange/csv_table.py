"""
A CSV file as people send it back, row by row: any usual separator and encoding, every fault named.

Spreadsheets change what they save. Commas become semicolons where the comma
is the decimal sign, UTF-8 becomes Windows-1252, empty cells at the end of a
row are dropped; only what is unambiguous is forgiven.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from act_spec.cells import column_name
from act_spec.errors import Problem

MAX_CELL_CHARS = 131_072
MAX_FILE_BYTES = 256 * 1024 * 1024
_DELIMITERS = (",", ";", "\t")
_NAMED_DELIMITER = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """The wanted columns of a row, empty where it has none; `line` is where it begins, from 1."""

    line: int
    cells: Mapping[str, str]


class UnreadableFileError(ValueError):
    """The file as a whole cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Table:
    """
    A file whose header is understood.

    Attributes:
        file: Path as the user gave it, for messages.
        text: The decoded file from its header on.
        delimiter: What parts its cells.
        places: Our column to the place of its cell, from 0.
        width: Number of cells in the header.
        lines_before: Lines before the header.
    """

    file: str
    text: str
    delimiter: str
    places: Mapping[str, int]
    width: int
    lines_before: int

    def problem(self, line: int, column: str, message: str, hint: str = "") -> Problem:
        """What is wrong with a row, at the cell of that column; cells are counted from 1."""
        return Problem(self.file, line, self.places.get(column, 0) + 1, column, message, hint)

    def rows(self) -> Iterator[Row | Problem]:
        """Each row that is not empty; one that cannot be read is a problem."""
        reader = _reader(self.text, self.delimiter)
        next(reader)
        while True:
            line = reader.line_num + self.lines_before + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self.problem(line, "", f"the row cannot be read ({error}).", "Check its quotes.")
                if "field larger" in str(error):
                    # The reader stopped inside a cell; what follows would be read as rows.
                    return
                continue
            if any(cell.strip() for cell in cells):
                yield self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> Row | Problem:
        if any(cell.strip() for cell in cells[self.width :]):
            message = f"the row has {len(cells)} cells where the header has {self.width}."
            return self.problem(line, "", message, "Put a cell that holds the separator in double quotes.")
        return Row(
            line,
            {name: cells[place] if place < len(cells) else "" for name, place in self.places.items()},
        )


def open_table(path: str | Path, *, required: Sequence[str], optional: Sequence[str]) -> Table:
    """
    Read a file up to its header.

    Args:
        path: UTF-8 with or without byte order mark, or UTF-16 with one.
        required: Columns that must be there; case and spaces do not matter.
        optional: Columns that are read where they are there. Others are passed over.

    Raises:
        UnreadableFileError: If it is missing, too large, in another encoding,
            empty, or its header lacks a column or names one twice.
    """
    file = str(path)
    text = _decoded(file)
    lines_before = 0
    named = _NAMED_DELIMITER.match(text)
    if named:
        text, lines_before = text[named.end() :], 1
    delimiter, header = _header(file, text, named[1] if named else "", required)
    return Table(
        file=file,
        text=text,
        delimiter=delimiter,
        places=_places(file, 1 + lines_before, header, required, optional),
        width=len(header),
        lines_before=lines_before,
    )


def _decoded(file: str) -> str:
    path = Path(file)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            message = f"the file has {size:,} bytes; a worklist may have {MAX_FILE_BYTES:,}."
            raise UnreadableFileError(Problem(file, 0, 0, "", message))
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise UnreadableFileError(Problem(file, 0, 0, "", f"the file cannot be read: {reason}.")) from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(_encoding_problem(file, data, error)) from error


def _encoding_problem(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    if error.encoding.startswith("utf-16"):
        message = f"the file begins as UTF-16, but is broken at offset {error.start:,}."
        return Problem(file, 0, 0, "", message, "Save it as CSV in UTF-8.")
    # `utf-8-sig` counts from after the byte order mark.
    offset = error.start + (3 if data.startswith(codecs.BOM_UTF8) else 0)
    line = data.count(b"\n", 0, offset) + 1
    column = offset - data.rfind(b"\n", 0, offset)
    message = f"byte 0x{data[offset]:02x} at offset {offset:,} is not UTF-8."
    hint = (
        "It looks like Windows-1252, which Excel writes as plain 'CSV'; save it as 'CSV UTF-8' instead."
        if data[offset] >= 0x80
        else "Save the file as CSV in UTF-8."
    )
    return Problem(file, line, column, "", message, hint)


def _header(file: str, text: str, named: str, required: Sequence[str]) -> tuple[str, list[str]]:
    """The separator under which most of the required columns appear, and the header that it gives."""
    tried: list[tuple[int, int, str, list[str]]] = []
    header: list[str]
    for delimiter in (named,) if named else _DELIMITERS:
        try:
            header = next(_reader(text, delimiter), [])
        except csv.Error:
            continue
        found = len(set(required) & set(map(column_name, header)))
        tried.append((found, len(header), delimiter, header))
    if not any(header for *_, header in tried):
        message = "the file has no header." if text.strip() else "the file is empty."
        raise UnreadableFileError(Problem(file, 0, 0, "", message, "Export the worklist again."))
    _, _, delimiter, header = max(tried, key=lambda one: one[:2])
    return delimiter, header


def _places(
    file: str, line: int, header: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> dict[str, int]:
    names = list(map(column_name, header))
    for wanted in (*required, *optional):
        if names.count(wanted) > 1:
            second = names.index(wanted, names.index(wanted) + 1) + 1
            message = f"the header names the column '{wanted}' twice."
            raise UnreadableFileError(Problem(file, line, second, wanted, message, "Remove one of them."))
    missing = [f"'{wanted}'" for wanted in required if wanted not in names]
    if missing:
        message = f"the header lacks {' and '.join(missing)}."
        raise UnreadableFileError(
            Problem(file, line, 1, "", message, f"It has: {', '.join(filter(None, names))}.")
        )
    return {wanted: names.index(wanted) for wanted in (*required, *optional) if wanted in names}


def _reader(text: str, delimiter: str) -> csv._reader:  # type: ignore[name-defined]
    # The limit is the whole process's, so it is set where it is counted on.
    csv.field_size_limit(MAX_CELL_CHARS)
    # `strict` makes a broken quote an error instead of one very long cell.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
