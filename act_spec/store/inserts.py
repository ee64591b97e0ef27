"""Writing many rows at once: DuckDB takes lists of columns about two hundred times faster than rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
