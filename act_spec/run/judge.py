"""The second stage: every machine label gets an error probability."""

from __future__ import annotations

from dataclasses import replace

from act_spec.plan.model import Plan
from act_spec.run.answering import ROUND, answer
from act_spec.run.stage import Engine, StageReport
from act_spec.store.answers import score_by_confidence, write_judgments
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope


def judge(plan: Plan, store: Store, engine: Engine, scope: Scope = EVERY_ITEM) -> StageReport:
    """
    Judge the labels that are not judged yet; a recipe without a judge skips this stage.

    With `judge.on` only those are judged that the annotator was least sure
    of; the others' error probability is one minus its confidence, and their
    judge is called `confidence`.
    """
    if plan.judge is None:
        return StageReport("judge")
    judge_ = plan.judge
    if judge_.judged is None or scope.drawn:
        return answer(plan, store, engine, judge_, write_judgments, scope)
    report = answer(plan, store, engine, judge_, write_judgments, replace(scope, least_sure=judge_.judged))
    settled = score_by_confidence(store, judge_.key, ROUND, scope)
    return replace(report, settled=report.settled + settled)
