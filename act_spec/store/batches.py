"""
What was handed to providers as batches, and which of its requests were answered.

A batch is recorded before it is sent, under a name of our own: whenever the
process ends, the next one knows what may be out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from act_spec.store.calls import Call, write_calls
from act_spec.store.database import Store
from act_spec.store.inserts import insert

PREPARED = "prepared"
"""The state of a batch that was recorded here and not yet started."""
STARTING = "starting"
"""The state of one whose start was asked for, and not yet confirmed."""
ANSWERED = "answered"
"""The state of a batch whose results are in `calls`."""
NO_REPLY = "none"
_OPEN = "state NOT IN ('answered', 'failed', 'lost')"


@dataclass(frozen=True)
class Out:
    """
    A batch that may be out; fields are columns of `history.batches`.

    Attributes:
        name: Our own name of it.
        batch_id: The provider's; None until it is known.
        stage_key: Of the stage whose requests it holds.
        stage: `annotate` or `judge`.
        round: From 1.
        model: As the recipe names it.
        api_base: Where it answers; None for the provider's own address.
        requests: How many it holds.
        bytes: Of its file.
        most_usd: The most that it can cost; 0 where the price is unknown.
        state: `prepared`, `starting`, or as the provider calls it.
        prepared_at: In UTC.
    """

    name: str
    batch_id: str | None
    stage_key: str
    stage: str
    round: int
    model: str
    api_base: str | None
    requests: int
    bytes: int
    most_usd: float
    state: str
    prepared_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a batch: its call's key, the first item that asked, and what the reply must meet."""

    call_key: str
    item_id: str
    prompt_sha256: str
    reply_schema: str


_BATCH = {
    "name": "VARCHAR",
    "batch_id": "VARCHAR",
    "stage_key": "VARCHAR",
    "stage": "VARCHAR",
    "round": "INTEGER",
    "model": "VARCHAR",
    "api_base": "VARCHAR",
    "requests": "BIGINT",
    "bytes": "BIGINT",
    "most_usd": "DOUBLE",
    "state": "VARCHAR",
    "prepared_at": "TIMESTAMP",
}
_REQUEST = {
    "name": "VARCHAR",
    "call_key": "VARCHAR",
    "item_id": "VARCHAR",
    "prompt_sha256": "VARCHAR",
    "reply_schema": "VARCHAR",
}


def prepare(store: Store, batch: Out, asked: Sequence[Asked]) -> None:
    """Record a batch that is about to be sent."""
    with store.transaction():
        insert(store, "history.batches", _BATCH, [astuple(batch)])
        rows = [
            (batch.name, *(getattr(one, column) for column in _REQUEST if column != "name")) for one in asked
        ]
        insert(store, "history.batch_requests", _REQUEST, rows)


def note_state(store: Store, name: str, state: str, batch_id: str | None) -> None:
    """The provider's name of a batch, and how far it is."""
    store.run("UPDATE history.batches SET state = ?, batch_id = ? WHERE name = ?", [state, batch_id, name])


def open_batches(store: Store) -> list[Out]:
    """Batches that may be out, the oldest first."""
    columns = ", ".join(_BATCH)
    rows = store.rows(f"SELECT {columns} FROM history.batches WHERE {_OPEN} ORDER BY prepared_at, name")
    return [Out(*row) for row in rows]


def requests_of(store: Store, name: str) -> dict[str, Asked]:
    """The requests of a batch, by call key."""
    rows = store.rows(
        "SELECT call_key, item_id, prompt_sha256, reply_schema FROM history.batch_requests WHERE name = ?",
        [name],
    )
    return {row[0]: Asked(*row) for row in rows}


def keep_results(store: Store, name: str, calls: Sequence[Call], now: datetime) -> None:
    """All of a batch's replies into `calls`, or nothing; what it did not answer is marked so."""
    with store.transaction():
        write_calls(store, calls)
        store.run(
            """
            UPDATE history.batch_requests r SET outcome = came.status
            FROM (SELECT unnest(?::VARCHAR[]) AS call_key, unnest(?::VARCHAR[]) AS status) came
            WHERE r.name = ? AND r.call_key = came.call_key
            """,
            [[call.call_key for call in calls], [call.status for call in calls], name],
        )
        store.run(
            "UPDATE history.batch_requests SET outcome = ? WHERE name = ? AND outcome IS NULL",
            [NO_REPLY, name],
        )
        _end(store, name, ANSWERED, now)


def drop(store: Store, name: str, state: str, now: datetime, calls: Sequence[Call] = ()) -> None:
    """
    A batch that brought nothing: its requests may be sent again.

    Args:
        store: The run's database.
        name: Of the batch.
        state: `failed`, or `lost` where it is not known whether it was started.
        now: In UTC.
        calls: What it may have cost, as failed calls.
    """
    with store.transaction():
        write_calls(store, calls)
        store.run("DELETE FROM history.batch_requests WHERE name = ?", [name])
        _end(store, name, state, now)


def _end(store: Store, name: str, state: str, now: datetime) -> None:
    store.run("UPDATE history.batches SET state = ?, ended_at = ? WHERE name = ?", [state, now, name])


def outcomes(store: Store, stage_key: str, keys: Sequence[str]) -> dict[str, str | None]:
    """
    Which calls are, or were, part of a batch, with the outcome; None while it is out.

    Args:
        store: The run's database.
        stage_key: What earlier batches of this stage brought counts, of other stages only what is out.
        keys: Of calls.
    """
    rows = store.rows(
        f"""
        SELECT r.call_key, arg_max_null(r.outcome, b.prepared_at)
        FROM history.batch_requests r JOIN history.batches b USING (name)
        WHERE r.call_key IN (SELECT unnest(?::VARCHAR[])) AND (b.stage_key = ? OR {_OPEN})
        GROUP BY r.call_key
        """,
        [list(keys), stage_key],
    )
    return dict(rows)


def standing(store: Store, stage_key: str) -> Iterator[str]:
    """Calls of a stage that a batch answered, and not well: they are not asked for once more from the beginning."""
    for batch in store.batches(
        """
        SELECT DISTINCT r.call_key FROM history.batch_requests r JOIN history.batches b USING (name)
        WHERE b.stage_key = ? AND r.outcome IN ('refused', 'truncated')
        """,
        [stage_key],
    ):
        yield from (row[0] for row in batch)


def is_any(store: Store) -> bool:
    """Whether there ever was a batch."""
    return bool(store.rows("SELECT 1 FROM history.batches LIMIT 1"))


def is_stage_out(store: Store, stage_key: str) -> bool:
    """Whether a batch of the stage may be out."""
    return bool(
        store.rows(f"SELECT 1 FROM history.batches WHERE stage_key = ? AND {_OPEN} LIMIT 1", [stage_key])
    )


def deadline_of(store: Store, stage_key: str, written: str, due_at: datetime) -> datetime:
    """When a stage's replies are wanted: as an earlier session of the run settled it, else as `due_at` says (UTC)."""
    with store.transaction():
        store.run("DELETE FROM history.deadlines WHERE stage_key = ? AND written <> ?", [stage_key, written])
        store.run(
            "INSERT INTO history.deadlines VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [stage_key, written, due_at],
        )
    found: datetime = store.one("SELECT due_at FROM history.deadlines WHERE stage_key = ?", [stage_key])[0]
    return found


def forget_deadline(store: Store, stage_key: str) -> None:
    """The stage is through; a later one has a deadline of its own."""
    store.run("DELETE FROM history.deadlines WHERE stage_key = ?", [stage_key])


def batches_out(store: Store) -> Mapping[str, int]:
    """How many batches are out, and how many requests they hold."""
    batches, requests = store.one(
        f"SELECT count(*), coalesce(sum(requests), 0) FROM history.batches WHERE {_OPEN}"
    )
    return {"batches": int(batches), "requests": int(requests)}
