"""A model drafts rules where labels are confused; none of them counts until a person has accepted it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from act_spec.engine.job import Job
from act_spec.plan.model import Answering, Plan
from act_spec.plan.writing import MOST_DISPUTES, STAGE, Drafting
from act_spec.run.due import unfinished_rounds
from act_spec.run.guiding import confused_labels, confused_pairs, write_guideline
from act_spec.run.stage import Engine, Folder, StageReport
from act_spec.store import allocations, conflicts
from act_spec.store.database import Store
from act_spec.store.drafts import arguments, asked_disputes, write_drafts
from act_spec.store.times import utc_now
from act_spec.strategies.drafting import Dispute, as_item

_ROUND = 1


def draft(plan: Plan, store: Store, engine: Engine, folder: Folder) -> Iterator[StageReport]:
    """Ask for rules about the pairs that are confused most, once each; nothing without a writer."""
    if plan.writer is None:
        return
    disputes = _disputes(plan, store, plan.writer)
    if not disputes:
        return
    drafting = Drafting(plan.writer, plan.task)
    steps = ((as_item(one).item_id, drafting.start(one)) for one in disputes)
    job = Job(STAGE, _ROUND, plan.writer.models, steps, partial(_keep, plan.writer))
    progress = engine.execute(job, len(disputes))
    write_guideline(plan, store, folder)
    yield StageReport(STAGE, progress.settled)


def _disputes(plan: Plan, store: Store, writer: Answering) -> list[Dispute]:
    asked = asked_disputes(store, writer.key)
    unfinished = unfinished_rounds(plan, store, allocations.worklist(store))
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for label, suggested, words in arguments(store, unfinished):
        for pair in confused_labels(plan.task, label, suggested):
            said[pair].append(words)
    ranked = confused_pairs(plan.task, conflicts.confusable_pairs(store))
    wanted = [(pair.label, pair.other) for pair in ranked]
    fresh = [pair for pair in wanted if pair not in asked and said[pair]]
    return [Dispute(*pair, tuple(said[pair])) for pair in fresh[: max(0, MOST_DISPUTES - len(asked))]]


def _keep(writer: Answering, store: Store, settled: Sequence[tuple[str, Any]]) -> None:
    now = utc_now()
    drafted = [(one.label, one.other, one.status, one.rules) for _, one in settled]
    write_drafts(store, writer.key, writer.name, drafted, now)
