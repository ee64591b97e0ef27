"""
Recorded answers of many items at once: what is alike is settled once, and put beside its items in SQL.

Labels are few and scores have few digits, so of a million items a few
thousand differ; where all do, they come in parts, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from act_spec.records import Cells
from act_spec.store.answers import table_of
from act_spec.store.database import Store
from act_spec.store.inserts import as_arrays
from act_spec.store.pending import Scope, pending_sql
from act_spec.store.sources import quote


@dataclass(frozen=True, slots=True)
class Alike:
    """Recorded cells that differ, by our names, with what is read of the annotations; `first` is their first number."""

    first: int
    cells: Cells
    annotations: Cells


def gather(
    store: Store,
    stage: str,
    stage_key: str,
    scope: Scope,
    columns: Mapping[str, str],
    of_annotation: Sequence[str],
    *,
    own: bool,
) -> None:
    """
    Put what `annotate` or `judge` still has to settle into temporary tables of this handle.

    Args:
        store: With the table `recorded_rows` filled, one row an item at most, unless `own`.
        stage: `annotate` or `judge`.
        stage_key: Its key.
        scope: Which items.
        columns: Our name to the column's name in the source.
        of_annotation: `label`, `confidence`: what is read of the annotations besides.
        own: Whether the answers are columns of the data itself.
    """
    sql, values = pending_sql(stage, stage_key, scope)
    cells = [f"p.{name} AS {quote(f'a {name}')}" for name in of_annotation]
    if own:
        cells += [
            f"json_extract_string(p.recorded, {_pointer(column)}) AS {quote(ours)}"
            for ours, column in columns.items()
        ]
    else:
        cells += [f"r.{quote(ours)}" for ours in columns]
    joined = "" if own else "LEFT JOIN recorded_rows r USING (item_id)"
    store.run(
        f"CREATE OR REPLACE TEMP TABLE due AS SELECT {', '.join(['p.item_id', *cells])} FROM ({sql}) p {joined}",
        values,
    )
    store.run(
        """
        CREATE OR REPLACE TEMP TABLE alike AS
        SELECT row_number() OVER () - 1 AS number, * FROM (SELECT DISTINCT * EXCLUDE (item_id) FROM due)
        """
    )


def alike(
    store: Store, columns: Mapping[str, str], of_annotation: Sequence[str], size: int
) -> Iterator[Alike]:
    """What `gather` found, at most `size` at a time; the handle is free in between."""
    count = int(store.one("SELECT count(*) FROM alike")[0])
    names = [*(f"a {name}" for name in of_annotation), *columns]
    sql = f"SELECT {', '.join(map(quote, names))} FROM alike WHERE number BETWEEN ? AND ? ORDER BY number"
    for first in range(0, count, size):
        found = store.arrays(sql, [first, first + size - 1])
        cells = {name: values.tolist() for name, values in found.items()}
        yield Alike(
            first,
            {name: cells[name] for name in columns},
            {name: cells[f"a {name}"] for name in of_annotation},
        )


def write_alike(
    store: Store, stage: str, stage_key: str, round_: int, name: str, first: int, settled: Cells
) -> None:
    """
    Record annotations or judgments of all items that are like these; they have none under this key.

    Args:
        store: The handle that gathered them.
        stage: `annotate` or `judge`.
        stage_key: Its key.
        round_: Of the rows.
        name: Of the annotator or judge.
        first: Number of the first.
        settled: Field of the record to its values, in order of their numbers; others are NULL.
    """
    table, types, who = table_of(stage)
    same = {"stage_key": stage_key, "round": round_, who: name}
    arrays, cells = as_arrays(types, settled)
    matched = " AND ".join(
        f"d.{quote(column)} IS NOT DISTINCT FROM a.{quote(column)}"
        for (column,) in store.rows("SELECT column_name FROM (DESCRIBE due) WHERE column_name <> 'item_id'")
    )
    sql = f"""
        INSERT INTO {table} ({", ".join([*same, "item_id", *arrays])})
        SELECT {", ".join([*(f"?::{types[column]}" for column in same), "d.item_id", *cells])}
        FROM given JOIN alike a ON a.number = given.number + ? JOIN due d ON {matched}
        """
    numbered = {"number": np.arange(len(settled["status"]), dtype=np.int64), **arrays}
    with store.transaction(), store.lent("given", numbered):
        store.run(sql, [*same.values(), first])


def put_away(store: Store) -> int:
    """Drop what `gather` made, and say of how many items it was."""
    count = int(store.one("SELECT count(*) FROM due")[0])
    for table in ("due", "alike", "recorded_rows"):
        store.run(f"DROP TABLE IF EXISTS {table}")
    return count


def _pointer(column: str) -> str:
    """Where a column stands among the recorded ones, as a string of SQL."""
    place = "/" + column.replace("~", "~0").replace("/", "~1")
    return "'" + place.replace("'", "''") + "'"
