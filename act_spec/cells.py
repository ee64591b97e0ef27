"""
How text goes into a spreadsheet's cells and comes back unchanged.

A cell that begins like a formula is run by spreadsheets, and one that looks
like a number or a date is rewritten by them (`00417` to `417`, `MAR1` to the
first of March). Both get a leading apostrophe, which is taken off again here.
"""

from __future__ import annotations

import re

MAX_CELL_CHARS = 32_000
"""Spreadsheets keep 32,767 characters of a cell; a margin for the note that it was cut."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez)[a-z]*"
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_REWRITTEN = re.compile(
    rf"[\d.][\d.,:/%\-e+ ]*|{_MONTH}[-/. ]?\d{{1,4}}|\d{{1,2}}[-/. ]?{_MONTH}.*|true|false",
    re.IGNORECASE,
)
_KEPT_NUMBER = re.compile(r"0|[1-9]\d{0,10}")


def to_cell(text: str) -> str:
    """The text as a spreadsheet leaves it alone; `from_cell` gives it back."""
    return f"'{text}" if _is_touched(text.lstrip("'")) else text


def from_cell(cell: str) -> str:
    """The text that `to_cell` was given; other cells are returned as they are."""
    return cell[1:] if cell.startswith("'") and _is_touched(cell.lstrip("'")) else cell


def column_name(header: str) -> str:
    """A header as columns are compared: `Item ID` and `item_id` are one."""
    return re.sub(r"[\s-]+", "_", from_cell(header).strip("\ufeff \t\r\n").casefold())


def _is_touched(text: str) -> bool:
    if _FORMULA.match(text):
        return True
    stripped = text.strip()
    return bool(_REWRITTEN.fullmatch(stripped)) and not _KEPT_NUMBER.fullmatch(stripped)
