"""
Before the first stage: the files that items name are read, checked and made anew.

What cannot be used is noted with the item and its reason; the item is then
never put before a model, and the run goes on. A few files are held at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_spec.content.fields import MediaModality, is_media, media_modality
from act_spec.content.media import (
    STORED,
    Blob,
    MediaError,
    Prepared,
    ending,
    file_bytes,
    names_in,
    sha256_of,
)
from act_spec.plan.example_images import example_images
from act_spec.plan.media import media_root, preparation
from act_spec.plan.model import Plan
from act_spec.store import media
from act_spec.store.database import Store

_ITEMS_AT_ONCE = 32
_FILES_AT_ONCE = 8
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class _Field:
    """A field of files: how they are prepared, and where they lie."""

    name: str
    modality: MediaModality
    preparation: str
    root: Path
    column: str

    def file_key(self, digest: str) -> str:
        """What a file came to is remembered under this: its bytes, and how they are prepared."""
        return f"{self.preparation} {digest}"


@dataclass(frozen=True)
class _File:
    """What one file came to, and the key under which that is remembered."""

    key: str
    shown: Mapping[str, Any]
    blobs: tuple[Blob, ...] = ()


def prepare(plan: Plan, store: Store, tell: Tell, first: int | None = None) -> None:
    """
    Prepare the files of items that are not prepared yet.

    Args:
        plan: The current one, with its items in the run.
        store: The run's database.
        tell: Told how many items are done, of how many.
        first: Only the walk's first so many.
    """
    examples = example_images(plan.task, plan.data.show, plan.recipe_path.parent)
    media.write_media(store, [(one.blob.sha256, one.blob.mime, one.blob.data) for one in examples])
    fields = [_field(plan, name) for name, field in plan.data.show.items() if is_media(field)]
    names = [field.name for field in fields]
    total = media.count_unprepared(store, plan.data.key, names, first) if names else 0
    if not total:
        return
    done = 0
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        _prepare_stored(plan, store, fields, first)
        for batch in media.unprepared(store.cursor(), plan.data.key, names, first, _ITEMS_AT_ONCE):
            tell(done, total)
            _prepare_items(plan, store, fields, batch, pool)
            done += len(batch)
    tell(done, total)


def _field(plan: Plan, name: str) -> _Field:
    shown = plan.data.show[name]
    root = media_root(shown, plan.data.query.source, plan.recipe_path.parent)
    return _Field(name, media_modality(shown), preparation(shown), root, shown.column)


def _prepare_stored(plan: Plan, store: Store, fields: Sequence[_Field], first: int | None) -> None:
    """Files whose bytes stand in the data: one pass over the column, each made anew as it comes by."""
    wanted: dict[str, set[str]] = {field.name: set() for field in fields}
    names = [field.name for field in fields]
    for batch in media.unprepared(store.cursor(), plan.data.key, names, first, 1000):
        for _, content in batch:
            for field in fields:
                wanted[field.name] |= {
                    name.removeprefix(STORED)
                    for name in _names(content.get(field.name))
                    if name.startswith(STORED)
                }
    for field in fields:
        left = wanted[field.name]
        known = media.known_files(store, [field.file_key(digest) for digest in left])
        left -= {digest for digest in left if field.file_key(digest) in known}
        for digest, data in media.stored_bytes(plan.data.query.source, field.column, left):
            _keep(store, [_made(field, field.file_key(digest), data, STORED)])


def _names(value: Any) -> list[str]:
    try:
        return names_in(_named(value))
    except MediaError:
        return []


def _named(value: Any) -> Any:
    """The cell, of a field whose files are told with something else."""
    return value.get("file") if isinstance(value, Mapping) else value


def _prepare_items(
    plan: Plan,
    store: Store,
    fields: Sequence[_Field],
    batch: Sequence[tuple[str, dict[str, Any]]],
    pool: ThreadPoolExecutor,
) -> None:
    for field in fields:
        found = _came_to(store, field, [content.get(field.name) for _, content in batch], pool)
        for _, content in batch:
            value = content.get(field.name)
            if not isinstance(value, list) and value is not None:
                content[field.name] = list(_entries(value, found))
    with store.transaction():
        media.write_contents(store, plan.data.key, batch)


def _entries(value: Any, found: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A prepared field: an entry a file, the first with what the row tells besides."""
    told = {key: text for key, text in value.items() if key != "file"} if isinstance(value, Mapping) else {}
    try:
        names = names_in(_named(value))
    except MediaError as error:
        yield {"file": "", "fault": str(error)}
        return
    for number, name in enumerate(names):
        yield {"file": name, **found[name], **({} if number else told)}


def _came_to(
    store: Store, field: _Field, values: Sequence[Any], pool: ThreadPoolExecutor
) -> dict[str, Mapping[str, Any]]:
    """What every file that these cells name came to, by its name."""
    names = list(dict.fromkeys(name for value in values for name in _names(value)))
    stored = [name for name in names if name.startswith(STORED)]
    keys = {name: field.file_key(name.removeprefix(STORED)) for name in stored}
    before = media.known_files(store, list(keys.values()))
    lost = {"fault": "its bytes are not in the data any more."}
    found = {name: before.get(key, lost) for name, key in keys.items()}
    files = [name for name in names if not name.startswith(STORED)]
    for start in range(0, len(files), _FILES_AT_ONCE):
        found |= _files(store, field, files[start : start + _FILES_AT_ONCE], pool)
    return found


def _files(
    store: Store, field: _Field, names: Sequence[str], pool: ThreadPoolExecutor
) -> dict[str, Mapping[str, Any]]:
    """What a few files came to; their bytes are held together, and decoded only if they are new."""
    read = dict(zip(names, pool.map(lambda name: _bytes(field, name), names), strict=True))
    found: dict[str, Mapping[str, Any]] = {
        name: {"fault": str(data)} for name, data in read.items() if isinstance(data, MediaError)
    }
    data_of = {name: data for name, data in read.items() if isinstance(data, bytes)}
    # Its ending is checked too, so the same bytes under two names may come to two things.
    keys = {name: field.file_key(f"{sha256_of(data)}{ending(name)}") for name, data in data_of.items()}
    before = media.known_files(store, list(keys.values()))
    new = [name for name in data_of if keys[name] not in before]
    made = list(pool.map(lambda name: _made(field, keys[name], data_of[name], name), new))
    _keep(store, made)
    after = before | {one.key: one.shown for one in made}
    return found | {name: after[key] for name, key in keys.items()}


def _bytes(field: _Field, name: str) -> bytes | MediaError:
    try:
        return file_bytes(name, field.root, field.modality.max_bytes)
    except MediaError as error:
        return error


def _made(field: _Field, key: str, data: bytes, name: str) -> _File:
    try:
        made: Prepared = field.modality.prepare(data, name)
    except MediaError as error:
        return _File(key, {"fault": str(error)})
    return _File(key, made.shown, made.blobs)


def _keep(store: Store, files: Sequence[_File]) -> None:
    blobs = [(one.sha256, one.mime, one.data) for file in files for one in file.blobs]
    with store.transaction():
        media.write_media(store, blobs)
        media.remember_files(store, {file.key: file.shown for file in files})
