"""When a recipe costs more than its cap: a few shapes of it that fit, each a change of one line."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from act_spec.plan.model import Answering, Plan, Range

_LEAST_SHARE = 0.01


def over_cap(plan: Plan) -> bool:
    """Whether the likely cost of the calls is more than the cap."""
    cost, cap = plan.cost_usd, plan.spending.spend_usd
    return cost is not None and cap is not None and cost.likely > cap


def shapes(plan: Plan) -> list[str]:
    """
    Changes of the recipe that bring the likely cost under the cap, cheapest in quality first.

    Empty where the cost fits already, or a price is unknown.
    """
    cap = plan.spending.spend_usd
    return list(_shapes(plan, cap)) if cap is not None and over_cap(plan) else []


def _shapes(plan: Plan, cap: float) -> Iterator[str]:
    annotate, judge = plan.annotate.cost_usd or Range(0, 0, 0), _judge_cost(plan.judge)
    left = cap - annotate.likely
    if judge and left > 0 and left / judge >= _LEAST_SHARE:
        share = floor(100 * left / judge)
        if 0 < share < 100:
            yield (
                f"judge.on: {share}%: only the {share}% that the annotator was least sure of are judged, "
                f"the others scored by its confidence (likely ${annotate.likely + judge * share / 100:,.2f})"
            )
    if judge and left > 0:
        yield (
            "judge: {strategy: confidence} beside annotator.strategy: {name: direct, confidence: true}: "
            f"no calls to a judge (likely ${annotate.likely:,.2f})"
        )
    total = annotate.likely + judge
    items = floor(plan.data.items * cap / total)
    if 0 < items < plan.data.items:
        yield f"data.sample: {items}: a random {items:,} of the {plan.data.items:,} items (likely ${total * items / plan.data.items:,.2f})"


def _judge_cost(judge: Answering | None) -> float:
    return judge.cost_usd.likely if judge is not None and judge.cost_usd is not None else 0.0
