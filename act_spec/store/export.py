"""The final labels as a file: Parquet, CSV or JSON lines, by the file's ending."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb

from act_spec.cells import to_cell
from act_spec.errors import StoreError
from act_spec.store import locked
from act_spec.store.database import Store
from act_spec.whole_files import whole

View = Literal["labels", "training_rows", "soft_labels", "clear", "ambiguous"]
_ROWS: dict[View, str] = {
    "labels": "SELECT * FROM labels ORDER BY item_id",
    "training_rows": "SELECT * FROM training_rows ORDER BY item_id, label",
    "soft_labels": "SELECT * FROM soft_labels ORDER BY item_id, share DESC, label",
    "clear": "SELECT * FROM labels ANTI JOIN history.ambiguous USING (item_id) ORDER BY item_id",
    "ambiguous": "SELECT * FROM labels SEMI JOIN history.ambiguous USING (item_id) ORDER BY item_id",
}


def write_labels(store: Store, output: Path, view: View = "labels") -> dict[str, int]:
    """
    Write the current plan's labels, sorted by item id; the same labels give the same bytes.

    Args:
        store: The run's database.
        output: Ends in `.parquet`, `.csv` or `.jsonl`. Written whole or not at all.
        view: `labels`, one row an item; or `training_rows`, the signed targets
            as rows of item_id, label and weight, two for a corrected item;
            `soft_labels`, the share of people's answers that gave each label;
            `ambiguous`, the items that people called so; `clear`, all others.

    Returns:
        How many of these items' labels come from `human`, `machine` and nobody (`none`).

    Raises:
        StoreError: If the ending is none of these, or the file cannot be written.
    """
    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        raise StoreError(f"{output}: '{output.suffix}' is not a known format. Known: {', '.join(_WRITERS)}.")
    items = _ROWS["labels" if view in {"training_rows", "soft_labels"} else view]
    try:
        with whole(output) as partial, store.at_rest("labels"):
            write(store, partial, view)
            rows = store.rows(
                f"SELECT coalesce(source, 'none'), count(*) FROM ({items}) GROUP BY ALL ORDER BY ALL"
            )
    except (OSError, duckdb.Error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
        raise StoreError(f"{output}: cannot be written: {why.removesuffix('.')}.") from error
    return dict(rows)


def _write_parquet(store: Store, path: Path, view: View) -> None:
    with locked.reaching([path]) as writer:
        writer.register("rows", locked.Stream(store.relation(_ROWS[view])))
        writer.execute("COPY (FROM rows) TO ? (FORMAT parquet, USE_TMP_FILE false)", [str(path.absolute())])


def _write_csv(store: Store, path: Path, view: View) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        names, rows = _rows(store, view)
        writer.writerow(names)
        for row in rows:
            # A cell that a spreadsheet would take for a formula gets an apostrophe.
            writer.writerow([to_cell(value) if isinstance(value, str) else value for value in row])


def _write_jsonl(store: Store, path: Path, view: View) -> None:
    with path.open("w", encoding="utf-8") as file:
        names, rows = _rows(store, view)
        for row in rows:
            file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")


def _rows(store: Store, view: View) -> tuple[Sequence[str], Iterable[tuple[Any, ...]]]:
    names = [row[0] for row in store.rows(f"DESCRIBE {_ROWS[view]}")]
    return names, (row for batch in store.batches(_ROWS[view]) for row in batch)


_WRITERS: dict[str, Callable[[Store, Path, View], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
}
