"""
A plan beside a run that is there: what would be called again, and what becomes of people's answers.

The stages themselves are walked over a copy of the run's records, with an
engine that counts requests instead of sending them, so that what is said
here and what `run` then does cannot drift apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from act_spec.documents.plan_diff import Change, PeoplesAnswers, PlanDiff, StageCalls
from act_spec.engine.counting import CountingEngine, key_of
from act_spec.engine.job import Job
from act_spec.plan.model import Answering, Plan
from act_spec.plan.prompting import Asking
from act_spec.records import Annotation, Item
from act_spec.run.annotate import annotate
from act_spec.run.judge import judge
from act_spec.run.pilot import is_decided
from act_spec.run.prepare import prepare
from act_spec.run.walk import open_run
from act_spec.run.whose import refuse_anothers
from act_spec.store import recording, reviews
from act_spec.store.answers import labels_before
from act_spec.store.calls import known_replies
from act_spec.store.database import Store
from act_spec.store.pending import Scope
from act_spec.store.plans import current_plan

MOST_ITEMS = 20_000
"""More items than this are not counted one by one, but taken from the walk's first so many."""
_CHUNK = 256


def difference(plan: Plan, database: Path) -> PlanDiff | None:
    """
    Compare a plan with the run that stands in its folder.

    Args:
        plan: As the recipe says it now.
        database: The run's file; it is left as it is.

    Returns:
        None if nothing was run there yet.

    Raises:
        StoreError: If another process writes the run, or it cannot be read.
    """
    with recording.copy_of(database) as store:
        refuse_anothers(plan.recipe_path, store, database.parent)
        before = current_plan(store)
        if before is None:
            return None
        return _difference(open_run(plan, store), store, before[0], json.loads(before[1]))


def _difference(plan: Plan, store: Store, hash_before: str, former: Mapping[str, Any]) -> PlanDiff:
    values = former.get("values")  # runs of earlier versions do not say
    changes = tuple(_changes(values, plan.values)) if values else ()
    first = min(plan.data.items, MOST_ITEMS)
    scope = Scope(first=first) if first < plan.data.items else Scope()
    counting = CountingEngine(store)
    prepare(plan, store, partial(counting.tell, "prepare"), scope.first)
    annotated = _annotating(plan, store, counting, scope)
    judged = _judging(plan, store, counting, scope)
    stages = tuple(_scaled(one, plan.data.items / first) for one in (annotated, *judged))
    keys = former["keys"]
    return PlanDiff(
        plan_hash=plan.hash,
        plan_before=hash_before,
        changes=changes,
        stages=tuple(_with_reasons(one, keys, plan, changes) for one in stages),
        people=_people(plan, store, keys),
        drawn_anew=keys["allocate"] != plan.spending.key,
        about=first < plan.data.items,
    )


def _annotating(plan: Plan, store: Store, counting: CountingEngine, scope: Scope) -> StageCalls:
    before = _settled(store, "annotations")
    if plan.rounds is not None:
        # Which items are asked about follows from labels that are still to come.
        most = max(0, plan.annotate.calls - before * plan.annotate.calls_per_item)
        return StageCalls(
            "annotate", plan.annotate.name, low=0, high=most, cost_usd=_cost(plan.annotate, 0, most)
        )
    annotate(plan, store, counting, scope)
    return _counted(plan.annotate, counting, _settled(store, "annotations") - before)


def _judging(plan: Plan, store: Store, counting: CountingEngine, scope: Scope) -> Iterator[StageCalls]:
    """Judgments of labels that are there, and of those that are still to come."""
    if plan.judge is None:
        return
    if plan.candidates and not is_decided(plan, store):
        # Which items candidates judge follows from a pilot that is not drawn yet.
        for one in plan.candidates:
            yield StageCalls("judge", one.name, low=0, high=one.calls, cost_usd=_cost(one, 0, one.calls))
        return
    unlabelled = counting.counts[plan.annotate.stage].open if plan.annotate.stage in counting.counts else {}
    if unlabelled and (plan.judge.judged is not None or plan.judge.parts):
        # Whom the annotator is least sure of is not known before it has answered.
        high = max(plan.judge.calls, sum(part.calls for part in plan.judge.parts))
        yield StageCalls("judge", plan.judge.name, low=0, high=high, cost_usd=_cost(plan.judge, 0, high))
        return
    before = _settled(store, "judgments")
    judge(plan, store, counting, scope)
    made = _counted(plan.judge, counting, _settled(store, "judgments") - before)
    if plan.judge.model is None or not unlabelled:
        yield made
        return
    known = counting.counts[plan.judge.stage].missing if plan.judge.stage in counting.counts else set()
    surely, perhaps = _to_come(plan, plan.judge, store, list(unlabelled), known)
    further = (plan.judge.calls_per_item - 1) * len(unlabelled)
    low, high = made.low + surely, made.high + surely + perhaps + max(0, further)
    yield replace(
        made, low=low, high=high, items=made.items + len(unlabelled), cost_usd=_cost(plan.judge, low, high)
    )


def _to_come(plan: Plan, role: Answering, store: Store, items: list[str], known: set[str]) -> tuple[int, int]:
    """
    Calls that judging labels to come surely makes, and that it perhaps makes.

    A recorded reply can only be of use to an item that comes out with a label
    that it had before: those are tried.
    """
    asking = Asking(role, plan.task, plan.data.show, plan.recipe_path.parent)
    job = Job(role.stage, 1, role.models, iter(()), lambda _store, _settled: None)
    sure: set[str] = set()
    perhaps = 0
    for start in range(0, len(items), _CHUNK):
        tried = {
            item.item_id: [key for label in labels for key in _keys(asking, job, item, label)]
            for item, labels in labels_before(store, items[start : start + _CHUNK])
        }
        found = known_replies(store, [key for keys in tried.values() for key in keys])
        for item_id, keys in tried.items():
            if any(key in found for key in keys):
                perhaps += 1
            else:
                # Equal texts share a call, whatever their label.
                sure |= set(keys[:1] or [item_id]) - known
    return len(sure), perhaps


def _keys(asking: Asking, job: Job, item: Item, label: Annotation) -> list[str]:
    """Keys of what is asked first of an item with this label; none where the label is none any more."""
    try:
        return [key_of(job, one) for one in next(asking.start(item, label))]
    except ValueError:
        return []


def _counted(role: Answering, counting: CountingEngine, settled: int) -> StageCalls:
    count = counting.counts.get(role.stage)
    if count is None:
        return StageCalls(role.stage, role.name, items=settled)
    low = len(count.missing)
    further = sum(max(0, role.calls_per_item - asked) for asked in count.open.values())
    return StageCalls(
        role.stage,
        role.name,
        items=settled + len(count.open),
        low=low,
        high=low + further,
        cached=len(count.found),
        cost_usd=_cost(role, low, low + further),
    )


def _settled(store: Store, view: str) -> int:
    return int(store.one(f"SELECT count(*) FROM {view} WHERE status <> 'provider_error'")[0])  # noqa: S608 - our own names


def _cost(role: Answering, low: int, high: int) -> tuple[float, float, float] | None:
    """Low, likely and high, in the proportion of the calls; None where the price is unknown."""
    if role.cost_usd is None:
        return None
    share = 1 / role.calls if role.calls else 0.0
    cost = role.cost_usd
    return cost.low * low * share, cost.likely * (low + high) / 2 * share, cost.high * high * share


def _scaled(one: StageCalls, factor: float) -> StageCalls:
    if factor == 1:
        return one
    counts = {name: round(getattr(one, name) * factor) for name in ("items", "low", "high", "cached")}
    cost = one.cost_usd
    if cost is not None:
        cost = (cost[0] * factor, cost[1] * factor, cost[2] * factor)
    return replace(one, **counts, cost_usd=cost)


_BEHIND: Mapping[str, tuple[str, ...]] = {
    "annotate": ("task", "data.show", "data.id", "data.source", "annotator"),
    "judge": ("task", "data.show", "data.id", "data.source", "annotator", "judge", "judges"),
}


def _with_reasons(
    one: StageCalls, keys: Mapping[str, str], plan: Plan, changes: tuple[Change, ...]
) -> StageCalls:
    """Why a stage settles its items again: the changed parts of the recipe that it rests on, or the data."""
    if keys[one.stage] == plan.keys[one.stage]:
        return one
    reasons = [
        change.path
        for change in changes
        if any(change.path == start or change.path.startswith(f"{start}.") for start in _BEHIND[one.stage])
    ]
    return replace(one, reasons=tuple(reasons or ["the data changed"]))


def _people(plan: Plan, store: Store, keys: Mapping[str, str]) -> PeoplesAnswers:
    before = reviews.answered_items(store, keys["review"])
    now = reviews.answered_items(store, plan.review_key)
    here = {row[0] for row in store.rows("SELECT item_id FROM items")}
    kept = before & now
    return PeoplesAnswers(
        kept=len(kept & here),
        renamed=keys["review"] in plan.former_review_keys,
        aside=len(before - now),
        back=len((now - before) & here),
        gone=len(kept - here),
        leaning=plan.review.reveal == "ask" and keys["annotate"] != plan.annotate.key and bool(kept),
    )


def _changes(before: Any, now: Any, path: str = "") -> Iterator[Change]:
    """Every place at which two recipes differ; lists that order named parts are compared by name."""
    if _names(before) != _names(now) and sorted(_names(before)) == sorted(_names(now)):
        yield Change(path, _names(before), _names(now))
    before, now = _by_name(before), _by_name(now)
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*before, *(key for key in now if key not in before)]:
            yield from _changes(before.get(key), now.get(key), f"{path}.{key}".lstrip("."))
    elif before != now:
        yield Change(path, before, now)


def _names(value: Any) -> list[str]:
    """Of a list of named parts; empty for anything else."""
    if not isinstance(value, list) or not all(isinstance(one, dict) and "name" in one for one in value):
        return []
    return [one["name"] for one in value]


def _by_name(value: Any) -> Any:
    if _names(value):
        return {one["name"]: {key: part for key, part in one.items() if key != "name"} for one in value}
    return value
