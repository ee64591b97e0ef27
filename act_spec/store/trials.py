"""Trials: answers of open items with all fields and without some, before anything is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from act_spec.store.database import Store
from act_spec.store.inserts import insert

_TRIAL = {
    "stage_key": "VARCHAR",
    "item_id": "VARCHAR",
    "with_fields": "BOOLEAN",
    "sample": "INTEGER",
    "label": "VARCHAR",
    "status": "VARCHAR",
    "attention": "DOUBLE",
}


@dataclass(frozen=True)
class Trial:
    """One answer: with all fields or without, which repeat, the label or why there is none."""

    with_fields: bool
    sample: int
    label: str | None
    status: str


def write_trials(store: Store, stage_key: str, tried: Sequence[tuple[str, Trial]]) -> None:
    """Keep answers by item; one that failed at the provider gives way to its retry."""
    rows = [
        (stage_key, item_id, one.with_fields, one.sample, one.label, one.status, None)
        for item_id, one in tried
    ]
    again = (
        "ON CONFLICT (stage_key, item_id, with_fields, sample) DO UPDATE SET label = excluded.label, "
        "status = excluded.status WHERE trials.status = 'provider_error'"
    )
    insert(store, "history.trials", _TRIAL, rows, again)


def tried(store: Store, stage_key: str) -> set[tuple[str, bool, int]]:
    """Item, with fields or without, and repeat of every answer that need not be had again."""
    return set(
        store.rows(
            "SELECT item_id, with_fields, sample FROM history.trials WHERE stage_key = ? AND status <> 'provider_error'",
            [stage_key],
        )
    )


def answers_with_gold(store: Store, stage_key: str) -> list[tuple[str, bool, str | None, str | None]]:
    """Item, with fields or without, label and known answer of every trial."""
    return store.rows(
        """
        SELECT item_id, with_fields, t.label, i.gold FROM history.trials t JOIN items i USING (item_id)
        WHERE t.stage_key = ? ORDER BY item_id, with_fields, sample
        """,
        [stage_key],
    )
