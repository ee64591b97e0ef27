"""After the review: confident errors are grouped into blind spots, and a teacher writes examples against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from act_spec.engine.job import Job
from act_spec.plan.model import Plan
from act_spec.plan.teaching import STAGE, Teaching
from act_spec.recipe.blind_spots import BlindSpots
from act_spec.records import Metric
from act_spec.run.due import unfinished_rounds
from act_spec.run.guiding import write_guideline
from act_spec.run.stage import Engine, Folder, StageReport
from act_spec.store import allocations
from act_spec.store import blind_spots as stored
from act_spec.store.database import Store
from act_spec.store.drafts import accept_rule, draft_rule
from act_spec.store.times import utc_now
from act_spec.strategies.blind_spots import Reviewed, Spot, distinct, find_spots
from act_spec.strategies.nearest import text_of
from act_spec.strategies.teaching import Hypothesis, Lesson

_ROUND = 1
_MOST_COMPARED = 5_000
"""Items that examples are compared with for likeness; with all others only for equality."""


def teach_blind_spots(plan: Plan, store: Store, engine: Engine, folder: Folder) -> Iterator[StageReport]:
    """Record blind spots that reviews have newly shown, each with what the teacher makes of it."""
    told = plan.blind_spots
    if told is None:
        return
    fresh = _fresh(plan, told, store)
    if not fresh:
        return
    if plan.teacher is None:
        now = utc_now()
        with store.transaction():
            for spot in fresh:
                _write_spot(store, plan.blind_spots_key, spot, now)
        yield StageReport(STAGE, len(fresh))
        return
    teaching = Teaching(plan.teacher, told, plan.task, tuple(plan.data.show))
    steps = ((spot.errors[0].item_id, teaching.start(spot)) for spot in fresh)

    def keep(store: Store, settled: Sequence[tuple[str, Any]]) -> None:
        for _, lesson in settled:
            _keep(plan, told, store, lesson)

    progress = engine.execute(Job(STAGE, _ROUND, plan.teacher.models, steps, keep), len(fresh))
    # Its patterns are proposed there as rules.
    write_guideline(plan, store, folder)
    yield StageReport(STAGE, progress.settled)


def spot_metrics(plan: Plan, store: Store) -> list[Metric]:
    """Rows `unknown_unknowns:T`: errors among the reviewed items of which the machine was at least so sure."""
    told = plan.blind_spots
    if told is None:
        return []
    rows = stored.reviewed_rows(store, ())
    known = [row for row in rows if row.confidence is not None]
    note = f"of {len(known):,} reviewed items whose confidence is known"
    made = []
    for threshold in sorted({*told.thresholds, told.confidence}):
        count = sum(
            row.machine_label != row.human_label and (row.confidence or 0.0) >= threshold for row in known
        )
        made.append(Metric(f"unknown_unknowns:{threshold:g}", float(count) if known else None, note=note))
    return [*made, Metric("blind_spots", float(len(stored.blind_spots(store))))]


def take_lesson(
    plan: Plan,
    store: Store,
    spot: int,
    pattern: str,
    examples: Sequence[tuple[str, str, Mapping[str, str]]],
    by: str,
) -> int:
    """
    Record what a person teaches about a blind spot, and return how many examples are new.

    Args:
        plan: The current one.
        store: The run's database, open for writing.
        spot: Number of the blind spot.
        pattern: In words.
        examples: Hypothesis, empty for the pattern itself; label, canonical; and fields.
        by: Who teaches; their own examples count as accepted.
    """
    told = plan.blind_spots or BlindSpots()
    found = next(one for one in stored.blind_spots(store) if one.number == spot)
    held: dict[str, Hypothesis] = {pattern: Hypothesis(pattern, found.human_label)}
    for hypothesis, label, content in examples:
        name = hypothesis or pattern
        one = held.get(name, Hypothesis(name, label))
        held[name] = Hypothesis(one.pattern, one.label, (*one.examples, content))
    written = _distinct(told, store, tuple(held.values()))
    if not written and pattern == found.pattern:
        return 0
    known = {row.number for row in stored.synthetic_rows(store)}
    with store.transaction():
        now = utc_now()
        _write_lesson(store, spot, pattern, tuple(held.values()), written, by, now)
        if pattern != found.pattern:
            labels = (found.human_label, found.machine_label)
            accept_rule(store, draft_rule(store, plan.blind_spots_key, labels, pattern, by, now), by, now)
        new = [row.number for row in stored.synthetic_rows(store) if row.number not in known]
        stored.decide_examples(store, new, (), by, now)
    return len(new)


def _fresh(plan: Plan, told: BlindSpots, store: Store) -> list[Spot]:
    """Blind spots of items that are in none yet, as many as are still to be told."""
    known = stored.blind_spots(store)
    unfinished = unfinished_rounds(plan, store, allocations.worklist(store))
    reviewed = [
        Reviewed(row.item_id, text_of(row.content), row.machine_label, row.human_label, row.confidence)
        for row in stored.reviewed_rows(store, unfinished)
    ]
    found = find_spots(
        reviewed,
        confidence=told.confidence,
        likeness=told.likeness,
        least=told.least,
        taken=frozenset(item for spot in known for item in spot.items),
    )
    return found[: max(0, told.most - len(known))]


def _keep(plan: Plan, told: BlindSpots, store: Store, lesson: Lesson) -> None:
    """In the engine's transaction; what the provider did not answer is not recorded, and asked again."""
    if lesson.status == "provider_error" or plan.teacher is None:
        return
    now = utc_now()
    number = _write_spot(store, plan.blind_spots_key, lesson.spot, now)
    if lesson.status != "ok":
        return
    teacher, examples = plan.teacher.asked("").name, _distinct(told, store, lesson.hypotheses)
    _write_lesson(store, number, lesson.pattern, lesson.hypotheses, examples, teacher, now)
    # A pattern in a model's words reaches people as a proposed rule, which counts once somebody accepts it.
    draft_rule(
        store,
        plan.blind_spots_key,
        (lesson.spot.right, lesson.spot.given),
        lesson.pattern,
        teacher,
        now,
    )


def _write_spot(store: Store, stage_key: str, spot: Spot, now: datetime) -> int:
    items = tuple(one.item_id for one in spot.errors)
    shown = [*items, *(one.item_id for one in spot.contrast)]
    row = stored.SpotRow(0, spot.given, spot.right, items, "", "")
    return stored.write_spot(store, stage_key, row, shown, now)


def _distinct(told: BlindSpots, store: Store, hypotheses: Sequence[Hypothesis]) -> list[stored.NewExample]:
    """The examples without those that are an item, or another example, or nearly so."""
    written = [
        stored.NewExample(number, example, one.label)
        for number, one in enumerate(hypotheses)
        for example in one.examples
    ]
    known = [
        *(text_of(content) for content in stored.compared_contents(store, _MOST_COMPARED)),
        *(text_of(row.content) for row in stored.synthetic_rows(store)),
    ]
    kept = distinct([text_of(one.content) for one in written], known, limit=told.distinct)
    fields = list(written[0].content) if written else []
    equal = {name: stored.same_texts(store, name, [one.content[name] for one in written]) for name in fields}
    return [
        one
        for one, new in zip(written, kept, strict=True)
        if new and not all(one.content[name] in equal[name] for name in fields)
    ]


def _write_lesson(
    store: Store,
    spot: int,
    pattern: str,
    hypotheses: Sequence[Hypothesis],
    examples: Sequence[stored.NewExample],
    teacher: str,
    now: datetime,
) -> None:
    pairs = [(one.pattern, one.label) for one in hypotheses]
    stored.write_lesson(store, spot, pattern, pairs, examples, teacher, now)
