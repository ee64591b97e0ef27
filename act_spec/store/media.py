"""
Media: bytes by their hash, and what the files that items name came to.

An item's field of files is text until it is prepared, and from then on a list
with one entry a file. What a file came to is remembered by the hash of its
bytes, so an edited recipe decodes nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from act_spec.errors import StoreError
from act_spec.store.database import Store
from act_spec.store.inserts import insert
from act_spec.store.sources import PARQUET, Source, blob_cells, reading_parquet

_BYTES_AT_ONCE = 16


def media_bytes(store: Store, sha256: str) -> tuple[str, bytes]:
    """
    Kind (MIME) and bytes of what the run holds under a hash.

    Raises:
        StoreError: If it holds nothing under it.
    """
    found = store.rows("SELECT mime, bytes FROM media WHERE sha256 = ?", [sha256])
    if not found:
        raise StoreError(f"{store.path}: the run holds no media {sha256[:12]}….")
    return found[0]


def write_media(store: Store, blobs: Sequence[tuple[str, str, bytes]]) -> None:
    """Keep bytes under their hashes; those that are there stay."""
    for blob in {one[0]: one for one in blobs}.values():
        store.run("INSERT INTO media VALUES (?, ?, ?) ON CONFLICT DO NOTHING", list(blob))


def known_files(store: Store, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What files came to that were prepared before, by their keys."""
    rows = store.rows(
        "SELECT prepared_key, shown FROM history.prepared WHERE prepared_key IN (SELECT unnest(?::VARCHAR[]))",
        [list(keys)],
    )
    return {key: json.loads(shown) for key, shown in rows}


def remember_files(store: Store, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Note what files came to, by their keys."""
    types = {"prepared_key": "VARCHAR", "shown": "VARCHAR"}
    rows = [(key, json.dumps(shown)) for key, shown in files.items()]
    insert(store, "history.prepared", types, rows, "ON CONFLICT DO NOTHING")


def unprepared(
    store: Store, stage_key: str, fields: Sequence[str], first: int | None, size: int
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """
    Items whose files are still names, in walking order, in lists of at most `size`.

    Args:
        store: Busy until the last list; write through another cursor.
        stage_key: Key of the data.
        fields: Shown names of the fields of files.
        first: Only the walk's first so many; None for all.
        size: Items in a list.
    """
    sql, values = _unprepared(stage_key, fields, first)
    for batch in store.batches(f"SELECT item_id, content {sql} ORDER BY position", values, size):
        yield [(item_id, json.loads(content)) for item_id, content in batch]


def count_unprepared(store: Store, stage_key: str, fields: Sequence[str], first: int | None) -> int:
    """How many these are."""
    sql, values = _unprepared(stage_key, fields, first)
    return int(store.one(f"SELECT count(*) {sql}", values)[0])


def _unprepared(stage_key: str, fields: Sequence[str], first: int | None) -> tuple[str, list[Any]]:
    places = ["/" + field.replace("~", "~0").replace("/", "~1") for field in fields]
    named = " OR ".join("json_type(content, ?) IN ('VARCHAR', 'OBJECT')" for _ in places)
    within = "true" if first is None else "position < ?"
    values = [stage_key, *places, *([] if first is None else [first])]
    return f"FROM history.items WHERE stage_key = ? AND ({named}) AND {within}", values


def write_contents(store: Store, stage_key: str, contents: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Put prepared contents in the place of what the items held."""
    store.run(
        """
        UPDATE history.items SET content = made.content
        FROM (SELECT unnest(?::VARCHAR[]) AS item_id, unnest(?::VARCHAR[]) AS content) made
        WHERE stage_key = ? AND history.items.item_id = made.item_id
        """,
        [
            [item_id for item_id, _ in contents],
            [json.dumps(content, ensure_ascii=False) for _, content in contents],
            stage_key,
        ],
    )


def stored_bytes(source: Source, column: str, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """
    Hash and bytes of the cells of a Parquet column whose hash is wanted; a few are held at a time.

    Args:
        source: The data.
        column: One of bytes.
        wanted: Hashes; each is yielded once, however often its bytes occur.
    """
    cells = blob_cells(source, column)
    if cells is None:
        return
    left = set(wanted)
    sql = f"""
        SELECT sha256(b) AS hash, b FROM (SELECT unnest({cells}) AS b FROM {PARQUET})
        WHERE hash IN (SELECT unnest(?::VARCHAR[]))
    """
    with reading_parquet(source) as (reader, files):
        reader.execute(sql, [files, list(left)])
        while rows := reader.fetchmany(_BYTES_AT_ONCE):
            for digest, data in rows:
                if digest in left:
                    left.discard(digest)
                    yield digest, data
