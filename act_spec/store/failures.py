"""Items whose annotation or judgment failed, and why."""

from __future__ import annotations

from dataclasses import dataclass

from act_spec.store.database import Store


@dataclass(frozen=True)
class FailedItem:
    """An item that failed; `reason` is empty where nothing but the status is known."""

    item_id: str
    status: str
    reason: str


def failed_items(store: Store, stage: str, most: int, *, recorded: bool) -> list[FailedItem]:
    """
    The first items that failed, of each status, by their ids.

    Args:
        store: The run's database.
        stage: `annotate` or `judge`.
        most: Items of one status.
        recorded: Whether the stage reads what was recorded and asks no model;
            `rationale` then holds the reason, and elsewhere a model's words.
    """
    view = "annotations" if stage == "annotate" else "judgments"
    rows = store.rows(
        f"""
        WITH failed AS (
            SELECT item_id, status, rationale FROM {view} WHERE status <> 'ok'
            QUALIFY row_number() OVER (PARTITION BY status ORDER BY item_id) <= ?
        )
        SELECT f.item_id, f.status, CASE WHEN ? THEN any_value(f.rationale) ELSE min(c.reason) END
        FROM failed f
        LEFT JOIN calls c ON c.item_id = f.item_id AND c.stage = ? AND c.status = f.status
        GROUP BY f.item_id, f.status ORDER BY f.status, f.item_id
        """,
        [most, recorded, stage],
    )
    return [FailedItem(item_id, status, reason or "") for item_id, status, reason in rows]
