"""Which labelled examples are most like an item: weighted words and pieces of words, compared by angle."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from act_spec.records import Example, Item

_WORD = re.compile(r"\w+")
_SIZES = (3, 4, 5)


def features(text: str) -> Counter[str]:
    """
    How often each word and each piece of a word occurs in a text.

    Pieces have three to five characters and may hold a word's edge, written
    as a space; a word itself stands between angle brackets.
    """
    counts: Counter[str] = Counter()
    for word in _WORD.findall(text.lower()):
        edged = f" {word} "
        counts[f"<{word}>"] += 1
        counts.update(
            edged[start : start + size] for size in _SIZES for start in range(len(edged) - size + 1)
        )
    return counts


class ExamplePool:
    """
    A pool of examples; implements `records.Pool`.

    Likeness is the cosine of two TF-IDF vectors over `features`, with term
    weight 1 + ln(count) and inverse document frequency
    1 + ln((1 + n) / (1 + df)). Equally like examples stand in the order in
    which they were given, so the choice is the same on every machine.

    Source: TF-IDF after Salton & Buckley (1988), smoothed; retrieved
    demonstrations after LLMaAA (arXiv:2310.19596), which compares sentence
    embeddings instead.
    """

    def __init__(self, rows: Sequence[Example]) -> None:
        """Keep the examples; they are compared when first asked for the nearest."""
        self._rows = tuple(rows)

    def given(self, k: int) -> Sequence[Example]:
        """The first `k` examples."""
        return self._rows[:k]

    def nearest(self, item: Item, k: int) -> Sequence[Example]:
        """
        The `k` examples most like an item, the most like first.

        An example with the very text of the item is passed over: where the
        pool was cut from the data, it would give the answer away.
        """
        text = text_of(item.content)
        order = np.argsort(-self._index.likeness(text), kind="stable")
        found = (self._rows[row] for row in order if self._index.texts[row] != text)
        return [example for example, _ in zip(found, range(k), strict=False)]

    @cached_property
    def _index(self) -> TextIndex:
        return TextIndex([text_of(example.fields) for example in self._rows])


class TextIndex:
    """Texts by feature: for each, the texts that hold it and its weight there, one after the other."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the features of every text; at least one text."""
        self.texts = texts
        self._number: dict[str, int] = {}
        holders, ids, counts = self._occurrences()
        held = np.bincount(ids, minlength=len(self._number))
        self._rarity = 1 + np.log((1 + len(texts)) / (1 + held))
        weight = (1 + np.log(counts)) * self._rarity[ids]
        length = np.sqrt(np.bincount(holders, weight * weight, minlength=len(texts)))
        by_feature = np.argsort(ids, kind="stable")
        self._holders = holders[by_feature]
        self._weight = (weight / length[holders])[by_feature]
        self._start = np.concatenate(([0], np.cumsum(held)))

    def _occurrences(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """One entry a text and feature: the text's number, the feature's, and how often it occurs."""
        holders: list[int] = []
        ids: list[int] = []
        counts: list[int] = []
        for row, text in enumerate(self.texts):
            for feature, count in features(text).items():
                holders.append(row)
                ids.append(self._number.setdefault(feature, len(self._number)))
                counts.append(count)
        return np.array(holders, np.int64), np.array(ids, np.int64), np.array(counts, np.float64)

    def likeness(self, text: str) -> NDArray[np.float64]:
        """
        Of every text with this one.

        Features that no text holds would lengthen the vector of this one by
        the same factor for all, so they are left out.
        """
        known = {self._number[name]: count for name, count in features(text).items() if name in self._number}
        if not known:
            return np.zeros(len(self.texts))
        ids = np.fromiter(known, np.int64, len(known))
        weight = (1 + np.log(np.fromiter(known.values(), np.float64, len(known)))) * self._rarity[ids]
        spans = [slice(self._start[one], self._start[one + 1]) for one in ids]
        holders = np.concatenate([self._holders[span] for span in spans])
        shares = np.concatenate([self._weight[span] * one for span, one in zip(spans, weight, strict=True)])
        cosine = np.bincount(holders, shares, minlength=len(self.texts)).astype(np.float64)
        likeness: NDArray[np.float64] = cosine / np.sqrt(np.sum(weight * weight))
        return likeness


def text_of(fields: Mapping[str, object]) -> str:
    """An item's fields as one text."""
    return "\n".join(str(value) for value in fields.values() if value is not None)
