"""
The walk: stages in order, until people are needed or all is done.

    items ─▶ annotate ─▶ (pilot) ─▶ judge ─▶ allocate ─▶ review ─▶ measure ─▶ report
                                                ▲             │
                                                └── rounds ───┘

A recipe with `rounds` goes from items to measure by `rounds.py` instead. Where
no pilot stands between them and models are asked, `meanwhile.py` lets the judge
go along while the annotator is at work.

Stages know nothing of one another: each reads tables that earlier ones wrote
and writes its own. The same command walks again after an interruption, an
import of answers or an edit of the recipe, and does what is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from act_spec.documents.run_facts import ReportFacts
from act_spec.plan.explain import as_json
from act_spec.plan.model import Plan
from act_spec.plan.renaming import renaming_of
from act_spec.records import canonical_json, sha256
from act_spec.run.allocate import allocate
from act_spec.run.annotate import annotate
from act_spec.run.drafting import draft
from act_spec.run.guiding import rehearse_guideline
from act_spec.run.judge import judge
from act_spec.run.lock import write_lock
from act_spec.run.meanwhile import meanwhile
from act_spec.run.measure import measure
from act_spec.run.pilot import check_fit, decide, draw_pilot, is_decided, with_chosen_judge
from act_spec.run.prepare import prepare
from act_spec.run.report import write_report
from act_spec.run.review_round import review_and_settle
from act_spec.run.rounds import design_of, first_examples, walk_rounds
from act_spec.run.stage import Engine, Folder, StageReport
from act_spec.run.teaching import teach_blind_spots
from act_spec.store import items, plans, reviews
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope
from act_spec.store.scratch import Scratch
from act_spec.store.shards import hold_to_part
from act_spec.store.signs import note_signs
from act_spec.store.staging import stage_items
from act_spec.store.times import utc_now
from act_spec.strategies import sampling
from act_spec.strategies.injection import SIGNS


@dataclass(frozen=True)
class WalkReport:
    """
    Where a walk ended.

    Attributes:
        stages: What each stage did, in order.
        waiting: Answers of people that are still due; 0 if all is done.
        facts: The run as its report tells it; None of a preview, which has none.
        failed: Items without a label or without a judgment.
    """

    stages: tuple[StageReport, ...]
    waiting: int
    facts: ReportFacts | None = None

    @property
    def failed(self) -> int:
        """Annotations and judgments that failed, in the whole run."""
        return sum(sum(stage.failed.values()) for stage in self.stages)


def open_run(plan: Plan, store: Store) -> Plan:
    """
    Make the plan the current one and bring its items into the run, once.

    Returns:
        The plan, with its judge where an earlier pilot has chosen one.

    Raises:
        RecipeError: If a template of the guideline cannot be rendered.
        StoreError: If the run holds another shard, or all items where a shard is meant.
    """
    rehearse_guideline(plan)
    part = (plan.shard.number, plan.shard.of) if plan.shard else None
    hold_to_part(store, part)
    if not items.have_items(store, plan.data.key):
        with Scratch.new() as scratch:
            count = stage_items(scratch, plan.data.query)
            order = sampling.seeded_order(count, plan.seed)
            with store.transaction():
                items.keep_items(store, scratch, plan.data.key, order, plan.data.sample, part)
    plan = with_chosen_judge(plan, store)
    now = utc_now()
    renaming = renaming_of(plan.task)
    if renaming:
        reviews.carry_over(store, plan.former_review_keys, plan.review_key, renaming.label)
    plans.make_current(
        store, plan.hash, canonical_json(as_json(plan)), plan.keys, plan.max_weight, now, design_of(plan)
    )
    if plan.spending.injection:
        note_signs(store, plan.data.key, SIGNS)
    return plan


def walk(plan: Plan, store: Store, engine: Engine, folder: Folder) -> WalkReport:
    """
    Do everything that can be done now.

    Whatever ends the walk early, the figures are brought up to date first:
    items are walked in random order, so what is done is a random sample.

    Raises:
        StoppedEarly: If the cap, the provider or the user ended it, or the
            annotator proved unfit.
    """
    plan = open_run(plan, store)
    prepare(plan, store, partial(engine.tell, "prepare"))
    try:
        walked = list(stages(plan, store, engine, folder))
    finally:
        plan = with_chosen_judge(plan, store)
        with store.at_rest("labels"):
            measured = measure(plan, store)
            write_lock(plan, store, folder)
            facts = write_report(plan, store, folder)
    return WalkReport((*walked, measured), walked[-1].waiting, facts)


def stages(plan: Plan, store: Store, engine: Engine, folder: Folder | None) -> Iterator[StageReport]:
    """
    The stages in order, one round of reviews at a time.

    A pilot is drawn at random and reviewed before the judge is chosen; an
    automatic budget looks at the estimate after each round. Without a folder
    nothing is written for people to read.
    """
    if plan.rounds is not None:
        yield from walk_rounds(plan, plan.rounds, store, engine, folder)
        return
    together = meanwhile(plan, store, engine, EVERY_ITEM)
    yield annotate(plan, store, engine, then=together)
    if plan.spending.pilot and not is_decided(plan, store):
        yield from draw_pilot(plan, store, engine)
        report = review_and_settle(plan, store, folder)
        yield report
        if report.waiting:
            return
        plan = decide(plan, store)
    yield judge(plan, store, engine, together=together)
    while True:
        check_fit(plan, store)
        drawn = allocate(plan, store)
        yield drawn
        report = review_and_settle(plan, store, folder)
        # After people have what they need, so that nothing that fails here keeps them waiting.
        if folder is not None:
            yield from draft(plan, store, engine, folder)
            yield from teach_blind_spots(plan, store, engine, folder)
        yield report
        if report.waiting or not drawn.settled:
            return


def preview(plan: Plan, store: Store, engine: Engine, limit: int, *, side_by_side: bool = True) -> WalkReport:
    """
    Label and judge the walk's first items, and stop before people are asked.

    Args:
        plan: What to do.
        store: The run's database.
        engine: Where requests run.
        limit: How many items.
        side_by_side: Whether the judge may go along while the annotator is at work.
    """
    if plan.rounds is not None:
        # Rows of a preview are no labels that a round has chosen.
        key = sha256(["preview", plan.annotate.key])
        plan = replace(plan, annotate=replace(plan.annotate, key=key))
    plan = open_run(plan, store)
    prepare(plan, store, partial(engine.tell, "prepare"), first=limit)
    scope = Scope(first=limit)
    together = meanwhile(plan, store, engine, scope) if side_by_side else None
    annotated = annotate(plan, store, engine, scope, first_examples(plan), together)
    judged = judge(plan, store, engine, scope, together)
    return WalkReport((annotated, judged), 0)
