"""The calls table: the cache, the bill, and the log of every request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from act_spec.records import Status
from act_spec.store.database import Store
from act_spec.store.inserts import insert


@dataclass(frozen=True, slots=True)
class Call:
    """
    One row of `calls`; fields are its columns.

    `cost_usd` None is unknown, never 0. `possible_usd` is the most that
    attempts may have cost whose replies were lost on the way, or whose
    tokens the provider did not count.
    """

    call_key: str
    stage: str
    round: int
    item_id: str
    model: str
    answered_model: str | None
    fingerprint: str | None
    prompt_sha256: str
    response: str | None
    tokens: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    possible_usd: float
    latency_s: float | None
    attempts: int
    status: str
    reason: str | None
    finished_at: datetime


_TYPES = {
    "call_key": "VARCHAR",
    "stage": "VARCHAR",
    "round": "INTEGER",
    "item_id": "VARCHAR",
    "model": "VARCHAR",
    "answered_model": "VARCHAR",
    "fingerprint": "VARCHAR",
    "prompt_sha256": "VARCHAR",
    "response": "VARCHAR",
    "tokens": "VARCHAR",
    "prompt_tokens": "BIGINT",
    "completion_tokens": "BIGINT",
    "cost_usd": "DOUBLE",
    "possible_usd": "DOUBLE",
    "latency_s": "DOUBLE",
    "attempts": "INTEGER",
    "status": "VARCHAR",
    "reason": "VARCHAR",
    "finished_at": "TIMESTAMP",
}
COLUMNS = tuple(_TYPES)
row_of: Callable[[Call], tuple[Any, ...]] = attrgetter(*_TYPES)
"""A call's values, in the order of the columns."""

_ADDED_UP = ("cost_usd", "possible_usd", "attempts")
# Only an `ok` row claims its key. What failed attempts cost stays on the bill; a row that comes a second time,
# from the journal of a process that was killed just after its commit, does not count twice.
_CONFLICT = f"""
ON CONFLICT (call_key) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _TYPES if name not in _ADDED_UP and name != "call_key")},
    {", ".join(f"{name} = calls.{name} + excluded.{name}" for name in _ADDED_UP)}
WHERE calls.status <> 'ok' AND calls.finished_at <> excluded.finished_at
"""


def write_calls(store: Store, calls: Sequence[Call]) -> None:
    """Record finished calls; a failure never overwrites a success, and what was paid for it is added up."""
    insert(store, "calls", _TYPES, [row_of(call) for call in _one_of_each_key(calls)], _CONFLICT)


def _one_of_each_key(calls: Sequence[Call]) -> Iterable[Call]:
    """One statement cannot touch a key twice: the last answer stands, and all that was paid for it."""
    merged: dict[str, Call] = {}
    for call in calls:
        before = merged.get(call.call_key)
        merged[call.call_key] = call if before is None else _added(before, call)
    return merged.values()


def _added(before: Call, call: Call) -> Call:
    unknown = before.cost_usd is None or call.cost_usd is None
    return replace(
        call,
        cost_usd=None if unknown else (before.cost_usd or 0.0) + (call.cost_usd or 0.0),
        possible_usd=before.possible_usd + call.possible_usd,
        attempts=before.attempts + call.attempts,
    )


def known_replies(store: Store, call_keys: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Response text and token scores (JSON) of the calls that succeeded, by key."""
    rows = store.rows(
        """
        SELECT call_key, response, tokens FROM calls
        WHERE status = 'ok' AND call_key IN (SELECT unnest(?::VARCHAR[]))
        """,
        [list(call_keys)],
    )
    return {key: (response, tokens) for key, response, tokens in rows}


@dataclass(frozen=True)
class Recorded:
    """What a call brought, good or not; `status` is that of the last attempt."""

    status: Status
    response: str | None
    tokens: str | None
    reason: str | None


def recorded_calls(store: Store, call_keys: Sequence[str]) -> dict[str, Recorded]:
    """What these calls brought, failures too, by key."""
    rows = store.rows(
        "SELECT call_key, status, response, tokens, reason FROM calls WHERE call_key IN (SELECT unnest(?::VARCHAR[]))",
        [list(call_keys)],
    )
    return {key: Recorded(*said) for key, *said in rows}


@dataclass(frozen=True)
class Bill:
    """
    What the run's calls cost so far.

    Attributes:
        cost_usd: Of the replies that came.
        possible_usd: The most that attempts cost whose replies were lost on the way, or not counted.
        unknown: Calls whose price is not known.
    """

    cost_usd: float
    possible_usd: float
    unknown: int


def _added_up(column: str) -> str:
    """The sum of dollars, the same in whatever order the rows lie; a sum of floating numbers is not."""
    return f"sum({column}::DECIMAL(38, 15))::DOUBLE"


def bill(store: Store) -> Bill:
    """What the run's calls cost so far; see `Bill`."""
    return Bill(
        *store.one(
            f"""
            SELECT coalesce({_added_up("cost_usd")}, 0), coalesce({_added_up("possible_usd")}, 0),
                count(*) FILTER (WHERE cost_usd IS NULL AND status <> 'provider_error')
            FROM calls
            """
        )
    )


def calls_by_stage(store: Store) -> list[dict[str, Any]]:
    """Calls, tokens, cost and latency by stage and model, for reports."""
    rows = store.rows(
        f"""
        SELECT stage, model, count(*), sum(attempts), sum(prompt_tokens), sum(completion_tokens),
            CASE WHEN count(*) FILTER (WHERE cost_usd IS NULL AND status <> 'provider_error') = 0
                THEN coalesce({_added_up("cost_usd")}, 0) END,
            median(latency_s), count(*) FILTER (WHERE status <> 'ok'),
            list(DISTINCT answered_model ORDER BY answered_model)
        FROM calls GROUP BY stage, model ORDER BY stage, model
        """
    )
    names = (
        "stage",
        "model",
        "calls",
        "attempts",
        "prompt_tokens",
        "completion_tokens",
        "cost_usd",
        "median_latency_s",
        "failed",
        "answered_models",
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def median_latency_s(store: Store, model: str) -> float | None:
    """How long a call to a model took, in the middle; None before there is any."""
    found: float | None = store.one("SELECT median(latency_s) FROM calls WHERE model = ?", [model])[0]
    return found


@dataclass(frozen=True)
class Timed:
    """When a call ended, and how long it took."""

    finished_at: datetime
    latency_s: float | None


def calls_since(store: Store, stage: str, began: datetime) -> list[Timed]:
    """A stage's calls that ended after a moment (UTC), in that order."""
    rows = store.rows(
        "SELECT finished_at, latency_s FROM calls WHERE stage = ? AND finished_at >= ? ORDER BY finished_at",
        [stage, began],
    )
    return [Timed(*row) for row in rows]


def count_calls(store: Store, stage: str) -> int:
    """Calls of a stage that brought a reply."""
    return int(store.one("SELECT count(*) FROM calls WHERE stage = ? AND status = 'ok'", [stage])[0])


def snapshots(store: Store) -> dict[str, dict[str, int]]:
    """Model, as the recipe names it, to the snapshots that answered for it, each with its number of replies."""
    rows = store.rows(
        """
        SELECT model, concat_ws(' ', answered_model, fingerprint) AS snapshot, count(*)
        FROM calls WHERE status = 'ok' GROUP BY ALL ORDER BY ALL
        """
    )
    found: dict[str, dict[str, int]] = {}
    for model, name, count in rows:
        found.setdefault(model, {})[name] = count
    return found


def answered_models(store: Store, stage: str, models: Collection[str]) -> list[str]:
    """What answered where a stage asked these models: as providers named it, with fingerprints."""
    rows = store.rows(
        """
        SELECT DISTINCT concat_ws(' ', answered_model, fingerprint) AS answered FROM calls
        WHERE status = 'ok' AND stage = ? AND model IN (SELECT unnest(?::VARCHAR[])) ORDER BY answered
        """,
        [stage, list(models)],
    )
    return [row[0] for row in rows]
