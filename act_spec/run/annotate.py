"""The first stage: every item gets its machine label."""

from __future__ import annotations

from act_spec.plan.model import Plan
from act_spec.run.answering import answer
from act_spec.run.stage import Engine, StageReport
from act_spec.store.answers import write_annotations
from act_spec.store.database import Store


def annotate(plan: Plan, store: Store, engine: Engine, limit: int | None = None) -> StageReport:
    """Label the items that have no label yet; `limit` takes the walk's first ones only."""
    return answer(plan, store, engine, plan.annotate, write_annotations, limit)
