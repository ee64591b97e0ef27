"""
Files that items name, before anything runs: what they hash to, which cannot be used, which models take them.

Nothing is decoded but the heads of a sample; the hash is of the files' own bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from act_spec.content.fields import is_media, media_modality
from act_spec.content.media import STORED, MediaError, file_bytes, file_path, names_in, shown_name
from act_spec.llm.abilities import takes
from act_spec.llm.media_tokens import rule_known
from act_spec.llm.model import Model
from act_spec.plan.problems import Problems
from act_spec.recipe.schema import Recipe, ShownField
from act_spec.records import Item, sha256
from act_spec.registry import find
from act_spec.store.database import Store
from act_spec.store.scratch import Scratch
from act_spec.store.sources import Source
from act_spec.store.staging import stage_items, staged_cells

if TYPE_CHECKING:
    from act_spec.plan.model import Plan

_VERSION = 1
"""Of how files are prepared; a change that makes other pixels of the same file raises it."""
_MEASURED = 100


@dataclass(frozen=True)
class MediaPlan:
    """
    The files of the data.

    Attributes:
        sha256: Of the names and bytes of all of them; empty where no field holds files.
        files: How many there are, each counted once.
        unusable: Of those, how many are missing or lie where nothing is read.
        first_fault: The first of these, with its reason.
    """

    sha256: str = ""
    files: int = 0
    unusable: int = 0
    first_fault: str = ""


NO_MEDIA = MediaPlan()


def media_fields(show: Mapping[str, ShownField]) -> dict[str, ShownField]:
    """The shown fields that hold files."""
    return {name: field for name, field in show.items() if is_media(field)}


def media_root(field: ShownField, source: Source, folder: Path) -> Path:
    """What a field's file names are relative to: its root, else the folder that is the source, or that it lies in."""
    if field.root is not None:
        return folder / field.root
    return source.paths[0] if source.format == "folder" else source.paths[0].parent


def preparation(field: ShownField) -> str:
    """Hash of how a field's files are prepared."""
    entry = find("content", field.type)
    of_sending = media_modality(field).of_sending
    decides = {name: value for name, value in field.options.items() if name not in of_sending}
    return sha256([_VERSION, entry.full_name, decides])


def files_of(
    store: Store, show: Mapping[str, ShownField], source: Source, folder: Path, kept: Sequence[int] | None
) -> MediaPlan:
    """
    Hash every file that the staged items name.

    Args:
        store: With the items staged.
        show: Shown name to field.
        source: The data.
        folder: The recipe's.
        kept: Places of the items that are labelled, of those sorted by id; None for all.

    Raises:
        ValueError: If a folder is missing, a package is not installed, or no
            file at all can be used.
    """
    fields = media_fields(show)
    if not fields:
        return NO_MEDIA
    digest = hashlib.sha256()
    count, faults = 0, []
    for name, field in sorted(fields.items()):
        media_modality(field).need()
        root = media_root(field, source, folder)
        if not root.is_dir():
            raise ValueError(f"{name}: there is no folder '{field.root}'.")
        listed = _names(staged_cells(store, name, kept))
        count += len(listed)
        for one, found in _hashed(listed, root):
            digest.update(f"{name}\0{one}\0{found}\n".encode(errors="replace"))
            if not isinstance(found, str):
                faults.append(f"{shown_name(one)}: {found}")
    if faults and len(faults) == count:
        raise ValueError(f"none of the {count:,} files can be used. The first: {faults[0]}")
    return MediaPlan(digest.hexdigest(), count, len(faults), faults[0] if faults else "")


def media_paths(plan: Plan) -> list[Path]:
    """The files that the items name, those that can be used, each once."""
    folder, source = plan.recipe_path.parent, plan.data.query.source
    found: dict[Path, None] = {}
    fields = media_fields(plan.data.show)
    if not fields:
        return []
    with Scratch.new() as scratch:
        stage_items(scratch, plan.data.query)
        for name, field in sorted(fields.items()):
            root = media_root(field, source, folder)
            for one in _names(staged_cells(scratch, name, None)):
                if not one.startswith(STORED):
                    with suppress(MediaError):
                        found[file_path(one, root)] = None
    return list(found)


def _names(cells: Iterator[Any]) -> list[str]:
    names: dict[str, None] = {}
    for cell in cells:
        try:
            names.update(dict.fromkeys(names_in(cell.get("file") if isinstance(cell, Mapping) else cell)))
        except MediaError:
            continue
    return sorted(names)


def _hashed(names: Sequence[str], root: Path) -> Iterator[tuple[str, str | MediaError]]:
    """Each file's hash, or why it cannot be read; bytes of the data are covered by the data's own hash."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        yield from zip(names, pool.map(lambda name: _hash(name, root), names), strict=True)


def _hash(name: str, root: Path) -> str | MediaError:
    if name.startswith(STORED):
        return name
    try:
        with file_path(name, root).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except MediaError as error:
        return error
    except OSError as error:
        return MediaError(f"it cannot be read: {error.strerror or error}.")


def measured_items(
    items: Sequence[Item], show: Mapping[str, ShownField], source: Source, folder: Path
) -> list[Item]:
    """
    A sample of staged items with the sizes of their files, for estimates of tokens.

    Items whose files cannot be used are left out: they cost nothing. Bytes
    that stand in the data are not looked at, and taken for what their modality
    calls `unseen`.
    """
    fields = media_fields(show)
    if not fields:
        return list(items)
    return [
        measured
        for item in items[:_MEASURED]
        if (measured := _measured(item, fields, source, folder)) is not None
    ]


def _measured(item: Item, fields: Mapping[str, ShownField], source: Source, folder: Path) -> Item | None:
    content = dict(item.content)
    for name, field in fields.items():
        cell = content.get(name)
        told = {key: text for key, text in cell.items() if key != "file"} if isinstance(cell, Mapping) else {}
        root = media_root(field, source, folder)
        try:
            listed = names_in(cell.get("file") if isinstance(cell, Mapping) else cell)
            content[name] = [{"file": one, **_size(one, field, root), **told} for one in listed]
        except MediaError:
            return None
    return Item(item.item_id, content)


def _size(name: str, field: ShownField, root: Path) -> Mapping[str, Any]:
    made = media_modality(field)
    if name.startswith(STORED):
        return made.unseen
    return made.measure(file_bytes(name, root, made.max_bytes), name)


def sent_kinds(show: Mapping[str, ShownField], models: Sequence[Model]) -> frozenset[str]:
    """
    The kinds of parts that all of these models take, as far as it is known; the same for every one of them.

    What is not known of a model it is taken to take.
    """
    kinds = {kind for field in show.values() for kind in find("content", field.type).traits.get("sends", ())}
    return frozenset(
        kind for kind in kinds | {"text"} if all(takes(model, kind) is not False for model in models)
    )


def check_abilities(
    recipe: Recipe, path: tuple[str | int, ...], models: Sequence[Model], problems: Problems
) -> None:
    """Note where a model does not take what items hold, before any money is spent."""
    fields = media_fields(recipe.data.show)
    for name, field in fields.items():
        made = media_modality(field)
        for model in models:
            for kind in sorted(made.needs):
                if takes(model, kind) is False:
                    problems.add(
                        (*path, "model"),
                        f"{model.name} takes no {_WORDS[kind]}, and data.show.{name} holds {field.type}.",
                        f"Take another model{made.otherwise}. "
                        f"If the model does take it, write `accepts: [{kind}]` beside it.",
                    )


_WORDS = {"image": "images", "audio": "sound"}


def unsure_of_media(show: Mapping[str, ShownField], models: Sequence[Model]) -> list[str]:
    """What is not known of the models and of what media will cost, as sentences for the plan."""
    kinds = {kind for field in media_fields(show).values() for kind in media_modality(field).sends}
    lines = []
    for kind in sorted(kinds):
        unknown = [model.name for model in models if takes(model, kind) is None]
        if unknown:
            verb = "takes" if len(unknown) == 1 else "take"
            lines.append(f"Whether {' and '.join(unknown)} {verb} {_WORDS[kind]} is not known here.")
        unruled = [
            model.name for model in models if model.provider != "local" and not rule_known(model, kind)
        ]
        if unruled:
            lines.append(
                f"Tokens of {_WORDS[kind]} are a wide estimate: no rule of {' and '.join(unruled)} is known here."
            )
    return lines
