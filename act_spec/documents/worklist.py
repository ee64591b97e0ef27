"""
The worklist: the items to review as a spreadsheet that people fill in.

It holds what a reviewer is shown and the reviewer's own answers; the
machine's label and the known answer have no place in it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from act_spec.cells import MAX_CELL_CHARS, column_name, to_cell
from act_spec.records import Task

ANSWER_COLUMNS = ("label", "outcome", "note", "reviewer")
"""What a reviewer writes; `exchange.csv_answers` reads it."""
_SEAL, _GUIDELINE = "seal", "guideline_version"


@dataclass(frozen=True)
class WorklistRow:
    """
    One item to review, with the answer that it may have already.

    Attributes:
        item_id: As the data has it.
        content: Shown fields by their shown names.
        label: The reviewer's own earlier answer in canonical text, or None.
        outcome: `ambiguous` or `skip` where the reviewer said so; others are not written.
        note: The reviewer's.
        reviewer: Who answered, or is asked to.
        task: Writes the label as it is asked for in this row; None for the worklist's own task.
        seal: What ties the row to the draw; see `exchange.seal`.
        guideline_version: What its reader goes by.
    """

    item_id: str
    content: Mapping[str, Any] = field(default_factory=dict)
    label: str | None = None
    outcome: str | None = None
    note: str = ""
    reviewer: str = ""
    task: Task | None = None
    seal: str = ""
    guideline_version: str = ""


def worklist_csv(rows: Iterable[WorklistRow], fields: Sequence[str], task: Task) -> bytes:
    """
    The worklist as CSV: UTF-8 with BOM, comma, CRLF.

    Args:
        rows: In the order in which people see them; make it random, so that
            the place says nothing and a half-filled file is a fair sample.
        fields: The shown fields, a column each after `item_id`. One whose name
            is taken by a column of ours is called `name (item)`.
        task: Writes labels as people read them.

    Returns:
        Bytes to write as they are. Cells that a spreadsheet would run or
        rewrite begin with an apostrophe, which the import takes off again;
        shown text over `MAX_CELL_CHARS` characters is cut and says so.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["item_id", *map(_header, fields), *ANSWER_COLUMNS, _SEAL, _GUIDELINE])
    for row in rows:
        shown = [to_cell(_cut(_as_text(row.content.get(name)))) for name in fields]
        writer.writerow(
            [
                to_cell(row.item_id),
                *shown,
                *map(to_cell, (*_answer(row, task), row.seal, row.guideline_version)),
            ]
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", errors="replace")


def _header(name: str) -> str:
    taken = column_name(name) in {"item_id", "seconds", *ANSWER_COLUMNS, _SEAL, _GUIDELINE}
    return to_cell(f"{name} (item)" if taken else name)


def _answer(row: WorklistRow, task: Task) -> tuple[str, ...]:
    label = "" if row.label is None else (row.task or task).show(row.label)
    # `keep` and `change` would tell what the machine had said.
    outcome = row.outcome if row.outcome in {"ambiguous", "skip"} else ""
    return label, outcome or "", row.note, row.reviewer


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _cut(text: str) -> str:
    if len(text) <= MAX_CELL_CHARS:
        return text
    return f"{text[:MAX_CELL_CHARS]} … (cut here; {len(text):,} characters in all)"
