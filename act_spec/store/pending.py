"""
What is still to do: items without an annotation, annotations without a judgment.

Both come in walking order. A failure at the provider counts as not done, so
the next run tries it again. A stage that reads recorded answers gets each
item's rows along.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from act_spec.records import Annotation, Item
from act_spec.store.database import Store
from act_spec.store.sources import Source, load, quote

_ITEMS = """
(SELECT * FROM history.items WHERE position < ? AND stage_key = (
    SELECT stage_key FROM history.current_keys WHERE stage = 'data'))
"""
_UNANNOTATED = f"""
SELECT i.position, i.item_id, i.content, i.recorded, NULL AS label, NULL AS confidence, NULL AS rationale
FROM {_ITEMS} i
ANTI JOIN (SELECT item_id FROM history.annotations
    WHERE stage_key = ? AND status <> 'provider_error') done USING (item_id)
"""
_UNJUDGED = f"""
SELECT i.position, i.item_id, i.content, i.recorded, a.label, a.confidence, a.rationale
FROM {_ITEMS} i
JOIN annotations a USING (item_id)
ANTI JOIN (SELECT item_id FROM history.judgments
    WHERE stage_key = ? AND status <> 'provider_error') done USING (item_id)
WHERE a.status = 'ok'
"""
_PENDING = {"annotate": _UNANNOTATED, "judge": _UNJUDGED}
_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Pending:
    """One item that a stage has not settled; `rows` are its recorded answers, where the stage reads them."""

    item: Item
    annotation: Annotation | None
    rows: tuple[Mapping[str, str | None], ...] = ()


def count_pending(store: Store, stage: str, stage_key: str, limit: int | None) -> int:
    """How many items `annotate` or `judge` still has to settle, among the walk's first `limit`."""
    sql = f"SELECT count(*) FROM ({_PENDING[stage]})"
    return int(store.one(sql, [_ALL if limit is None else limit, stage_key])[0])


def pending(store: Store, stage: str, stage_key: str, limit: int | None) -> Iterator[Pending]:
    """The items that `annotate` or `judge` still has to settle; the handle is busy until the last."""
    sql = f"{_PENDING[stage]} ORDER BY position"
    for batch in store.batches(sql, [_ALL if limit is None else limit, stage_key]):
        for row in batch:
            yield Pending(*_read(row))


def pending_with_rows(
    store: Store, stage: str, stage_key: str, limit: int | None, columns: Mapping[str, str], *, own: bool
) -> Iterator[Pending]:
    """
    The same with each item's recorded answers.

    Args:
        store: With the table `recorded_rows` filled, unless `own`.
        stage: `annotate` or `judge`.
        stage_key: Its key.
        limit: Only the walk's first so many items.
        columns: Our name to the column's name in the source.
        own: Whether the answers are columns of the data itself.
    """
    if own:
        sql = f"SELECT *, NULL AS rows FROM ({_PENDING[stage]}) ORDER BY position"
    else:
        sql = f"SELECT p.*, r.rows FROM ({_PENDING[stage]}) p LEFT JOIN recorded_rows r USING (item_id) ORDER BY position"
    for batch in store.batches(sql, [_ALL if limit is None else limit, stage_key]):
        for row in batch:
            if own:
                kept = json.loads(row[3] or "{}")
                rows: tuple[Mapping[str, Any], ...] = (
                    {name: kept[column] for name, column in columns.items()},
                )
            else:
                rows = tuple(row[7] or ())
            yield Pending(*_read(row), rows)


def load_recorded(
    store: Store, source: Source, id_column: str, columns: Mapping[str, str], where: Mapping[str, str]
) -> list[tuple[str, int]]:
    """
    Read recorded answers into the temporary table `recorded_rows`, a list of rows an item.

    Args:
        store: Where the table is made.
        source: The file of recorded answers.
        id_column: Its column with the item ids.
        columns: Our name to the column's name.
        where: Column to the value that it must have.

    Returns:
        Up to ten ids that have several rows, with how many.
    """
    wanted = list(dict.fromkeys([id_column, *columns.values(), *where]))
    load(store, source, wanted, "recorded_source")
    name = {column: f"c{number}" for number, column in enumerate(wanted)}
    packed = ", ".join(f"{quote(ours)} := {name[column]}" for ours, column in columns.items())
    kept = " AND ".join(f"{name[column]} = ?" for column in where) or "true"
    store.run(
        f"""
        CREATE OR REPLACE TEMP TABLE recorded_rows AS
        SELECT {name[id_column]} AS item_id, list(struct_pack({packed}) ORDER BY line) AS rows
        FROM recorded_source WHERE {kept} GROUP BY ALL
        """,
        list(where.values()),
    )
    store.run("DROP TABLE recorded_source")
    return store.rows(
        "SELECT item_id, len(rows) FROM recorded_rows WHERE len(rows) > 1 ORDER BY item_id LIMIT 10"
    )


def _read(row: tuple[Any, ...]) -> tuple[Item, Annotation | None]:
    _, item_id, content, _, label, confidence, rationale = row[:7]
    annotation = None if label is None else Annotation(label, confidence, rationale)
    return Item(item_id, json.loads(content)), annotation
