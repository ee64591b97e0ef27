"""Writing many rows at once: DuckDB takes lists of columns about two hundred times faster than rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from act_spec.store.database import Store


def insert(
    store: Store, table: str, types: Mapping[str, str], rows: Sequence[Sequence[Any]], conflict: str = ""
) -> None:
    """
    Insert rows in one statement.

    Args:
        store: The open database.
        table: Where the rows go.
        types: Column name to DuckDB type, in the order of a row's values.
        rows: The values.
        conflict: An `ON CONFLICT` clause; without it a conflict is an error.
    """
    if not rows:
        return
    marks = ", ".join(f"unnest(?::{kind}[])" for kind in types.values())
    sql = f"INSERT INTO {table} ({', '.join(types)}) SELECT {marks} {conflict}"
    store.run(sql, [list(column) for column in zip(*rows, strict=True)])


def insert_columns(
    store: Store,
    table: str,
    types: Mapping[str, str],
    columns: Mapping[str, Sequence[Any]],
    same: Mapping[str, Any],
) -> None:
    """
    Insert rows that are at hand as columns; half the time of `insert`, for hundreds of thousands of rows.

    Args:
        store: The open database.
        table: Where the rows go.
        types: Column name to DuckDB type.
        columns: Column name to values, all of one length; None is NULL.
        same: Columns that have one value in every row.
    """
    arrays = {name: _array(types[name], values) for name, values in columns.items()}
    cells = [f"?::{types[name]}" for name in same]
    cells += [
        f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END"
        if array.dtype == np.float64
        else f"{name}::{types[name]}"
        for name, array in arrays.items()
    ]
    sql = f"INSERT INTO {table} ({', '.join([*same, *arrays])}) SELECT {', '.join(cells)} FROM given"
    with store.lent("given", arrays):
        store.run(sql, list(same.values()))


def _array(kind: str, values: Sequence[Any]) -> np.ndarray:
    """As DuckDB reads a column of NumPy without looking at its objects one by one; NaN is NULL in a column of doubles."""
    if kind == "DOUBLE":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
