"""
A run's tables as lines of JSON: for people and programs without DuckDB, and to make the run again from them.

The same rows give the same bytes, whatever the database's file looks like.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb

from act_spec.errors import StoreError
from act_spec.store.database import Store
from act_spec.store.inserts import insert

Open = Callable[[str], Iterator[bytes]]
_BATCH = 5_000
# What quotes items, by table: left out on demand.
_QUOTES: Mapping[str, tuple[str, ...]] = {
    "history.items": ("content", "recorded"),
    "calls": ("response", "tokens", "reason"),
    "history.annotations": ("rationale",),
    "history.judgments": ("rationale", "units"),
    "history.reviews": ("note",),
}
# A table that is not named here goes along only with items.
_QUOTES_NOBODY = frozenset(
    {"meta", "calls"}
    | {
        f"history.{name}"
        for name in (
            "adjudicated",
            "allocations",
            "annotations",
            "current_keys",
            "items",
            "judgments",
            "metrics",
            "pilots",
            "plans",
            "reviews",
            "round_shares",
            "training",
            "training_differences",
            "trainings",
            "votes",
        )
    }
)
_EMPTY = {"content": "{}"}


def table_names(store: Store) -> list[str]:
    """Every table that rows are written to, as SQL names it, sorted."""
    rows = store.rows(
        """
        SELECT CASE WHEN schema_name = 'main' THEN table_name ELSE schema_name || '.' || table_name END AS name
        FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary ORDER BY name
        """
    )
    return [row[0] for row in rows]


def write_table(store: Store, table: str, *, with_items: bool) -> Iterator[bytes]:
    """
    A table's rows, sorted, a line of JSON each.

    Args:
        store: The run.
        table: One of `table_names`.
        with_items: Else whatever quotes items is left out.
    """
    if not with_items and table not in _QUOTES_NOBODY:
        return
    columns = list(_types(store, table))
    left_out = () if with_items else _QUOTES.get(table, ())
    for batch in store.batches(f"SELECT * FROM {table} ORDER BY ALL"):
        for row in batch:
            said = dict(zip(columns, map(_plain, row), strict=True))
            said |= {name: _EMPTY.get(name) for name in left_out}
            if table == "history.plans":
                said["plan"] = _without_paths(said["plan"])
            yield f"{json.dumps(said, ensure_ascii=False)}\n".encode()


def read_table(store: Store, table: str, lines: Iterator[bytes]) -> None:
    """
    Put rows back into a fresh run's table.

    Raises:
        StoreError: If a line is no row of this table.
    """
    types = _types(store, table)
    with store.transaction():
        store.run(f"DELETE FROM {table}")
        batch: list[list[Any]] = []
        for number, line in enumerate(lines, start=1):
            try:
                said = json.loads(line)
                batch.append([_typed(said[name], kind) for name, kind in types.items()])
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(f"tables/{table}.jsonl:{number}: not a row of this table.") from error
            if len(batch) == _BATCH:
                _insert(store, table, types, batch)
                batch = []
        _insert(store, table, types, batch)


def read_meta(store: Store, lines: Iterator[bytes]) -> None:
    """
    What a run says of itself, but for the version of its tables, which is this program's.

    Raises:
        StoreError: If a line says nothing of the kind.
    """
    for number, line in enumerate(lines, start=1):
        try:
            key, value = (str(json.loads(line)[name]) for name in ("key", "value"))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"tables/meta.jsonl:{number}: not a row of this table.") from error
        if key != "schema_version":
            store.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])


def _insert(store: Store, table: str, types: Mapping[str, str], rows: list[list[Any]]) -> None:
    try:
        insert(store, table, types, rows)
    except duckdb.Error as error:
        raise StoreError(
            f"tables/{table}.jsonl: not rows of this table: {str(error).splitlines()[0]}."
        ) from error


def _types(store: Store, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in store.rows(f"DESCRIBE {table}")}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind.startswith("TIMESTAMP"):
        return datetime.fromisoformat(value)
    return base64.b64decode(value, validate=True) if kind == "BLOB" else value


def _without_paths(plan: str) -> str:
    """A plan's JSON with its recipe's name in the place of its path on this machine."""
    said = json.loads(plan)
    said["recipe"] = said["recipe"].replace("\\", "/").rpartition("/")[2]
    return json.dumps(said, ensure_ascii=False)
