"""The second stage: every machine label gets an error probability."""

from __future__ import annotations

from act_spec.plan.model import Plan
from act_spec.run.answering import answer
from act_spec.run.stage import Engine, StageReport
from act_spec.store.answers import write_judgments
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope


def judge(plan: Plan, store: Store, engine: Engine, scope: Scope = EVERY_ITEM) -> StageReport:
    """Judge the labels that are not judged yet; a recipe without a judge skips this stage."""
    if plan.judge is None:
        return StageReport("judge")
    return answer(plan, store, engine, plan.judge, write_judgments, scope)
