"""Labels from a CSV file beside the recipe, with their own lines for errors."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from act_spec.errors import Problem, did_you_mean
from act_spec.recipe.nodes import Entry, KeyPath, MapNode, Place, TextNode, shown
from act_spec.recipe.source import read_text

COLUMNS = ("name", "definition", "not_when", "costly", "renamed_from")
MAX_BYTES = 4 << 20
_PATH: KeyPath = ("task", "labels")


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]


def read_labels(file: str, folder: Path, place: Place) -> tuple[MapNode, list[Problem]]:
    """
    The labels of a CSV file, as the mapping that a recipe could hold in its stead.

    Args:
        file: As the recipe names it.
        folder: Where relative names start.
        place: Where the recipe names it.

    Returns:
        The labels, and the faults of the file's rows, placed in that file.

    Raises:
        RecipeError: If the file is missing or is not UTF-8 text.
    """
    path = folder / file
    text = read_text(path, limit=MAX_BYTES)
    problems: list[Problem] = []
    rows = _rows(text, str(path), problems)
    header = next(rows, None)
    entries: dict[str, Entry] = {}
    if header is None:
        problems.append(Problem(str(path), 1, 1, shown(_PATH), "the file is empty.", _HEADER))
    elif _columns_hold(header, str(path), problems):
        for row in rows:
            _add(entries, row, header, str(path), problems)
    return MapNode(entries, place, _PATH), problems


_HEADER = "Its first line is 'name,definition,not_when'; only 'name' must be there."


def _rows(text: str, file: str, problems: list[Problem]) -> Iterator[_Row]:
    """The rows that are not blank, each with the line on which it starts."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"this row is not CSV: {error}."
            problems.append(Problem(file, line, 1, shown(_PATH), message, "Mind the quotes."))
            return
        if any(cell.strip() for cell in cells):
            yield _Row(line, cells)
        line = reader.line_num + 1


def _columns_hold(header: _Row, file: str, problems: list[Problem]) -> bool:
    names = [cell.strip().lower() for cell in header.cells]
    header.cells[:] = names
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            message = f"there is no column '{name}' for labels, or it stands twice."
            hint = did_you_mean(name, COLUMNS)
            problems.append(Problem(file, header.line, 1, shown(_PATH), message, hint))
            return False
    if "name" not in names:
        problems.append(Problem(file, header.line, 1, shown(_PATH), "the column 'name' is missing.", _HEADER))
        return False
    return True


def _add(entries: dict[str, Entry], row: _Row, header: _Row, file: str, problems: list[Problem]) -> None:
    place = Place(file, row.line, 1)
    if len(row.cells) != len(header.cells):
        message = f"this row has {len(row.cells)} cells, and the header {len(header.cells)}."
        hint = "A cell with a comma in it needs quotes."
        problems.append(Problem(*place, shown(_PATH), message, hint))
        return
    values = dict(zip(header.cells, (cell.strip() for cell in row.cells), strict=True))
    name = values.pop("name")
    if name in entries:
        message = f"the label '{name}' stands twice, here and in line {entries[name].key_place.line}."
        problems.append(Problem(*place, shown((*_PATH, name)), message, "Keep one of them."))
        return
    path = (*_PATH, name)
    spec = {key: Entry(place, TextNode(value, place, (*path, key))) for key, value in values.items() if value}
    entries[name] = Entry(place, MapNode(spec, place, path))
