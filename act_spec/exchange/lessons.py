"""What people teach about blind spots, out of the spreadsheet that came back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from act_spec.cells import column_name, from_cell
from act_spec.errors import Problem
from act_spec.exchange.csv_table import UnreadableFileError, open_table
from act_spec.records import Task

_EXAMPLE = "example"


@dataclass
class SpotLesson:
    """
    What somebody wrote about one blind spot.

    Attributes:
        pattern: In words.
        examples: The pattern of each, empty for the blind spot's own; its label, canonical; its fields.
    """

    pattern: str = ""
    examples: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)


def read_lessons(
    path: Path, task: Task, fields: Sequence[str], spots: Collection[int]
) -> tuple[dict[int, SpotLesson], list[Problem]]:
    """
    Read the file.

    Args:
        path: As `documents.spots.spots_csv` writes it.
        task: Reads labels.
        fields: The shown fields.
        spots: Numbers of blind spots.

    Returns:
        Blind spot to lesson, those alone about which something is written;
        and what is wrong. A row with a fault is left out.
    """
    try:
        table = open_table(
            path, required=["spot", "what", "label", *map(column_name, fields)], optional=["pattern"]
        )
    except UnreadableFileError as error:
        return {}, [error.problem]
    found: dict[int, SpotLesson] = {}
    problems: list[Problem] = []
    for row in table.rows():
        if isinstance(row, Problem):
            problems.append(row)
            continue
        if row.cells["what"].strip().casefold() != _EXAMPLE:
            continue
        content = {name: from_cell(row.cells[column_name(name)]).strip() for name in fields}
        pattern = " ".join(from_cell(row.cells.get("pattern", "")).split())
        if not pattern and not any(content.values()):
            continue
        said = row.cells["spot"].strip()
        if not said.isdigit() or int(said) not in spots:
            known = ", ".join(map(str, sorted(spots))) or "none"
            problems.append(
                table.problem(
                    row.line, "spot", f"no blind spot has the number '{said}'.", f"There are: {known}."
                )
            )
            continue
        lesson = found.setdefault(int(said), SpotLesson())
        lesson.pattern = lesson.pattern or pattern
        if any(content.values()):
            try:
                label = task.read(from_cell(row.cells["label"]))
            except ValueError as error:
                problems.append(table.problem(row.line, "label", str(error)))
                continue
            lesson.examples.append(("" if pattern == lesson.pattern else pattern, label, content))
    return found, problems + [_unsaid(path, spot) for spot, one in found.items() if not one.pattern]


def _unsaid(path: Path, spot: int) -> Problem:
    message = f"nothing says what fools the machine in blind spot {spot}."
    return Problem(str(path), 0, 0, "pattern", message, "Write it into one of its rows.")
