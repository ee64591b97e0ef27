"""Blind spots for people: on a terminal, and as a spreadsheet in which they teach."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from act_spec.cells import to_cell
from act_spec.documents.printable import printable
from act_spec.plan.wording import amount

ERROR, EXAMPLE = "error", "example"
COLUMNS = ("spot", "what", "pattern", "label")
"""Columns of the spreadsheet before the item's fields; `exchange.lessons` reads it."""
_BLANKS = 5
_MOST_SHOWN = 3


@dataclass(frozen=True)
class ExampleFacts:
    """An example: its number, label as people read it, fields, who wrote it, and the last decision, if any."""

    number: int
    label: str
    content: Mapping[str, str]
    made_by: str
    decision: str | None


@dataclass(frozen=True)
class SpotFacts:
    """
    A blind spot.

    Attributes:
        number: In the run.
        given: What the machine says, as people read it.
        right: What is right.
        errors: Fields of its errors, the surest first.
        pattern: What fools the machine; empty until somebody has said it.
        teacher: Who said it.
        examples: Written against it.
    """

    number: int
    given: str
    right: str
    errors: tuple[Mapping[str, str], ...]
    pattern: str = ""
    teacher: str = ""
    examples: tuple[ExampleFacts, ...] = ()


def spots_text(spots: Sequence[SpotFacts], *, sought: bool) -> str:
    """The blind spots for a terminal; nothing is hidden but further errors. `sought` is whether the recipe asks for them."""
    if not spots and not sought:
        return "  not looked for: the recipe has no `blind_spots`; add it, and run again"
    if not spots:
        return "  no blind spots: reviews have found no confident errors that are alike"
    return "\n".join(line for spot in spots for line in _lines(spot))


def _lines(spot: SpotFacts) -> Iterator[str]:
    yield f"  {spot.number}   {printable(spot.given)} where {printable(spot.right)} is right   {amount(len(spot.errors), 'error')}"
    for error in spot.errors[:_MOST_SHOWN]:
        yield f"      error        {_told(error)}"
    if spot.pattern:
        yield f"      pattern      {printable(spot.pattern)}   ({printable(spot.teacher)})"
    for one in spot.examples:
        decided = one.decision or "nobody has decided"
        yield f"      example {one.number:<4} {printable(one.label)}: {_told(one.content)}   ({decided})"


def _told(content: Mapping[str, str]) -> str:
    return printable(" / ".join(str(value) for value in content.values()))


def spots_csv(spots: Sequence[SpotFacts], fields: Sequence[str]) -> bytes:
    """
    The blind spots as CSV to teach in: UTF-8 with BOM, comma, CRLF.

    A row an error, with the label that is right; then empty rows for
    examples. The pattern stands once in any row of its blind spot; an
    example with another pattern beside it is one of that.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *map(to_cell, fields)])
    for spot in spots:
        for content in spot.errors:
            shown = [to_cell(str(content.get(name) or "")) for name in fields]
            writer.writerow([spot.number, ERROR, "", to_cell(spot.right), *shown])
        for blank in range(_BLANKS):
            pattern = to_cell(spot.pattern) if not blank else ""
            writer.writerow([spot.number, EXAMPLE, pattern, to_cell(spot.right), *[""] * len(fields)])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", errors="replace")
