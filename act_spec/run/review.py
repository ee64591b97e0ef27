"""
The fourth stage: people get a guideline and a worklist, and their answers are taken in.

Reviewers of a demonstration are simulated from the known answers; every
document then says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from act_spec.documents.worklist import WorklistRow, worklist_csv
from act_spec.exchange.answer_form import outcome_of
from act_spec.exchange.csv_answers import read_answers
from act_spec.exchange.recognise import read_file
from act_spec.exchange.returned import Answer, AnswersRead
from act_spec.plan.model import Plan
from act_spec.records import Task
from act_spec.run.due import answers_due_by_item
from act_spec.run.guiding import write_guideline
from act_spec.run.handing_out import asked_of, expected_of, sealed_item, seen_fields
from act_spec.run.stage import Folder, StageReport
from act_spec.store import allocations, reviews
from act_spec.store.database import Store
from act_spec.store.guidelines import latest_guideline_version
from act_spec.store.times import utc_now

SIMULATED = "simulated"
Row = Mapping[str, Any]
"""An item of the worklist, with the answer that it has so far."""


def review(plan: Plan, store: Store, folder: Folder | None) -> StageReport:
    """
    Write what reviewers need, and count whom the run waits for; simulate reviewers where the recipe says so.

    Without a folder nothing is written.
    """
    version = 0 if folder is None else write_guideline(plan, store, folder)
    if plan.review.simulate:
        _simulate(plan, store, version)
    rows = allocations.worklist(store)
    if folder is not None:
        write_worklist(plan, folder, rows)
    return StageReport("review", waiting=sum(answers_due_by_item(plan, store, rows)))


def write_worklist(plan: Plan, folder: Folder, rows: Sequence[Row]) -> None:
    """
    Write `worklist.csv`: drawn items in random order, with the answers that there are.

    One that holds answers which are not imported yet, or rows to mend, is
    somebody's work: it stays, and where more items are due it becomes
    `worklist.1.csv`, or the next free number.
    """
    if _has_more_to_say(plan, folder.worklist, rows):
        if _lists(folder.worklist, plan, rows):
            return
        folder.worklist.rename(_free_name(folder.worklist))
    folder.write_bytes("worklist.csv", worklist_bytes(plan, rows))


def worklist_bytes(plan: Plan, rows: Sequence[Row]) -> bytes:
    """These rows as a worklist."""
    listed = [
        WorklistRow(
            item_id=row["item_id"],
            content=item.fields,
            label=row["label"],
            outcome=row["outcome"],
            note=row["note"] or "",
            reviewer=row["reviewer"] or "",
            task=plan.put_to_people(row).task,
            seal=item.seal,
            guideline_version=str(row["guideline_version"] or ""),
        )
        for row, item in ((row, sealed_item(plan, row)) for row in rows)
    ]
    return worklist_csv(listed, seen_fields(plan), plan.task)


def _has_more_to_say(plan: Plan, file: Path, rows: Sequence[Row]) -> bool:
    if not file.exists():
        return False
    known = {row["item_id"]: (row["label"], row["note"] or "") for row in rows}
    read = read_answers(file, asked_of(plan, rows), known, reviewers=plan.review.reviewers)
    return len(read.problems) > read.untouched or any(
        (answer.label, answer.note) != known[answer.item_id] for answer in read.answers
    )


def _lists(file: Path, plan: Plan, rows: Sequence[Row]) -> bool:
    """Whether the file has a row for every one of these items."""
    read = read_answers(file, asked_of(plan, rows), {row["item_id"]: row for row in rows})
    return read.blanks + len(read.answers) + len(read.problems) - read.foreign >= len(rows)


def _free_name(file: Path) -> Path:
    names = (file.with_name(f"{file.stem}.{number}{file.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())


def take_in(
    plan: Plan, store: Store, folder: Folder, file: Path, known_as: Mapping[str, str] | None = None
) -> tuple[AnswersRead, int]:
    """
    Read a file of answers, of any known format, and record the good ones.

    Args:
        plan: The current one.
        store: The run's database, open for writing.
        folder: The run's.
        file: What came back.
        known_as: What people are called in another tool, to the names of the recipe.

    Returns:
        What the file held, and how many of its answers are new or changed.
    """
    rows = {row["item_id"]: row for row in allocations.worklist(store)}
    returned = read_file(file, asked_of(plan, rows.values()), expected_of(plan, store, known_as or {}))
    read, channel = returned.read, returned.channel
    latest = latest_guideline_version(store)
    version = returned.guideline_version or (None if latest is None else str(latest))
    alone = plan.review.reviewers[0] if len(plan.review.reviewers) == 1 else "reviewer"
    taken = [
        _review(answer, plan.task, rows[answer.item_id], alone, version, channel) for answer in read.answers
    ]
    changed = reviews.write_reviews(store, plan.review_key, taken, utc_now())
    write_worklist(plan, folder, allocations.worklist(store))
    return read, changed


def _review(
    answer: Answer, task: Task, row: dict[str, Any], alone: str, version: str | None, channel: str
) -> reviews.Review:
    return reviews.Review(
        item_id=answer.item_id,
        round=row["round"],
        reviewer=answer.reviewer or alone,
        label=answer.label,
        outcome=answer.outcome or outcome_of(task, answer.label, row["machine_label"]),
        seconds=answer.seconds,
        note=answer.note or None,
        guideline_version=answer.guideline_version or version,
        channel=channel,
    )


def _simulate(plan: Plan, store: Store, version: int) -> None:
    """The known answer of every drawn item, as if a person had given it; items without one are skipped."""
    gold = dict(
        store.rows(
            "SELECT item_id, gold FROM items SEMI JOIN (SELECT item_id FROM allocations WHERE selected) USING (item_id) "
            "WHERE gold IS NOT NULL"
        )
    )
    taken = [
        reviews.Review(
            item_id=row["item_id"],
            round=row["round"],
            reviewer=SIMULATED,
            label=gold.get(row["item_id"]),
            outcome=outcome_of(plan.task, gold[row["item_id"]], row["machine_label"])
            if row["item_id"] in gold
            else "skip",
            seconds=None,
            note=None,
            guideline_version=str(version),
            channel=SIMULATED,
        )
        for row in allocations.worklist(store)
        if row["outcome"] is None
    ]
    reviews.write_reviews(store, plan.review_key, taken, utc_now())
