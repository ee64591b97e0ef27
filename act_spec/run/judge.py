"""The second stage: every machine label gets an error probability."""

from __future__ import annotations

from dataclasses import replace

from act_spec import registry
from act_spec.plan.model import Answering, Plan
from act_spec.run.answering import answer, failures
from act_spec.run.asking import ROUND
from act_spec.run.meanwhile import Meanwhile
from act_spec.run.stage import Engine, StageReport
from act_spec.store import plans
from act_spec.store.answers import (
    combine_judgments,
    raw_scores,
    score_by_confidence,
    write_ranks,
)
from act_spec.store.database import Store
from act_spec.store.pending import EVERY_ITEM, Scope
from act_spec.strategies.ranks import percentile_ranks


def judge(
    plan: Plan, store: Store, engine: Engine, scope: Scope = EVERY_ITEM, together: Meanwhile | None = None
) -> StageReport:
    """
    Judge the labels that are not judged yet; a recipe without a judge skips this stage.

    With `judge.on` only those are judged that the annotator was least sure
    of; the others' error probability is one minus its confidence, and their
    judge is called `confidence`. Where the pilot chose a combination, each of
    its parts judges under its own name first.

    Args:
        plan: What to do.
        store: The run's database.
        engine: Where requests run.
        scope: Narrows which items.
        together: What was judged while the annotator was at work, and is not tried again.
    """
    if plan.judge is None:
        return StageReport("judge")
    judge_ = plan.judge
    if judge_.parts:
        return _combine(plan, store, engine, scope)
    if together is not None and together.progress is not None:
        _rank(judge_, store)
        return StageReport(judge_.stage, together.progress.settled, failures(store, judge_.stage))
    if judge_.judged is None or scope.drawn:
        report = answer(plan, store, engine, judge_, scope)
        _rank(judge_, store)
        return report
    report = answer(plan, store, engine, judge_, replace(scope, least_sure=judge_.judged))
    _rank(judge_, store)
    settled = score_by_confidence(store, judge_.key, ROUND, scope)
    return replace(report, settled=report.settled + settled)


def _combine(plan: Plan, store: Store, engine: Engine, scope: Scope) -> StageReport:
    """Let every part judge, and put their mean in the combination's rows; reviews may weigh the parts later."""
    whole = plan.judge
    if whole is None:
        return StageReport("judge")
    for part in whole.parts:
        plans.show_rows_of(store, "judge", part.key)
        judge(plan.with_judge(part), store, engine, scope)
    plans.show_rows_of(store, "judge", whole.key)
    settled = combine_judgments(
        store, whole.key, ROUND, whole.name, {part.name: part.key for part in whole.parts}
    )
    return StageReport("judge", settled, failures(store, "judge"))


def _rank(judge_: Answering, store: Store) -> None:
    """Scores that only order the items become percentile ranks over the run; the raw score stays in `units`."""
    if not registry.find("judge", judge_.strategy).traits.get("rank"):
        return
    items, scores = raw_scores(store, judge_.key)
    if items:
        write_ranks(store, judge_.key, items, percentile_ranks(scores))
