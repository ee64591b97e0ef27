"""The `cluster_uncertainty` selector: people get what is uncertain, the model what is typical."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from act_spec.registry import register
from act_spec.strategies.clusters import clusters, in_turn, text_vectors
from act_spec.strategies.selecting import Ints, OpenItems, Wanted, doubts, entropies, highest_first

_MOST = 100


@register("selector", "cluster_uncertainty.v1", student=True)
def cluster_uncertainty(
    items: OpenItems,
    wanted: Wanted,
    *,
    clusters_: Annotated[int | None, Field(ge=1)] = None,
    explore: Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)] = None,
    by: Literal["entropy", "least_confidence"] = "entropy",
) -> Ints:
    """
    Explore by cluster, exploit by uncertainty; what is uncertain goes to people first.

    The open items are clustered by their words. Exploration takes of every
    cluster in turn the item nearest to its centre; exploitation takes, of every
    cluster in turn, the item that the student is least sure of, and names those
    first. Before there is a student everything is exploration.

    Args:
        items: Those without a label, sorted by id.
        wanted: How many, by whom.
        clusters_: How many clusters; as many as items are wanted, at most 100,
            if not given.
        explore: Part of the wanted items that explore, in [0, 1]; as many as
            the model labels, if not given.
        by: How the student's doubt is measured.

    Returns:
        Places of the chosen items, the uncertain ones first.

    Source: IMFL (arXiv:2310.20153), which combines clusters and uncertainty;
        the split, the number of clusters, the turns and hashed TF-IDF vectors
        are ours.
    """
    total = min(wanted.total, len(items))
    count = clusters_ or min(_MOST, max(1, wanted.total))
    found = clusters(text_vectors(items.texts), count, (items.seed, items.round_number))
    typical = found.nearest_in_turn()
    if items.beliefs is None:
        return typical[:total]
    explored = min(total, wanted.model if explore is None else round(explore * wanted.total))
    scores = (entropies if by == "entropy" else doubts)(items.beliefs, "mean")
    least_sure = highest_first(scores)
    # Within each turn the least sure of all clusters stand first.
    uncertain = in_turn(found.member[least_sure], least_sure)[: total - explored]
    rest = typical[~np.isin(typical, uncertain)]
    return np.concatenate([uncertain, rest[:explored]])
