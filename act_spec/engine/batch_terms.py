"""How batches are sent and waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from act_spec.llm.batching import MOST_REQUESTS


@dataclass(frozen=True)
class Pace:
    """
    How long things are given, in seconds.

    Attributes:
        first_look_s: Until a batch is looked at again; each wait is half as long again as the one before.
        longest_s: The longest such wait.
        unseen_s: Within which a batch that was started shows in the provider's list.
        cancel_s: Within which a provider ends a batch that is called back.
        spare_s: Kept free before a deadline, beyond what the calls need.
    """

    first_look_s: float = 5.0
    longest_s: float = 60.0
    unseen_s: float = 60.0
    cancel_s: float = 600.0
    spare_s: float = 60.0


@dataclass(frozen=True)
class BatchTerms:
    """
    How batches are sent and waited for.

    Attributes:
        pace: How long things are given.
        waits: Whether to stay until they have ended.
        most_requests: Of one batch.
        clock: Tells the time that deadlines are held against, with its zone.
    """

    pace: Pace = field(default_factory=Pace)
    waits: bool = True
    most_requests: int = MOST_REQUESTS
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
