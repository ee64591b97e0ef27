"""A pack as a value: what its author says of it, its recipes, its files with their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from act_spec.errors import Problem, RecipeError
from act_spec.library import MANIFEST, NAME, RECIPE_ENDING, VERSION
from act_spec.packs.contents import Files, is_partial, recipe_tree
from act_spec.recipe.nodes import MapNode, TextNode

FORMAT = 1
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class About(BaseModel):
    """What its author says of a pack: `pack.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=f"^{NAME.pattern}$")
    version: str = Field(pattern=f"^{VERSION.pattern}$")
    about: str = Field("", max_length=200)


class File(BaseModel):
    """One file of a pack, in the manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: _Sha256
    bytes: int = Field(ge=0)


class RecipeEntry(BaseModel):
    """One recipe of a pack, in the manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    file: str
    partial: bool = False
    about: str = ""


class Manifest(About):
    """`pack.json`: what the pack says of itself, written when it is built."""

    act_pack: int
    recipes: tuple[RecipeEntry, ...] = ()
    files: dict[str, File] = {}


@dataclass(frozen=True)
class Pack:
    """
    A pack in memory, checked or about to be.

    Attributes:
        about: What its author says.
        files: Path inside the pack to bytes, without the manifest.
    """

    about: About
    files: Files

    @property
    def title(self) -> str:
        """Name and version, for messages."""
        return f"{self.about.name} {self.about.version}"

    @cached_property
    def manifest(self) -> Manifest:
        """Made anew from the files."""
        return Manifest(
            **self.about.model_dump(),
            act_pack=FORMAT,
            recipes=tuple(self._recipes()),
            files={
                path: File(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
                for path, data in sorted(self.files.items())
            },
        )

    @property
    def manifest_bytes(self) -> bytes:
        """The manifest as the archive holds it; the same for the same files."""
        text = json.dumps(self.manifest.model_dump(), indent=1, ensure_ascii=False, sort_keys=True)
        return f"{text}\n".encode()

    def reach(self) -> dict[str, list[str]]:
        """
        What its recipes reach for beyond the pack, for whoever installs it.

        Returns:
            `models`, `addresses` (where `api_base` sends items) and `variables`
            (which `api_key_env` sends there), sorted.
        """
        found: dict[str, set[str]] = {"models": set(), "addresses": set(), "variables": set()}
        kinds = {"model": "models", "models": "models", "api_base": "addresses", "api_key_env": "variables"}
        for path, data in self.files.items():
            if path.endswith(RECIPE_ENDING):
                for key, text in _said(recipe_tree(path, data, self.title)):
                    if key in kinds:
                        found[kinds[key]].add(text)
        return {kind: sorted(texts) for kind, texts in found.items()}

    def _recipes(self) -> list[RecipeEntry]:
        made = []
        for path, data in sorted(self.files.items()):
            if path.endswith(RECIPE_ENDING):
                first = data.decode("utf-8").lstrip("\ufeff").split("\n", 1)[0]
                made.append(
                    RecipeEntry(
                        name=path.rpartition("/")[2].removesuffix(RECIPE_ENDING),
                        file=path,
                        partial=is_partial(recipe_tree(path, data, self.title)),
                        about=first.removeprefix("#").strip()[:200] if first.startswith("#") else "",
                    )
                )
        return made


def read_manifest(data: bytes, where: str) -> Manifest:
    """
    A manifest from its JSON.

    Raises:
        RecipeError: If it is no manifest, or one of a newer act-spec.
    """
    file = f"{where}: {MANIFEST}"
    try:
        said: Mapping[str, Any] = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecipeError([Problem(file, 0, 0, "", "this is no manifest of a pack.")]) from error
    if isinstance(said, dict) and isinstance(said.get("act_pack"), int) and said["act_pack"] > FORMAT:
        what = "this pack was built by a newer act-spec."
        raise RecipeError([Problem(file, 0, 0, "", what, "Install that version to add it.")])
    try:
        return Manifest.model_validate(said)
    except ValidationError as error:
        raise RecipeError(
            [
                Problem(file, 0, 0, ".".join(map(str, one["loc"])), f"{one['msg'].rstrip('.')}.")
                for one in error.errors()
            ]
        ) from error


def _said(node: Any, key: str = "") -> list[tuple[str, str]]:
    """Every scalar with the nearest key above it."""
    if isinstance(node, TextNode):
        return [(key, node.text)]
    if isinstance(node, MapNode):
        return [one for name, entry in node.entries.items() for one in _said(entry.value, name)]
    return [one for item in node.items for one in _said(item, key)]
