"""The `least_confidence` selector: what the student is least sure of."""

from __future__ import annotations

from act_spec.registry import register
from act_spec.strategies.selecting import Ints, OpenItems, Reduction, Wanted, doubts, highest_first


@register("selector", "least_confidence.v1", student=True)
def least_confidence(items: OpenItems, wanted: Wanted, *, reduction: Reduction = "mean") -> Ints:
    """
    Take the items whose likeliest label the student thinks least likely.

    In the first round there is no student, and items are taken at random.

    Args:
        items: Those without a label, sorted by id.
        wanted: How many, by whom.
        reduction: Where a label has several parts, such as the tokens of a
            text or the labels of a set: whether an item counts by their mean
            or by their sum, which prefers long items.

    Returns:
        Places of the chosen items, the least sure first.

    Source: LLMaAA (arXiv:2310.19596), which sums over tokens for CoNLL03.
    """
    if items.beliefs is None:
        return items.at_random()[: wanted.total]
    return highest_first(doubts(items.beliefs, reduction))[: wanted.total]
