"""The `field_ablation` selector: items that cannot be answered without the fields that matter."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Annotated

import numpy as np
from pydantic import Field

from act_spec.registry import register
from act_spec.strategies.selecting import Ints, OpenItems, Wanted


@register("selector", "field_ablation.v1", trials=True)
def field_ablation(
    items: OpenItems,
    wanted: Wanted,
    *,
    without: tuple[str, ...],  # noqa: ARG001 - the trials are made with it
    repeats: Annotated[int, Field(ge=1, le=100)] = 5,
    contrast: Annotated[int, Field(ge=0, le=100)] = 1,
    hard: Annotated[int, Field(ge=0, le=100)] = 1,
    replace: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1,
) -> Ints:
    """
    Keep the few items that the annotator gets right only with the fields that matter.

    Every open item is answered several times with all fields and as often
    without some. An item is kept if more of its answers are right with them, by
    more than `contrast`, unless all are right: that one teaches nothing. Then
    some of the hard items come in, a random part of those that are right just
    `hard` times with the fields and less often without. Counts are compared as
    whole numbers: as fractions 0.8 - 0.6 would be more than 0.2, and 0.6 - 0.4
    not. It may keep fewer items than are wanted. Right is what `data.gold` says.

    Args:
        items: Those without a label, sorted by id.
        wanted: How many at most, by whom.
        without: Shown fields that are removed.
        repeats: Answers of an item with all fields, and as many without.
        contrast: By how many right answers the fields must be worth more.
        hard: Right answers that a hard item has with all fields.
        replace: Part of the hard items that comes in, rounded down.

    Returns:
        Places of the chosen items, those of the largest contrast first, then the hard ones.

    Raises:
        ValueError: If nothing was tried.

    Source: RAP (arXiv:2506.04755) and its released script; there is no
        attention score here, since no model behind an interface gives one, and
        the script's similarity to the mean is left out.
    """
    if items.trials is None:
        raise ValueError("no item was tried with and without the fields.")
    full, bare = items.trials[:, 0], items.trials[:, 1]
    gained = full - bare
    kept = (gained > contrast) & (full < repeats)
    order = np.flatnonzero(kept)
    order = order[np.lexsort((order, -gained[order]))]
    eligible = (full == hard) & (gained > 0) & ~kept & (full < repeats)
    at_random = items.at_random()
    candidates = at_random[eligible[at_random]]
    taken = candidates[: floor(Fraction(str(replace)) * len(candidates))]
    return np.concatenate([order, taken]).astype(np.int64)[: wanted.total]
