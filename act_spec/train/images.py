"""Where the bytes of an item's image are: in the run, or beside a file to test on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from act_spec.content.fields import media_modality
from act_spec.content.media import STORED, MediaError, file_bytes, names_in
from act_spec.plan.media import media_root
from act_spec.recipe.schema import ShownField
from act_spec.store.database import Store
from act_spec.store.media import media_bytes, stored_bytes
from act_spec.store.sources import Source

Contents = Sequence[Mapping[str, Any]]
_IMAGE = "image"


def of_a_run(contents: Contents, show: Mapping[str, ShownField], store: Store) -> Contents:
    """
    The contents, with a function that gets its bytes in the place of each image.

    An item that shows several images in one field is told by the first; one
    whose file could not be used has none.
    """
    return [{name: _kept(value, show.get(name), store) for name, value in one.items()} for one in contents]


def of_a_file(contents: Contents, show: Mapping[str, ShownField], source: Source, folder: Path) -> Contents:
    """
    The same for items that were never prepared: each image is read when it is wanted, and checked like any other.

    Args:
        contents: As the file has them.
        show: Shown name to field.
        source: The file.
        folder: The recipe's.
    """
    made: list[dict[str, Any]] = [dict(one) for one in contents]
    for name, field in show.items():
        if field.type != _IMAGE:
            continue
        named = [next(iter(names_in(one.get(name))), None) for one in contents]
        wanted = {one.removeprefix(STORED) for one in named if one and one.startswith(STORED)}
        stored = dict(stored_bytes(source, field.column, wanted)) if wanted else {}
        root = media_root(field, source, folder)
        for one, file in zip(made, named, strict=True):
            one[name] = None if file is None else partial(_prepared, file, field, root, stored)
    return made


def _kept(value: Any, field: ShownField | None, store: Store) -> Any:
    if field is None or field.type != _IMAGE:
        return value
    found = next(_hashes(value), None)
    return None if found is None else partial(_bytes, store, found)


def _hashes(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping) and "sha256" in one:
            yield str(one["sha256"])


def _bytes(store: Store, digest: str) -> bytes:
    return media_bytes(store, digest)[1]


def _prepared(file: str, field: ShownField, root: Path, stored: Mapping[str, bytes]) -> bytes:
    modality = media_modality(field)
    try:
        if file.startswith(STORED):
            data = stored[file.removeprefix(STORED)]
        else:
            data = file_bytes(file, root, modality.max_bytes)
        return modality.prepare(data, file).blobs[0].data
    except MediaError as error:
        raise ValueError(f"train.test: {file}: {error}") from error
