"""
A run rebuilt from its records: every label, figure and document again, without a key, and compared.

Replies and people's answers are taken from the run; all else is made anew by
the stages that made it the first time. Rounds are drawn in the order and of
the size in which they were drawn, each knowing the answers that had come in
by then, since a round's probabilities may rest on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from act_spec.documents.replayed import Replayed
from act_spec.engine.recorded import RecordedEngine
from act_spec.errors import StoppedEarly, StoreError
from act_spec.plan.inputs import inputs
from act_spec.plan.model import Plan, Workers
from act_spec.run.guiding import write_guideline
from act_spec.run.lock import NAME, read_lock, write_lock
from act_spec.run.measure import measure
from act_spec.run.report import write_report
from act_spec.run.review import write_worklist
from act_spec.run.stage import Folder
from act_spec.run.walk import open_run, walk
from act_spec.store import allocations, recording
from act_spec.store.database import Store
from act_spec.store.recording import Drawn

DOCUMENTS = ("guideline.md", "guideline.html", "guideline-card.html", "report.html", "METHODS.md", NAME)


def replay(plan: Plan, run: Path, to: Path) -> Replayed:
    """
    Rebuild a run in a fresh folder, and compare.

    Args:
        plan: The recipe's, compiled where it is now.
        run: The folder of the finished run; it is left as it is.
        to: Where everything is rebuilt; new, or empty.

    Raises:
        StoreError: If the run has no lock, or its lock, recipe, data and
            records do not belong together; or if `to` holds something.
        MissingReply: If a request has no recorded reply.
    """
    kept = Folder(run)
    lock = read_lock(kept)
    if lock is None:
        raise StoreError(f"{run}: there is no act.lock yet. Walk the recipe with `act-spec run` first.")
    _same_plan(plan, lock, run)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise StoreError(f"{to}: something is there already. Name a new folder with --to.")
    made = Folder(to)
    made.make()
    versions = {
        name: (str(then), plan.versions.get(name, "none"))
        for name, then in lock["versions"].items()
        if then != plan.versions.get(name)
    }
    # Documents tell of the run, not of its replay.
    plan = replace(
        plan,
        versions=lock["versions"],
        price_date=lock["price_date"],
        workers=Workers(**lock.get("workers", {})),
    )
    with recording.beside_recorded(kept.database, made.database) as store:
        recording.take_calls(store)
        recording.take_media(store)
        _same_records(plan, lock, store, run)
        _rebuild(plan, store, made)
        tables = tuple(recording.compare_tables(store))
    return Replayed(
        name=plan.name,
        plan_hash=plan.hash,
        replies=lock["replies"]["count"],
        answers=lock["answers"]["count"],
        tables=tables,
        documents={
            name: (run / name).read_bytes() == (to / name).read_bytes()
            for name in DOCUMENTS
            if (run / name).is_file()
        },
        versions=versions,
    )


def _rebuild(plan: Plan, store: Store, folder: Folder) -> None:
    """The walk again, from one round to the next, and then every document once."""
    keys = [role.key for role in plan.roles]
    settled = {stage: recording.settled_items(store, stage, keys) for stage in ("annotate", "judge")}
    engine = RecordedEngine(store, settled.get)
    for drawn, after, until in _stretches(recording.drawn_rounds(store, recorded=True)):
        recording.take_answers(store, after, until)
        with suppress(StoppedEarly):  # as it was the first time
            walk(_until_now(plan, drawn), store, engine, folder)
    recording.take_calls(store)
    recording.take_guidelines(store)
    recording.forget_plans(store)
    plan = open_run(plan, store)
    if rows := allocations.worklist(store):
        write_guideline(plan, store, folder)
        write_worklist(plan, folder, rows)
    measure(plan, store)
    write_lock(plan, store, folder)
    write_report(plan, store, folder)


def _stretches(drawn: Sequence[Drawn]) -> Iterator[tuple[int, datetime | None, datetime | None]]:
    """
    Reviews drawn so far, and the stretch of time whose answers come in before the walk goes on.

    Each stretch ends where a round was drawn; the last one is open, and draws nothing more.
    """
    before: datetime | None = None
    total = 0
    for one in drawn:
        total += one.size
        yield total, before, one.at
        before = one.at
    yield total, before, None


def _until_now(plan: Plan, drawn: int) -> Plan:
    """The plan as it was when so many reviews were drawn; people's answers are those on record."""
    return replace(
        plan,
        spending=replace(plan.spending, reviews=drawn),
        review=plan.review.model_copy(update={"simulate": None}),
        # Drafts are taken over; asking anew would depend on when the run was called.
        writer=None,
        blind_spots=None,
        teacher=None,
    )


def _same_plan(plan: Plan, lock: Mapping[str, Any], run: Path) -> None:
    """
    The plan is the one that the lock tells of.

    Raises:
        StoreError: If it is not; names the files that changed.
    """
    if plan.hash == lock["plan"]:
        return
    then = {one["name"]: one["sha256"] for one in lock.get("inputs", [])}
    now = {one.name: one.sha256 for one in inputs(plan)}
    changed = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    if changed:
        raise StoreError(
            f"{run}: not the recipe and data of this run any more; changed since: {', '.join(changed)}. "
            "Put them back, or go on with `act-spec run`."
        )
    raise StoreError(
        f"{run}: act_spec {plan.versions['act_spec']} makes another plan of this recipe than "
        f"{lock['versions'].get('act_spec', 'the one')} which made the run. Install that version to replay it."
    )


def _same_records(plan: Plan, lock: Mapping[str, Any], store: Store, run: Path) -> None:
    """
    The run holds the replies and answers that the lock tells of.

    Raises:
        StoreError: If it holds others.
    """
    if recording.replies_digest(store) != lock["replies"]:
        raise StoreError(
            f"{run}: its recorded replies are not those of act.lock. Finish it with `act-spec run`; "
            "if it is finished, the records were changed."
        )
    if recording.answers_digest(store, plan.review_key, recorded=True) != lock["answers"]:
        raise StoreError(
            f"{run}: answers of people came in, or were changed, after the figures were made. "
            "Go on with `act-spec run` first."
        )
