"""What the reviews can change and tell, before any machine label exists: on assumed scores, and saying so."""

from __future__ import annotations

from functools import partial

from act_spec import registry
from act_spec.plan.model import Forecast, Spending
from act_spec.strategies.estimators.forecast import forecast_rule
from act_spec.strategies.sampling import audit_size

ASSUMED_ERROR_RATE = 0.15
_AT_MOST = 1_000_000
_RIVAL = "sqrt"
_BETTER = 0.9


def forecast(items: int, spending: Spending, seconds_per_item: float, *, chosen: bool = False) -> Forecast:
    """
    Forecast a budget's effect at an assumed error rate of 15%, which is ours.

    The interval of more than a million items is that of a million: it depends
    on the number of reviews, hardly on how many items they speak for. Where
    rounds choose what is labelled, only the hours are known.
    """
    if chosen:
        return Forecast(0.0, None, ASSUMED_ERROR_RATE, None, spending.reviews * seconds_per_item / 3600)
    count = min(items, max(_AT_MOST, spending.reviews))
    own = _half_width(spending.rule, spending, count)
    rival = registry.find("allocator", _RIVAL)
    other = None
    if spending.rule != rival.full_name:
        width = _half_width(rival.full_name, spending, count)
        if width is not None and (own is None or width < _BETTER * own):
            other = (_RIVAL, width)
    return Forecast(
        most_changed=spending.reviews / items if items else 0.0,
        half_width=own,
        error_rate=ASSUMED_ERROR_RATE,
        other_rule=other,
        hours=spending.reviews * seconds_per_item / 3600,
    )


def _half_width(rule: str, spending: Spending, count: int) -> float | None:
    """Of the accuracy's 95% interval under that rule; its own parameters where it is the recipe's."""
    entry = registry.find("allocator", rule)
    parameters = spending.parameters if rule == spending.rule else {}
    audit = audit_size(spending.reviews, spending.audit_share) if entry.traits.get("audit", True) else 0
    try:
        made = forecast_rule(
            count, spending.reviews, audit, partial(entry.build, **parameters), ASSUMED_ERROR_RATE
        )
    except ValueError:
        # The rule cannot spend this budget; the run says so where it matters.
        return None
    return made.half_width
