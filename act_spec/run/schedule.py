"""
Which round comes next: how many reviews, spent by which rule.

    pilot      a random sample, before any judge is chosen
    fixed      what the budget has and no round has drawn yet
    automatic  a round at a time, until the target is met or the most is drawn
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from act_spec import registry
from act_spec.plan.model import Plan
from act_spec.run.estimate import look_at_target
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.strategies.estimators.looks import next_batch

_RANDOM = "uniform"


@dataclass(frozen=True)
class NextRound:
    """A round to draw: its number, its reviews, the rule with its parameters and audit; a pilot is all random."""

    number: int
    reviews: int
    rule: str
    parameters: Mapping[str, Any]
    audit_share: float
    pilot: bool = False


def next_round(plan: Plan, store: Store) -> NextRound | None:
    """The round to draw now; None if nothing is to be drawn, or answers are awaited first."""
    earlier = allocations.rounds(store)
    drawn = sum(size for _, _, size in earlier)
    spending = plan.spending
    if spending.pilot and not earlier:
        return NextRound(
            1, spending.pilot, registry.find("allocator", _RANDOM).full_name, {}, 0.0, pilot=True
        )
    left = spending.reviews - drawn
    if spending.target is not None:
        seen = look_at_target(plan, store) if earlier else None
        if allocations.unanswered(store) or (seen is not None and seen.met):
            return None
        left = next_batch(spending.reviews, spending.batch, drawn)
    if left <= 0:
        return None
    return NextRound(len(earlier) + 1, left, spending.rule, spending.parameters, spending.audit_share)
