"""Texts as vectors of whole numbers, and k-means on them: the same clusters on every platform."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.strategies.nearest import features

WIDTH = 512
_SCALE = 4096
_PASSES = 25
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def text_vectors(texts: Sequence[str]) -> Floats:
    """
    TF-IDF of words and pieces of words, hashed to 512 signed sums, in whole numbers.

    Whole numbers this small multiply and add without rounding in float64, in
    whatever order a machine's linear algebra takes them.

    Returns:
        Shape (n, 512), rows of length about 4096, zeros for an empty text.
    """
    counted = [features(text) for text in texts]
    known: dict[str, tuple[int, int]] = {}
    held: dict[str, int] = {}
    for counts in counted:
        for name in counts:
            held[name] = held.get(name, 0) + 1
    for name in held:
        bits = zlib.crc32(name.encode("utf-8", "surrogatepass"))
        known[name] = (bits % WIDTH, 1 if bits & 0x8000_0000 else -1)
    made = np.zeros((len(texts), WIDTH))
    for row, counts in enumerate(counted):
        for name, count in counts.items():
            place, sign = known[name]
            rarity = 1 + np.log((1 + len(texts)) / (1 + held[name]))
            made[row, place] += sign * (1 + np.log(count)) * rarity
    length = np.sqrt((made * made).sum(axis=1, keepdims=True))
    return np.rint(_SCALE * made / np.where(length > 0, length, 1))


@dataclass(frozen=True, eq=False)
class Clusters:
    """
    Items by cluster.

    Attributes:
        member: Shape (n,), each item's cluster, from 0.
        distance: Shape (n,), squared, to the cluster's centre.
        count: How many clusters there are.
    """

    member: Ints
    distance: Floats
    count: int

    def nearest_in_turn(self) -> Ints:
        """All items: of every cluster the one nearest to its centre, then the next nearest of each, and so on."""
        by_distance = np.lexsort((np.arange(len(self.member)), self.distance, self.member))
        return in_turn(self.member[by_distance], by_distance.astype(np.int64))


def in_turn(member: Ints, order: Ints) -> Ints:
    """
    Places so that clusters take turns, the first of each first.

    Args:
        member: Shape (n,), cluster of each entry of `order`.
        order: Places, the best of a cluster before its others.
    """
    turn = np.zeros(len(order), dtype=np.int64)
    seen: dict[int, int] = {}
    for index, cluster in enumerate(member.tolist()):
        turn[index] = seen.get(cluster, 0)
        seen[cluster] = int(turn[index]) + 1
    return order[np.argsort(turn, kind="stable")]


def clusters(vectors: Floats, count: int, seed: Sequence[int]) -> Clusters:
    """
    K-means from a k-means++ beginning, in whole numbers.

    Args:
        vectors: Shape (n, width), whole numbers.
        count: How many clusters; at most n are made.
        seed: Of the beginning.
    """
    count = max(1, min(count, len(vectors)))
    if not len(vectors):
        return Clusters(np.empty(0, np.int64), np.empty(0), 0)
    centres = _beginning(vectors, count, seed)
    member = np.full(len(vectors), -1)
    for _ in range(_PASSES):
        distance = _squared(vectors, centres)
        nearest = distance.argmin(axis=1)
        if np.array_equal(nearest, member):
            break
        member = nearest
        for cluster in range(count):
            own = vectors[member == cluster]
            if len(own):
                centres[cluster] = np.floor_divide(own.sum(axis=0), len(own))
    distance = _squared(vectors, centres)
    member = distance.argmin(axis=1)
    return Clusters(member.astype(np.int64), distance[np.arange(len(vectors)), member], count)


def _beginning(vectors: Floats, count: int, seed: Sequence[int]) -> Floats:
    bits = np.random.PCG64(np.random.SeedSequence(list(seed))).random_raw(count)
    chosen = [int(bits[0]) % len(vectors)]
    distance = _squared(vectors, vectors[chosen])[:, 0]
    for lot in bits[1:].tolist():
        total = int(distance.sum())
        if not total:
            break
        place = int(np.searchsorted(np.cumsum(distance), lot % total, side="right"))
        chosen.append(place)
        distance = np.minimum(distance, _squared(vectors, vectors[[place]])[:, 0])
    centres = vectors[chosen].copy()
    # Fewer different items than clusters: the rest stay empty, far from everything.
    far = np.full((count - len(chosen), vectors.shape[1]), 8.0 * _SCALE)
    return np.concatenate([centres, far])


def _squared(vectors: Floats, centres: Floats) -> Floats:
    made: Floats = (
        (vectors * vectors).sum(axis=1)[:, None]
        + (centres * centres).sum(axis=1)[None]
        - 2 * vectors @ centres.T
    )
    return made
