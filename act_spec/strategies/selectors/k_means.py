"""The `k_means` selector: items that differ from one another."""

from __future__ import annotations

from act_spec.registry import register
from act_spec.strategies.clusters import clusters, text_vectors
from act_spec.strategies.selecting import Ints, OpenItems, Wanted


@register("selector", "k_means.v1")
def k_means(items: OpenItems, wanted: Wanted) -> Ints:
    """
    Take items unlike one another: of as many clusters as are wanted, the one nearest to each centre.

    Texts are compared by their words and pieces of words, so it works from the
    first round on and needs no student. It reads text alone: fields of files
    count by their names.

    Args:
        items: Those without a label, sorted by id.
        wanted: How many, by whom.

    Returns:
        Places of the chosen items.

    Source: LLMaAA (arXiv:2310.19596), which clusters the student's own
        embeddings; hashed TF-IDF in their place is ours.
    """
    found = clusters(text_vectors(items.texts), wanted.total, (items.seed, items.round_number))
    return found.nearest_in_turn()[: wanted.total]
