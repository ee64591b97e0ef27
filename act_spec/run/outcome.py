"""What the command line says of a run: facts gathered from the tables, for text or JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from act_spec.content.fields import plain_fields
from act_spec.documents.failed import SHOWN, Failures
from act_spec.documents.summary import ImportFacts, RunFacts, StatusFacts
from act_spec.errors import Problem, StoreError
from act_spec.plan.model import Plan
from act_spec.records import Item
from act_spec.run.estimate import look_at_target
from act_spec.run.measure import measure
from act_spec.run.report import report_facts
from act_spec.run.response import RESPONSE
from act_spec.run.review import take_in
from act_spec.run.stage import Folder
from act_spec.run.walk import WalkReport, open_run
from act_spec.store import allocations, answers, pictures
from act_spec.store.batches import batches_out
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.failures import failed_items
from act_spec.store.metrics import read_metrics
from act_spec.store.pilots import PilotRow, read_pilot
from act_spec.store.plans import current_plan
from act_spec.store.shards import part_of


def run_facts(plan: Plan, store: Store, folder: Folder, report: WalkReport, elapsed_s: float) -> RunFacts:
    """Where a walk ended, in figures."""
    recorded = {one.stage for one in (plan.annotate, plan.judge) if one is not None and one.model is None}
    return RunFacts(
        report=report.facts or report_facts(plan, store),
        folder=str(folder.path),
        recipe=str(plan.recipe_path),
        waiting=report.waiting,
        hours=report.waiting * plan.review.seconds_per_item / 3600,
        reviewers=plan.review.reviewers,
        failed=_failures(store, recorded) if report.failed else (),
        pilot=_pilot_sentences(plan, store),
        target=_target_sentence(plan, store),
        elapsed_s=elapsed_s,
        built_in=plan.calls_models and not plan.hosts,
    )


def _failures(store: Store, recorded: Collection[str]) -> list[Failures]:
    """
    What failed, by stage and status.

    Args:
        store: The run's database.
        recorded: Stages that ask no model.
    """
    failed = []
    for stage, view in (("annotate", "annotations"), ("judge", "judgments")):
        first = failed_items(store, stage, SHOWN, recorded=stage in recorded)
        for status, count in answers.status_counts(store, view).items():
            told = [(one.item_id, one.reason) for one in first if one.status == status]
            failed += [Failures(stage, status, count, told)] if status != "ok" else []
    return failed


def _pilot_sentences(plan: Plan, store: Store) -> tuple[str, ...]:
    """What the pilot found, and which judge was taken for it; empty without a pilot."""
    rows = read_pilot(store, plan.spending.key)
    if not rows:
        return ()
    first = rows[0]
    said = [
        f"{first.machine_right} of {first.reviewed} random labels are right (at most {first.accuracy_bound:.1%} of all)"
    ]
    for row in _told(plan, rows):
        if row.gain is not None and row.gain_low is not None and row.gain_high is not None:
            used = "   <- used" if row.used and len(rows) > 1 else ""
            said.append(
                f"{row.name}: finds {row.gain:.0%} [{row.gain_low:.0%}, {row.gain_high:.0%}] of the mistakes{used}"
            )
    if plan.combinations and first.gain is not None:
        said.append(_combination_sentence(plan, rows))
    if len(rows) > 1 and not first.told_apart:
        said.append("the data do not tell the judges apart; the best so far is used")
    if first.judge_key and not first.beats_chance:
        said.append("the judge is not shown to be better than chance")
    return tuple(said)


def _told(plan: Plan, rows: Sequence[PilotRow]) -> list[PilotRow]:
    """The judges and, of their combinations, the best: many lines would say the same."""
    combined = {one.key for one in plan.combinations}
    best = next((row for row in rows if row.used and row.judge_key in combined), None)
    best = best or next((row for row in rows if row.judge_key in combined), None)
    return [row for row in rows if row.judge_key not in combined or row is best]


def _combination_sentence(plan: Plan, rows: Sequence[PilotRow]) -> str:
    """Whether a combination of judges is used, and why not."""
    combined = {one.key for one in plan.combinations}
    if any(row.used and row.judge_key in combined for row in rows):
        return "the combination surely finds more than the best judge alone; all its judges judge every item"
    return f"none of {len(combined)} combinations surely finds more than the best judge alone"


def _target_sentence(plan: Plan, store: Store) -> str:
    """Whether an automatic budget has reached its target; empty without one."""
    target = plan.spending.target
    if target is None:
        return ""
    wanted = f"{target.accuracy:.1%} of the labels right, {target.certainty:.0%} certain"
    if allocations.unanswered(store):
        return f"{wanted}: looked at when the round's answers are in"
    seen = look_at_target(plan, store)
    if seen is None:
        return "cannot be judged: the reviews allow no estimate"
    bound = seen.accuracy.low
    reviews = sum(size for _, _, size in allocations.rounds(store))
    if seen.met:
        return f"{wanted}: met after {reviews:,} reviews (lower bound {bound:.1%})"
    best = (
        ""
        if reviews < plan.spending.reviews
        else ", the most that the budget allows; the best so far is delivered"
    )
    return f"{wanted}: not met after {reviews:,} reviews{best} (lower bound {bound:.1%})"


def first_answers(plan: Plan, store: Store, limit: int) -> list[dict[str, Any]]:
    """The walk's first items with what was answered, the fields as text."""
    found = answers.first_answers(store, limit)
    for one in found:
        one["content"] = plain_fields(Item(one["item_id"], one["content"]), plan.data.show)
        one["label"] = None if one["label"] is None else plan.task.show(one["label"])
    return found


def take_in_files(
    plan: Plan, folder: Path, files: Sequence[Path], known_as: Mapping[str, str] | None = None
) -> ImportFacts:
    """Take answers in from each file, and bring the figures up to date; `known_as` as in `take_in`."""
    place = Folder(folder)
    taken = blanks = 0
    problems: list[Problem] = []
    notes: list[str] = []
    with Store.open(place.database) as store:
        plan = open_run(plan, store)
        for file in files:
            read, changed = take_in(plan, store, place, file, known_as)
            taken, blanks = taken + changed, blanks + read.blanks
            problems += read.problems
            notes += [f"{file.name}: {note}" for note in read.notes]
        measure(plan, store)
        counts = pictures.counts(store)
    return ImportFacts(
        plan.name,
        plan.hash,
        taken,
        blanks,
        counts["reviewed"],
        counts["selected"],
        tuple(problems),
        tuple(notes),
    )


def status_facts(folder: Path) -> StatusFacts:
    """
    Where a run stands: from its tables, or while it is being written from `progress.json`.

    Raises:
        StoreError: If it is neither readable nor under way.
    """
    place = Folder(folder)
    try:
        with Store.open(place.database, read_only=True) as store:
            return _from_tables(place, store)
    except StoreError:
        progress = _progress(place)
        if progress is None:
            raise
        return StatusFacts(
            name=folder.name, folder=str(folder), plan_hash=str(progress["plan"]), progress=progress
        )


def _from_tables(place: Folder, store: Store) -> StatusFacts:
    plan = current_plan(store)
    if plan is None:
        return StatusFacts(name=place.path.name, folder=str(place.path), plan_hash="")
    said = json.loads(plan[1])
    counts = pictures.counts(store)
    paid = bill(store)
    return StatusFacts(
        name=said["name"],
        folder=str(place.path),
        plan_hash=plan[0],
        recipe=said["recipe"],
        items=counts["items"],
        annotated=answers.status_counts(store, "annotations"),
        judged=answers.status_counts(store, "judgments"),
        has_judge=any(one["stage"] == "judge" for one in said["stages"]),
        selected=counts["selected"],
        reviewed=counts["reviewed"],
        by_reviewer=pictures.answers_by_reviewer(store),
        outcomes=pictures.outcomes(store),
        failed=_failures(store, {one["stage"] for one in said["stages"] if one["model"] is None}),
        response=next((one.note for one in read_metrics(store) if one.name == RESPONSE), ""),
        cost_usd=None if paid.unknown else paid.cost_usd,
        batches=batches_out(store),
        shard="/".join(map(str, part_of(store) or ())),
        rounds=len(said["rounds"]["people"]) if "rounds" in said else 0,
        round=len(allocations.rounds(store)) if "rounds" in said else 0,
    )


def _progress(place: Folder) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(place.progress.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return found
