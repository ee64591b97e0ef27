"""The `random` selector: every open item alike."""

from __future__ import annotations

from act_spec.registry import register
from act_spec.strategies.selecting import Ints, OpenItems, Wanted


@register("selector", "random.v1", drawn=True)
def random(items: OpenItems, wanted: Wanted) -> Ints:
    """
    Take the next items at random.

    The one selector whose labels by people are a random sample, so that they
    tell what the student is worth on the items that are left.

    Args:
        items: Those without a label, sorted by id.
        wanted: How many, by whom.

    Returns:
        Places of the chosen items.
    """
    return items.at_random()[: wanted.total]
