"""The first stage: every item gets its machine label."""

from __future__ import annotations

from act_spec.plan.model import Plan
from act_spec.records import Pool
from act_spec.run.answering import answer
from act_spec.run.meanwhile import Meanwhile
from act_spec.run.stage import Engine, StageReport
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope


def annotate(
    plan: Plan,
    store: Store,
    engine: Engine,
    scope: Scope = EVERY_ITEM,
    examples: Pool | None = None,
    then: Meanwhile | None = None,
) -> StageReport:
    """
    Label the items that have no label yet.

    Args:
        plan: What to do.
        store: The run's database.
        engine: Where requests run.
        scope: Narrows which items.
        examples: In rounds, a pool in the place of the strategy's own.
        then: Judges its labels as they come.
    """
    return answer(plan, store, engine, plan.annotate, scope, examples, then)
