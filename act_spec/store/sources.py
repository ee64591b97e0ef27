"""
Reading what a recipe names: Parquet through a locked DuckDB, CSV and JSON lines line by line.

Every value arrives as text, exactly as written: `00417` stays `00417`.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb

from act_spec.errors import RecipeError, did_you_mean
from act_spec.store import locked
from act_spec.store.database import Store
from act_spec.store.text_rows import csv_rows, fault, json_rows

Format = Literal["parquet", "csv", "jsonl", "folder"]
_ENDINGS: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_BATCH = 5_000
_ABOUT_DUCKDB = re.compile(
    r"(^.*reading the .{,30} registered as '\w+' failed: (\w+Exception: )?)?([A-Z]\w+( \w+)* Error: )?"
)
PARQUET = "read_parquet(?, hive_partitioning = false)"
"""A file's columns are those in it, whatever its folders are called."""
FOLDER_COLUMNS = ("file", "folder")
"""Columns of a folder as a source: each file's path inside it, and the folder that the file is in."""
_MEDIA_ENDINGS = frozenset(
    ".png .jpg .jpeg .jpe .jfif .gif .webp .bmp .dib .tif .tiff .pdf .wav .mp3".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Source:
    """
    Files of one format, read as one table of text columns.

    Attributes:
        name: As the recipe writes it, for messages.
        paths: The files, sorted.
        format: By their ending.
        columns: Column names, in the first file's order.
        types: DuckDB's types of these columns, of Parquet alone.
    """

    name: str
    paths: tuple[Path, ...]
    format: Format
    columns: tuple[str, ...]
    types: tuple[str, ...] = ()

    def sha256(self) -> str:
        """Hash of the files' bytes, in the order of their names; of a folder, of the names alone."""
        if self.format == "folder":
            return folder_sha256(self.paths[0])
        digest = hashlib.sha256()
        for path in self.paths:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def require(self, column: str) -> str:
        """
        The column's name, if there is such a column.

        Raises:
            ValueError: If there is none; offers the nearest.
        """
        if column not in self.columns:
            raise ValueError(f"{self.name} has no column '{column}'. {did_you_mean(column, self.columns)}")
        return column


def open_source(name: str, folder: Path) -> Source:
    """
    Find a source's files and their columns.

    Args:
        name: A path or a glob, relative to `folder`.
        folder: Where the recipe stands.

    Raises:
        RecipeError: If a file is missing, unreadable or of no known format.
    """
    try:
        return _opened(name, folder)
    except OSError as error:
        raise fault(Path(error.filename or name), f"cannot be read: {error.strerror}.") from error


def _opened(name: str, folder: Path) -> Source:
    if "\0" not in name and (folder / name).is_dir():
        return _folder(name, folder / name)
    paths = _paths(name, folder)
    formats = {path: _ENDINGS.get(path.suffix.lower()) for path in paths}
    for path, kind in formats.items():
        if not path.is_file():
            raise fault(path, "not a file. Name a file or a glob such as data/*.parquet.")
        if kind is None:
            raise fault(path, f"'{path.suffix}' is not a known format. Known: {', '.join(_ENDINGS)}.")
    kinds = {kind for kind in formats.values() if kind}
    if len(kinds) > 1:
        raise fault(Path(name), "files of several formats. Name files of one format.")
    kind = kinds.pop()
    columns, types = _parquet_columns(paths[0]) if kind == "parquet" else (_columns(paths[0], kind), ())
    return Source(name, paths, kind, columns, types)


def _folder(name: str, path: Path) -> Source:
    if not _files_in(path):
        raise fault(path, f"no file in it is of a known kind: {', '.join(sorted(_MEDIA_ENDINGS))}.")
    return Source(name, (path,), "folder", FOLDER_COLUMNS)


def folder_sha256(path: Path) -> str:
    """Hash of the names in a folder that is a source."""
    return hashlib.sha256("\n".join(_files_in(path)).encode(errors="replace")).hexdigest()


def _files_in(folder: Path) -> list[str]:
    """Files of known endings below a folder, sorted; hidden ones and links to folders are passed over."""
    found: list[str] = []
    for place, inner, names in os.walk(folder):
        inner[:] = [one for one in inner if not one.startswith(".")]
        below = Path(place).relative_to(folder)
        found += [
            (below / one).as_posix()
            for one in names
            if not one.startswith(".") and Path(one).suffix.lower() in _MEDIA_ENDINGS
        ]
    return sorted(found)


def load(
    store: Store,
    source: Source,
    columns: Sequence[str],
    table: str,
    made: str = "SELECT * FROM arrived",
    values: Sequence[Any] = (),
    *,
    media: Collection[str] = (),
) -> None:
    """
    Read columns into a temporary table.

    Args:
        store: Where the table is made.
        source: What is read.
        columns: Their names in the source.
        table: A name of ours.
        made: What becomes of the rows as they arrive, as SQL over `arrived`:
            the columns as text, named `c0`, `c1`, …, and `line`, a row number from 1.
        values: Bound in that.
        media: Columns of files. One of bytes is read as their hashes.

    Raises:
        RecipeError: If the data are malformed; with file and line where known.
    """
    if source.format == "parquet":
        with reading_parquet(source) as (reader, files):
            rows = reader.sql(_cells(source, columns, media), params=[files])
            store.take_over(rows, f"CREATE OR REPLACE TEMP TABLE {table} AS {made}", values)
        return
    names = ["line", *(f"c{number}" for number in range(len(columns)))]
    types = ["BIGINT", *("VARCHAR" for _ in columns)]
    marks = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in zip(names, types, strict=True))
    into = f"CREATE OR REPLACE TEMP TABLE {table} AS"
    for batch in _batched(source, columns):
        lists = [list(column) for column in zip(*batch, strict=True)] or [[] for _ in names]
        store.run(f"{into} WITH arrived AS (SELECT {marks}) {made}", [*lists, *values])
        into = f"INSERT INTO {table}"


def _cells(source: Source, columns: Sequence[str], media: Collection[str]) -> str:
    """A query of Parquet files that has what `load` promises."""
    cells = [_cell(source, column, media=column in media) for column in columns]
    wanted = [
        f"{cell or f'{quote(column)}::VARCHAR'} AS c{number}"
        for number, (cell, column) in enumerate(zip(cells, columns, strict=True))
    ]
    return f"SELECT {', '.join(['row_number() OVER () AS line', *wanted])} FROM {PARQUET}"


def all_different(store: Store, table: str) -> bool:
    """
    Whether no item id can stand twice in a table that was loaded; where some can, it is worth looking which.

    Where the hashes of all ids differ, so do they, and hashes take little memory.
    """
    hashes, ids = store.one(
        f"SELECT count(DISTINCT hash(item_id)), count(*) FROM {table} WHERE item_id <> ''"
    )
    return bool(hashes == ids)


def read_rows(
    store: Store, source: Source, columns: Sequence[str], where: Mapping[str, str]
) -> list[tuple[str | None, ...]]:
    """
    Columns of a source as rows of text, in the file's order.

    Args:
        store: Where the source is staged meanwhile.
        source: What is read.
        columns: Their names, one value each in a row.
        where: Column to the value that it must have.
    """
    wanted = list(dict.fromkeys([*columns, *where]))
    load(store, source, wanted, "read_rows")
    at = {column: f"c{number}" for number, column in enumerate(wanted)}
    kept = " AND ".join(f"{at[column]} = ?" for column in where) or "true"
    listed = ", ".join(at[column] for column in columns)
    rows = store.rows(f"SELECT {listed} FROM read_rows WHERE {kept} ORDER BY line", list(where.values()))
    store.run("DROP TABLE read_rows")
    return rows


@contextmanager
def reading_parquet(source: Source) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
    """
    A connection that can read the source's files and nothing else, and their names for `PARQUET`.

    Raises:
        RecipeError: If they turn out to be malformed.
    """
    with locked.reaching(source.paths) as reader:
        try:
            yield reader, [locked.as_pattern(path) for path in source.paths]
        except duckdb.Error as error:
            raise _no_parquet(source.paths[0], error) from error


def _cell(source: Source, column: str, *, media: bool) -> str | None:
    """A Parquet column as SQL for text; None where a plain cast does."""
    if media:
        return blob_hash(source, column)
    # The turns of a conversation.
    turns = _type_of(source, column).startswith("STRUCT(") and _type_of(source, column).endswith("[]")
    return f"to_json({quote(column)})::VARCHAR" if turns else None


def blob_cells(source: Source, column: str) -> str | None:
    """
    A Parquet column of bytes as SQL for the list of them; None for a column of another type.

    Bytes may stand alone, in a list, or as `{bytes, path}`, as image data sets have them.
    """
    kind, name = _type_of(source, column), quote(column)
    several = kind.endswith("[]")
    kind = kind.removesuffix("[]")
    if kind.startswith("STRUCT(") and "bytes BLOB" in kind.replace('"', ""):
        one = "x.bytes"
    elif kind == "BLOB":
        one = "x"
    else:
        return None
    listed = name if several else f"[{name}]"
    return f"list_transform({listed}, lambda x: {one})"


def holds_bytes(source: Source, column: str) -> bool:
    """Whether a Parquet column holds bytes, in any of the ways that are read."""
    return blob_cells(source, column) is not None


def blob_hash(source: Source, column: str) -> str | None:
    """The same as SQL for a JSON list of `sha256:…`; lists of other values as JSON, None for plain cells."""
    cells = blob_cells(source, column)
    if cells is not None:
        return f"to_json(list_transform({cells}, lambda b: 'sha256:' || sha256(b)))::VARCHAR"
    return f"to_json({quote(column)})::VARCHAR" if _type_of(source, column).endswith("[]") else None


def _type_of(source: Source, column: str) -> str:
    """DuckDB's type of a Parquet column; empty for other formats."""
    return dict(zip(source.columns, source.types, strict=False)).get(column, "")


def quote(name: str) -> str:
    """A column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _paths(name: str, folder: Path) -> tuple[Path, ...]:
    full = folder / name
    if any(sign in name for sign in "*?["):
        # Path.glob refuses absolute patterns.
        found = tuple(Path(path) for path in sorted(glob.glob(str(full), recursive=True)))  # noqa: PTH207
        if not found:
            raise fault(full, "no file matches.")
        return found
    if not full.exists():
        raise fault(full, "there is no such file.", hint=_nearby(name, full))
    return (full,)


def _nearby(name: str, full: Path) -> str:
    """What may have been meant by a name under which there is no file."""
    if "$" in name or name.startswith("~"):
        return "Write the path itself; a recipe puts in neither variables of the shell nor '~'."
    if not full.parent.is_dir():
        return f"There is no folder {full.parent}."
    beside = [one.name for one in full.parent.iterdir() if one.suffix == full.suffix or one.stem == full.stem]
    return near if (near := did_you_mean(full.name, beside)).startswith("Did you mean") else ""


def _parquet_columns(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and types."""
    with locked.reaching([path]) as reader:
        try:
            found = reader.execute(f"DESCRIBE FROM {PARQUET}", [[locked.as_pattern(path)]]).fetchall()
        except duckdb.Error as error:
            raise _no_parquet(path, error) from error
    return tuple(row[0] for row in found), tuple(row[1] for row in found)


def _columns(path: Path, kind: Format) -> tuple[str, ...]:
    if kind == "csv":
        _, header = next(csv_rows(path), (0, []))
        repeated = sorted({name for name in header if header.count(name) > 1})
        if not header or repeated:
            what = f"the column '{repeated[0]}' stands twice." if repeated else "it is empty."
            raise fault(path, what, line=1)
        return tuple(header)
    names: dict[str, None] = {}
    for number, (_, record) in enumerate(json_rows(path)):
        names.update(dict.fromkeys(record))
        if number == 1000:
            break
    if not names:
        raise fault(path, "it is empty.")
    return tuple(names)


def _batched(source: Source, columns: Sequence[str]) -> Iterator[list[list[Any]]]:
    """The rows, some at a time; the last may be none."""
    batch: list[list[Any]] = []
    for path in source.paths:
        for line, values in _text_rows(path, source, columns):
            batch.append([line, *values])
            if len(batch) == _BATCH:
                yield batch
                batch = []
    yield batch


def _text_rows(path: Path, source: Source, columns: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
    if source.format == "folder":
        for line, name in enumerate(_files_in(path), start=1):
            known = dict(zip(FOLDER_COLUMNS, (name, Path(name).parent.as_posix()), strict=True))
            yield line, [known[column] for column in columns]
        return
    if source.format == "jsonl":
        for line, record in json_rows(path):
            yield line, [_as_text(record.get(column)) for column in columns]
        return
    rows = csv_rows(path)
    _, header = next(rows)
    missing = [column for column in columns if column not in header]
    if missing:
        raise fault(path, f"it has no column '{missing[0]}'. {did_you_mean(missing[0], header)}", line=1)
    at = [header.index(column) for column in columns]
    for line, row in rows:
        if len(row) != len(header):
            raise fault(path, f"{len(row)} cells where the header has {len(header)}.", line=line)
        yield line, [row[index] for index in at]


def _no_parquet(path: Path, error: duckdb.Error) -> RecipeError:
    said = _ABOUT_DUCKDB.sub("", str(error).splitlines()[0], count=1)
    return fault(path, f"cannot be read as Parquet: {said.removesuffix('.')}.")


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
