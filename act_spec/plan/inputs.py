"""The files that a plan is made of: the recipe and its parts, the data, recorded answers, examples, test items."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from act_spec.plan.model import Plan
from act_spec.store.sources import folder_sha256, open_source

What = Literal["recipe", "data", "answers", "examples", "test"]


@dataclass(frozen=True)
class Input:
    """
    A file that went into a plan.

    Attributes:
        what: `recipe` (its bases and label files too), `data`, recorded
            `answers`, worked `examples`, or items to `test` on.
        path: Where it is now.
        name: The same, seen from the recipe's folder, with `/`.
    """

    what: What
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
    """Every file that the plan is made of, each once, sorted by name; the recipe first."""
    folder = plan.recipe_path.parent
    found: dict[str, Input] = {}
    for what, path in _paths(plan):
        name = _seen_from(path, folder)
        found.setdefault(name, Input(what, path, name))
    first, *rest = found.values()
    return [first, *sorted(rest, key=lambda one: one.name)]


def _paths(plan: Plan) -> Iterator[tuple[What, Path]]:
    for path in plan.files or (plan.recipe_path,):
        yield "recipe", path
    for path in plan.data.query.source.paths:
        yield "data", path
    for role in plan.roles:
        source = role.parameters.get("source")
        if source:
            what: What = "answers" if role.model is None else "examples"
            yield from ((what, path) for path in open_source(str(source), plan.recipe_path.parent).paths)
    if plan.train.test:
        yield from (("test", path) for path in open_source(plan.train.test, plan.recipe_path.parent).paths)


def _seen_from(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
