"""Answers of people out of a worklist that came back: good rows are kept, bad ones are named."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from act_spec.cells import from_cell
from act_spec.errors import Problem, did_you_mean
from act_spec.exchange.csv_table import Row, Table, UnreadableFileError, open_table
from act_spec.exchange.document import Document
from act_spec.exchange.returned import Answer, AnswersRead, Asked, Expected, Outcome, Returned
from act_spec.records import Task
from act_spec.registry import register

MAX_ANSWER_CHARS = 10_000
_ANSWERED = ("label", "outcome")
# Together they stand only in what `act-spec labels` writes; most labels there are the machine's.
_OF_LABELS = ("machine_label", "inclusion_probability", "loss_weight")
_OPTIONAL = ("outcome", "note", "reviewer", "seconds", "seal", "guideline_version")
CHANNEL = "csv"
_VERSION = re.compile(r"[1-9][0-9]{0,5}")


class _BadCellError(ValueError):
    """A cell that cannot be used: its column, what is wrong, what to do."""

    def __init__(self, column: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.column, self.message, self.hint = column, message, hint


@register("exchange", "worklist.v1")
class Worklist:
    """A worklist that was filled in: CSV as spreadsheets write it."""

    def recognises(self, document: Document) -> bool:
        """Whatever is no JSON."""
        return not document.is_json

    def read(self, document: Document, asked: Asked, expected: Expected) -> Returned:
        """The rows; see `read_answers`."""
        read = read_answers(document.path, asked, expected.seals, reviewers=expected.reviewers, sealed=True)
        return Returned(read, CHANNEL)


def read_answers(
    path: str | Path,
    asked: Asked,
    expected: Mapping[str, Any],
    *,
    reviewers: Collection[str] = (),
    sealed: bool = False,
) -> AnswersRead:
    """
    Read a worklist that came back.

    A row without label and outcome is not answered yet. The same answer twice
    is one answer; two answers of one reviewer for one item are a problem in
    each of their rows, and neither is taken. A file that cannot be read at all
    is one problem, and so is one of final labels. The columns `item_id` and
    `label` must be there.

    Args:
        path: The file; UTF-8, or UTF-16 with its byte order mark.
        asked: Reads the labels.
        expected: By the ids of the items that were sent to people: their seals, or anything.
        reviewers: Names that may stand in the column `reviewer`; any where empty.
        sealed: Whether a seal that stands in a row must be the item's.
    """
    try:
        table = open_table(path, required=("item_id", "label"), optional=(*_OPTIONAL, *_OF_LABELS))
    except UnreadableFileError as error:
        return AnswersRead((), 0, (error.problem,))
    if table.places.keys() >= set(_OF_LABELS):
        message = (
            "this is what `act-spec labels` wrote: it holds labels of the machine, not answers of people."
        )
        return AnswersRead((), 0, (Problem(table.file, 1, 1, "", message, "Import the worklist."),))
    answers: list[Answer] = []
    problems: list[Problem] = []
    blanks = foreign = untouched = 0
    for row in table.rows():
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            answer = _answer(row, asked, expected, reviewers, sealed=sealed)
        except _BadCellError as error:
            problems.append(table.problem(row.line, error.column, error.message, error.hint))
            foreign += error.column == "item_id"
            untouched += error.column == "item_id" and not _is_touched(row)
            continue
        if answer is None:
            blanks += 1
        else:
            answers.append(answer)
    kept, conflicts = _without_conflicts(answers, table)
    return AnswersRead(
        tuple(kept), blanks, tuple(sorted([*problems, *conflicts])), foreign=foreign, untouched=untouched
    )


def _is_touched(row: Row) -> bool:
    return any(row.cells.get(column, "").strip() for column in (*_ANSWERED, "note"))


def _answer(
    row: Row, asked: Asked, expected: Mapping[str, Any], reviewers: Collection[str], *, sealed: bool
) -> Answer | None:
    """The row's answer; None where there is none yet."""
    item_id = _item_id(row.cells["item_id"], expected)
    seal = from_cell(row.cells.get("seal", "").strip())
    if sealed and seal and seal != expected[item_id]:
        message = f"'{item_id[:80]}', or the chance with which it was drawn, has changed since."
        raise _BadCellError("seal", message, "Export the worklist again.")
    if not any(row.cells.get(column, "").strip() for column in _ANSWERED):
        return None
    outcome = _outcome(row)
    return Answer(
        item_id=item_id,
        label=_label(row, asked(item_id), outcome),
        outcome=outcome,
        reviewer=_reviewer(row, reviewers),
        note=_text(row, "note"),
        seconds=_seconds(row),
        line=row.line,
        guideline_version=_version(row),
    )


def _version(row: Row) -> str:
    """Of the guideline, as the worklist had it; empty where somebody wrote something else there."""
    written = from_cell(row.cells.get("guideline_version", "").strip())
    return written if _VERSION.fullmatch(written) else ""


def _item_id(cell: str, expected: Collection[str]) -> str:
    for candidate in (from_cell(cell), cell, from_cell(cell.strip())):
        if candidate in expected:
            return candidate
    if not cell.strip():
        raise _BadCellError("item_id", "the row has no item id.")
    message = f"'{cell[:80]}' is not an item of this worklist."
    raise _BadCellError("item_id", message, "It may belong to another run, or a spreadsheet changed it.")


def _text(row: Row, column: str) -> str:
    text = from_cell(row.cells.get(column, "")).strip()
    if len(text) > MAX_ANSWER_CHARS:
        message = f"the cell has {len(text):,} characters; {MAX_ANSWER_CHARS:,} are allowed."
        raise _BadCellError(column, message)
    return text


def _outcome(row: Row) -> Outcome | None:
    word = _text(row, "outcome").casefold()
    if word == "ambiguous":
        return "ambiguous"
    if word == "skip":
        return "skip"
    if word in {"", "keep", "change"}:
        return None
    hint = did_you_mean(word, ["ambiguous", "skip", "keep", "change"])
    raise _BadCellError("outcome", f"'{word[:80]}' is not an outcome.", hint)


def _label(row: Row, task: Task, outcome: Outcome | None) -> str | None:
    text = _text(row, "label")
    if not text:
        if outcome is None:
            raise _BadCellError("label", "the outcome needs a label.", "Write the label that is right.")
        return None
    if outcome == "skip":
        hint = "Empty one of the two."
        raise _BadCellError("outcome", "an item is either skipped or labelled.", hint)
    try:
        return task.read(text)
    except ValueError as error:
        near = did_you_mean(text, [definition.name for definition in task.definitions])
        # Otherwise it lists the labels, which the task's own message does.
        hint = near if near.startswith("Did you mean") else ""
        raise _BadCellError("label", str(error), hint) from error


def _reviewer(row: Row, reviewers: Collection[str]) -> str:
    name = _text(row, "reviewer")
    if not name or not reviewers or name in reviewers:
        return name
    hint = did_you_mean(name, list(reviewers))
    raise _BadCellError("reviewer", f"'{name[:80]}' is not a reviewer of this run.", hint)


def _seconds(row: Row) -> float | None:
    text = _text(row, "seconds").replace(",", ".")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise _BadCellError("seconds", f"'{text[:80]}' is not a number of seconds.")
    return seconds


def _without_conflicts(answers: Sequence[Answer], table: Table) -> tuple[list[Answer], list[Problem]]:
    """Answers that no other row contradicts, each once, and a problem for every other row."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.item_id, answer.reviewer), []).append(answer)
    kept: list[Answer] = []
    problems: list[Problem] = []
    for group in groups.values():
        if all(replace(answer, line=0) == replace(group[0], line=0) for answer in group):
            kept.append(group[0])
            continue
        lines = " and ".join(str(answer.line) for answer in group)
        message = f"lines {lines} answer '{group[0].item_id}' differently."
        problems += [
            table.problem(answer.line, "label", message, "Keep the one that is right.") for answer in group
        ]
    return kept, problems
