"""The first stage: every item gets its machine label."""

from __future__ import annotations

from act_spec.plan.model import Plan
from act_spec.run.answering import answer
from act_spec.run.stage import Engine, StageReport
from act_spec.store.answers import write_annotations
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope


def annotate(plan: Plan, store: Store, engine: Engine, scope: Scope = EVERY_ITEM) -> StageReport:
    """Label the items that have no label yet; `scope` narrows which."""
    return answer(plan, store, engine, plan.annotate, write_annotations, scope)
