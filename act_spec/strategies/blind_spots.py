"""Where the machine is sure and wrong: confident errors that reviews found, and the blind spots that they form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.nearest import TextIndex

MOST_ERRORS = 500
"""Most errors of one pair of labels that are compared with one another, the surest first."""


@dataclass(frozen=True)
class Reviewed:
    """
    An item that people have labelled.

    Attributes:
        item_id: Its id.
        text: Its fields, as one text.
        given: The machine's label.
        right: People's.
        confidence: How sure the machine was of its label, in [0, 1]; None where that is not known.
    """

    item_id: str
    text: str
    given: str
    right: str
    confidence: float | None


@dataclass(frozen=True)
class Spot:
    """
    Confident errors that are alike.

    Attributes:
        given: The label that the machine gives.
        right: The label that people give.
        errors: The items, the surest first.
        contrast: Items like these that the machine labelled rightly, the most like first.
    """

    given: str
    right: str
    errors: tuple[Reviewed, ...]
    contrast: tuple[Reviewed, ...] = ()


def unknown_unknowns(
    confidence: NDArray[np.float64], wrong: NDArray[np.bool_], thresholds: Sequence[float]
) -> list[int]:
    """
    How many errors are made with a confidence of at least each threshold.

    Args:
        confidence: Shape (n,), NaN where not known: such an item is never counted.
        wrong: Shape (n,).
        thresholds: In [0, 1].

    Source: arXiv:2403.17860; its thresholds are not public.
    """
    return [int((wrong & (confidence >= threshold)).sum()) for threshold in thresholds]


def find_spots(
    reviewed: Sequence[Reviewed],
    *,
    confidence: float,
    likeness: float,
    least: int,
    taken: frozenset[str] = frozenset(),
    contrasts: int = 4,
    most_compared: int = 5_000,
) -> list[Spot]:
    """
    Group confident errors by what was taken for what, and by wording.

    Errors of one pair of labels are joined as long as their likeness is at
    least `likeness` on average between any two groups (average linkage over
    the cosine of weighted words and pieces of words; rare ones weigh most).

    Args:
        reviewed: Items with people's labels.
        confidence: From how sure on an error counts.
        likeness: In [0, 1].
        least: Fewest errors of a blind spot.
        taken: Errors that belong to blind spots found before.
        contrasts: Most rightly labelled items that are put beside each.
        most_compared: Most rightly labelled items that are looked at, a seeded choice.

    Returns:
        The largest first, of equal ones the surest.

    Source: that such errors cluster is from arXiv:2403.17860; how is ours.
    """
    by_labels: defaultdict[tuple[str, str], list[Reviewed]] = defaultdict(list)
    for one in reviewed:
        sure = one.confidence is not None and one.confidence >= confidence
        if one.given != one.right and sure and one.item_id not in taken:
            by_labels[one.given, one.right].append(one)
    if not by_labels:
        return []
    kept, found = _some_right(reviewed, most_compared), []
    right = range(len(kept))
    for errors in by_labels.values():
        found.append(range(len(kept), len(kept) + min(MOST_ERRORS, len(errors))))
        kept += sorted(errors, key=lambda one: (-_sureness(one), one.item_id))[:MOST_ERRORS]
    index = TextIndex([one.text for one in kept])
    spots = [
        _spot(kept, group, right, index, contrasts)
        for places in found
        for group in _alike(places, index, likeness)
        if len(group) >= least
    ]
    return sorted(
        spots, key=lambda spot: (-len(spot.errors), -_sureness(spot.errors[0]), spot.errors[0].item_id)
    )


def _some_right(reviewed: Sequence[Reviewed], most: int) -> list[Reviewed]:
    right = [one for one in reviewed if one.given == one.right]
    if len(right) > most:
        right.sort(key=lambda one: sha256(one.item_id.encode()).digest())
    return right[:most]


def _sureness(one: Reviewed) -> float:
    return one.confidence or 0.0


def _alike(places: Sequence[int], index: TextIndex, likeness: float) -> list[list[int]]:
    """The places in groups, each in the given order."""
    if len(places) < 2:
        return [list(places)]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    near = np.array([index.likeness(index.texts[place])[list(places)] for place in places])
    apart = np.clip(1 - (near + near.T) / 2, 0, 1)
    np.fill_diagonal(apart, 0)
    number = fcluster(
        linkage(squareform(apart, checks=False), "average"), 1 - likeness + 1e-12, criterion="distance"
    )
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, group in zip(places, number.tolist(), strict=True):
        groups[group].append(place)
    return list(groups.values())


def _spot(
    reviewed: Sequence[Reviewed],
    group: Sequence[int],
    right: Sequence[int],
    index: TextIndex,
    contrasts: int,
) -> Spot:
    errors = tuple(reviewed[place] for place in group)
    like = np.mean([index.likeness(one.text) for one in errors], axis=0)
    ranked = sorted(right, key=lambda place: (-float(like[place]), reviewed[place].item_id))
    beside = tuple(reviewed[place] for place in ranked[:contrasts])
    return Spot(errors[0].given, errors[0].right, errors, beside)


def distinct(written: Sequence[str], known: Sequence[str], *, limit: float) -> list[bool]:
    """
    Which texts are none that is there already, or nearly so.

    Args:
        written: Texts in the order in which they were written; of two alike the first stays.
        known: Texts that are there.
        limit: From which likeness on, in (0, 1], a text is no other.
    """
    if not written:
        return []
    index = TextIndex([*known, *written])
    kept = [True] * len(written)
    for number, text in enumerate(written):
        like = index.likeness(text)
        near = like[: len(known)].max(initial=0.0)
        before = [float(like[len(known) + earlier]) for earlier in range(number) if kept[earlier]]
        # Rounding must not let a copy through where the limit is 1.
        kept[number] = max([float(near), *before]) < limit - 1e-9
    return kept
