"""What went wrong with an attempt, and whether and when to try again."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Kind = Literal[
    "limited",  # 429
    "overloaded",  # 503, 529
    "server",  # any other 5xx
    "dropped",  # the connection ended before the reply did
    "unreachable",  # no connection
    "no_host",  # the name does not resolve
    "timeout",
    "malformed",  # a reply that is not what the interface says
    "lost",  # the worker process that made the attempt is gone
    "rejected",  # this request cannot be served: 400, too long
    "refused",  # the provider's policy forbids an answer
    "key",  # 401, 403
    "quota",  # nothing left to spend
    "moved",  # 3xx: the server points elsewhere
    "unusable",  # no request to this model can be served: unknown, or a setting it does not take
]

RETRY_AFTER_CAP_S = 600.0
BACKOFF_CAP_S = 60.0

_TRIES: Mapping[Kind, int] = {
    # Waiting for a rate limit costs nothing, so patience is longest there; what may be billed is tried less.
    "limited": 20,
    "overloaded": 10,
    "server": 10,
    "dropped": 8,
    "unreachable": 8,
    "no_host": 3,
    "timeout": 4,
    "malformed": 4,
    "lost": 8,
}
_FATAL = frozenset({"key", "quota", "moved", "unusable", "unreachable", "no_host"})
_TOO_MANY = frozenset({"limited", "overloaded", "timeout"})
_MAYBE_BILLED = frozenset({"timeout", "dropped", "malformed", "lost"})


class AttemptFailed(Exception):  # noqa: N818 - named for what happened, as `CallFailed`
    """
    One attempt at a call failed.

    Attributes:
        kind: The class of the failure.
        reason: One line, without keys.
        retry_after_s: How long the provider asks all callers to wait; None if it does not.
    """

    def __init__(self, kind: Kind, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.retry_after_s = retry_after_s

    @property
    def fatal(self) -> bool:
        """Whether every other call to the model would fail the same way."""
        return self.kind in _FATAL

    @property
    def too_many(self) -> bool:
        """Whether fewer calls at once may be what the provider wants, or needs to answer in time."""
        return self.kind in _TOO_MANY

    @property
    def maybe_billed(self) -> bool:
        """Whether the provider may have made the reply, and charged for it."""
        return self.kind in _MAYBE_BILLED


class Patience:
    """Counts one call's failures, and says how long to wait before the next attempt."""

    def __init__(self, backoff_s: float) -> None:
        self._backoff_s = backoff_s
        self._failures: Counter[Kind] = Counter()

    def wait_s(self, failure: AttemptFailed) -> float | None:
        """
        Seconds until the next attempt; None when there should be none.

        Full jitter: uniform between 0 and a bound that doubles with each
        failure (Brooker, "Exponential Backoff and Jitter", AWS 2015). Where
        the provider named a time, its gate does the waiting.
        """
        self._failures[failure.kind] += 1
        if self._failures[failure.kind] >= _TRIES.get(failure.kind, 1):
            return None
        if failure.retry_after_s:
            return 0.0
        bound = self._backoff_s * 2 ** (self._failures.total() - 1)
        return random.uniform(0, min(BACKOFF_CAP_S, bound))  # noqa: S311 - no secret


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """
    How long a provider asks to wait: seconds, a fraction of them, milliseconds or an HTTP date.

    Args:
        headers: Of the reply; names in lower case, or in a mapping that ignores case.
        now: The time that a date is held against, with its zone.

    Returns:
        Seconds in [0, `RETRY_AFTER_CAP_S`]; None if nothing readable is said.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _seconds(headers.get(name, "").strip(), unit_s, now)
        if seconds is not None and not math.isnan(seconds):
            return min(max(seconds, 0.0), RETRY_AFTER_CAP_S)
    return None


def _seconds(text: str, unit_s: float, now: datetime) -> float | None:
    with suppress(ValueError):
        return float(text) * unit_s
    with suppress(ValueError):
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return None
