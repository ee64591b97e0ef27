"""Which of several settings are worth their cost."""

from __future__ import annotations

from collections.abc import Sequence


def on_front(cost: Sequence[float], value: Sequence[float]) -> list[bool]:
    """
    Whether each setting is on the Pareto front: no other is as good for less, or better for as much.

    Args:
        cost: Of n settings; less is better.
        value: Of the same; more is better.
    """
    settings = list(zip(cost, value, strict=True))
    return [
        not any(
            other_cost <= own_cost and other >= own and (other_cost, other) != (own_cost, own)
            for other_cost, other in settings
        )
        for own_cost, own in settings
    ]
