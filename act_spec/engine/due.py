"""When replies are wanted, and whether batches can still bring them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from act_spec.engine.batch_terms import BatchTerms
from act_spec.engine.job import Batched
from act_spec.llm.model import Model
from act_spec.store.batches import deadline_of
from act_spec.store.calls import median_latency_s
from act_spec.store.database import Store

_LIKELY_LATENCY_S = 3.0
_TOKENS_PER_BYTE = 0.25


class Due:
    """A stage's deadline, as the run settled it when the stage began."""

    def __init__(self, store: Store, batched: Batched, terms: BatchTerms) -> None:
        """
        Settle it, unless an earlier session has.

        Args:
            store: The run's database.
            batched: Names the deadline, if there is one.
            terms: How long a batch takes to be called back, what is kept free, and the clock.
        """
        self._store = store
        self._terms = terms
        self.at: datetime | None = None
        if batched.deadline is not None:
            due = batched.deadline.after(terms.clock())
            settled = deadline_of(store, batched.key, str(batched.deadline), due.replace(tzinfo=None))
            self.at = settled.replace(tzinfo=UTC)

    def is_late(self, models: Iterable[Model], left: int, request_bytes: float) -> bool:
        """
        Whether so many requests must go by calls now: to call a batch back takes its time as well.

        Args:
            models: Who is asked.
            left: Requests without a reply.
            request_bytes: Of one of them, where limits of tokens count; 0 if unknown.
        """
        if self.at is None:
            return False
        calls_s = left * max(self._seconds_each(model, request_bytes) for model in models)
        needed_s = calls_s + self._terms.pace.cancel_s + self._terms.pace.spare_s
        return self._terms.clock() + timedelta(seconds=needed_s) >= self.at

    def _seconds_each(self, model: Model, request_bytes: float) -> float:
        seconds = (median_latency_s(self._store, model.name) or _LIKELY_LATENCY_S) / model.at_once
        if model.requests_per_minute:
            seconds = max(seconds, 60 / model.requests_per_minute)
        if model.tokens_per_minute:
            seconds = max(seconds, request_bytes * _TOKENS_PER_BYTE * 60 / model.tokens_per_minute)
        return seconds

    def __str__(self) -> str:
        return "" if self.at is None else f", wanted by {self.at:%d %b %H:%M} UTC"
