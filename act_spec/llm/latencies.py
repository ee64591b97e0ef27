"""How long calls took, compared only between calls that are alike."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from math import log


@dataclass(slots=True)
class _Alike:
    """Logarithms of latencies of one sort of calls: how many, their sum, and the sum of their squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0


class Latencies:
    """How long calls took at one level, told apart by their sort."""

    def __init__(self) -> None:
        self.count = 0
        self._sorts: dict[Hashable, _Alike] = {}

    def add(self, sort: Hashable, latency_s: float) -> None:
        """Count one more call of a sort."""
        logarithm = log(max(latency_s, 1e-6))
        self.count += 1
        alike = self._sorts.setdefault(sort, _Alike())
        alike.count += 1
        alike.total += logarithm
        alike.squares += logarithm * logarithm

    @property
    def variance(self) -> float:
        """Of the logarithms round the mean of their sort."""
        spread = sum(one.squares - one.total**2 / one.count for one in self._sorts.values())
        return max(0.0, spread) / max(1, self.count - len(self._sorts))

    def growth(self, before: Latencies) -> tuple[float, int]:
        """Logarithm of how much longer alike calls took than before, and how many of them are compared."""
        compared, longer = 0, 0.0
        for sort, one in self._sorts.items():
            other = before._sorts.get(sort)
            if other is not None:
                weight = min(one.count, other.count)
                compared += weight
                longer += weight * (one.total / one.count - other.total / other.count)
        return longer / max(1, compared), compared
