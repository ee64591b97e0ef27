"""Text as numbers: hashed words and runs of characters, weighted by how telling they are."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from act_spec.content.text import Text
from act_spec.train.rows import Ints, SparseRows

BUCKETS = 1 << 20
MAX_FEATURES = 20_000
_RUNS = (3, 4, 5)
_WORD = re.compile(r"\w+|[^\w\s]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """
    Which buckets of hashed words and character runs are features, and their weights.

    Attributes:
        buckets: Shape (f,), sorted, below `BUCKETS`.
        telling: Shape (f,): 1 + log((1 + n) / (1 + items with it)).
    """

    buckets: Ints
    telling: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Vocabulary:
        """Keep the buckets that at least two texts have, the 20,000 most frequent of them."""
        counts = np.zeros(BUCKETS, dtype=np.int64)
        for text in texts:
            counts[np.unique(hashed(text))] += 1
        kept = np.flatnonzero(counts >= 2)
        if kept.size > MAX_FEATURES:
            kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:MAX_FEATURES]])
        telling = 1 + np.log((1 + len(texts)) / (1 + counts[kept]))
        return cls(kept, telling.astype(np.float32))

    def rows(self, texts: Sequence[str]) -> SparseRows:
        """
        Texts as rows of length 1: (1 + log count) * weight for each bucket.

        A text without any known bucket is a row of zeros.
        """
        found = [self._row(text) for text in texts]
        starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in found])])
        columns = np.concatenate([np.empty(0, np.int64), *(columns for columns, _ in found)])
        values = np.concatenate([np.empty(0, np.float32), *(values for _, values in found)])
        return SparseRows(csr_array((values, columns, starts), shape=(len(texts), max(1, len(self.buckets)))))

    def _row(self, text: str) -> tuple[Ints, NDArray[np.float32]]:
        buckets, counts = np.unique(hashed(text), return_counts=True)
        column = np.searchsorted(self.buckets, buckets)
        known = column < len(self.buckets)
        known[known] = self.buckets[column[known]] == buckets[known]
        column, counts = column[known], counts[known]
        values = (1 + np.log(counts)) * self.telling[column]
        length = float(np.sqrt((values**2).sum())) or 1.0
        return column, (values / length).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Words:
    """A field of text, with a vocabulary of its own: the same word in another field is another feature."""

    name: str
    vocabulary: Vocabulary

    @classmethod
    def of(cls, name: str, values: Sequence[Any]) -> Words:
        """Learn what words a field has."""
        return cls(name, Vocabulary.of(_texts(name, values)))

    def columns(self, values: Sequence[Any]) -> csr_array:
        """Shape (n, f)."""
        return self.vocabulary.rows(_texts(self.name, values)).matrix

    def told(self) -> str:
        """What it is read as, for people."""
        return "words"

    def tensors(self) -> dict[str, torch.Tensor]:
        """What it learnt."""
        return {
            "buckets": torch.from_numpy(self.vocabulary.buckets),
            "telling": torch.from_numpy(self.vocabulary.telling),
        }

    @classmethod
    def restored(cls, name: str, buckets: torch.Tensor, telling: torch.Tensor) -> Words:
        """The field that learnt these."""
        return cls(name, Vocabulary(buckets.numpy(), telling.numpy()))


def hashed(text: str) -> Ints:
    """
    Buckets of a text's words, pairs of words, and runs of 3 to 5 characters, in [0, BUCKETS).

    Case and the amount of white space do not count.
    """
    lowered = " ".join(text.casefold().split())
    words = np.array([_word(word) for word in _WORD.findall(lowered)], dtype=np.uint64)
    codes = np.frombuffer(f" {lowered} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(
        np.uint64
    )
    parts = [words, _runs(words, 2), *(_runs(codes, length) for length in _RUNS)]
    # The top bits of a multiplicative hash are its good ones.
    return (np.concatenate(parts) >> np.uint64(44)).astype(np.int64)


def _runs(values: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    """A hash of every run of so many values; equal runs have equal hashes."""
    count = max(0, len(values) - length + 1)
    made = np.full(count, length, dtype=np.uint64)
    for place in range(length):
        made = (made ^ values[place : place + count]) * _MULTIPLIER
        made ^= made >> np.uint64(29)
    return made * _MULTIPLIER


@lru_cache(maxsize=200_000)
def _word(word: str) -> int:
    # CRC is the same in every process, unlike Python's own hash.
    return (zlib.crc32(word.encode("utf-8", "surrogatepass")) * int(_MULTIPLIER)) & 0xFFFF_FFFF_FFFF_FFFF


def _texts(name: str, values: Sequence[Any]) -> list[str]:
    text = Text()
    return [text.plain(name, value) for value in values]
