"""The files that a plan is made of: the recipe and its parts, the data, test items, what strategies read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from act_spec.library import pack_of, packs_folder
from act_spec.recipe.file_paths import named_files
from act_spec.recipe.load import LoadedRecipe
from act_spec.recipe.nodes import KeyPath
from act_spec.store.sources import folder_sha256, open_source

if TYPE_CHECKING:
    from act_spec.plan.model import Plan

_TEMPLATES = ("guideline", "templates")


@dataclass(frozen=True)
class Input:
    """
    A file that went into a plan.

    Attributes:
        what: `recipe` (its bases and label files too), `data`, items to `test`
            on, the team's own `templates`, `media` of the labels' examples, or what
            a `strategy` reads: recorded answers, worked examples.
        path: Where it is now.
        name: The same, seen from the recipe's folder, with `/`; a file of an
            installed pack by the pack: `pack:support/1.2.0/base.act.yaml`.
    """

    what: str
    path: Path
    name: str

    @cached_property
    def sha256(self) -> str:
        """Of its bytes; of a folder, of the names in it."""
        if self.path.is_dir():
            return folder_sha256(self.path)
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def inputs(plan: Plan) -> list[Input]:
    """Every file that the plan is made of, each once: the recipe first, the others by name."""
    folder = plan.recipe_path.parent
    found: dict[str, Input] = {}
    for what, path in plan.files:
        name = _name(path, folder)
        found.setdefault(name, Input(what, path, name))
    own = plan.recipe_path.name
    return sorted(found.values(), key=lambda one: (one.name != own, one.name))


def _name(path: Path, folder: Path) -> str:
    if pack_of(path) is not None:
        return f"pack:{path.resolve().relative_to(packs_folder().resolve()).as_posix()}"
    return Path(os.path.relpath(path, folder)).as_posix()


def read_files(loaded: LoadedRecipe) -> Iterator[tuple[str, Path]]:
    """What each file that went in is, and where it is."""
    folder = loaded.path.parent
    for path in loaded.files:
        yield "recipe", path
    for place, node in named_files(loaded.tree):
        what = _what(place)
        if place == _TEMPLATES:
            yield from (("templates", path) for path in sorted((folder / node.text).glob("*.j2")))
        elif what == "media":
            yield what, folder / node.text
        elif what:
            yield from ((what, path) for path in open_source(node.text, folder).paths)


def _what(path: KeyPath) -> str:
    """Of a named file; empty for label files, which are parts of the recipe, and for the folder that media lie in."""
    if path == ("data", "source"):
        return "data"
    if path == ("train", "test"):
        return "test"
    if path[:2] == ("task", "labels"):
        return "media" if len(path) > 2 else ""
    return "strategy" if path[0] in ("annotator", "judge") else ""
