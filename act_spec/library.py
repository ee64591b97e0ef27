"""
Where installed packs lie, and how a recipe in one is named: `pack/recipe` or `pack/recipe@1.2`.

    <home>/packs/<name>/<version>/pack.json and the pack's files

A recipe that was fetched alone, from an address, is a pack named by its
SHA-256; `https://host/team.act.yaml#sha256=…` finds it again.

`ACT_SPEC_HOME` moves the home; else it is the folder that the system keeps
for a user's programs. Only reading happens here; packs are checked when they
are added, by `packs/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_spec.errors import did_you_mean

MANIFEST = "pack.json"
RECIPE_ENDING = ".act.yaml"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
VERSION = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){2}")
ALONE_VERSION = "1.0.0"
ALONE_RECIPE = "base"
_PINNED = re.compile(r"(?P<address>https://[^#\s]+)#sha256=(?P<sha256>[0-9a-fA-F]{64})")
_REFERENCE = re.compile(
    rf"(?P<pack>{NAME.pattern})/(?P<recipe>[a-z0-9][a-z0-9._-]*?)(?:@(?P<version>[0-9]+(?:\.[0-9]+){{0,2}}))?"
)


@dataclass(frozen=True)
class Installed:
    """
    An installed pack.

    Attributes:
        name: Of the pack.
        version: Three numbers, `1.2.0`.
        folder: Its files.
        about: One line, from its author.
        recipes: Recipe name to its path inside the pack.
        partial: Those of them that are bases, to be extended.
    """

    name: str
    version: str
    folder: Path
    about: str
    recipes: Mapping[str, str]
    partial: frozenset[str]

    @property
    def order(self) -> tuple[int, ...]:
        """What versions are compared by."""
        return tuple(int(part) for part in self.version.split("."))


def home() -> Path:
    """The folder that is the user's: `ACT_SPEC_HOME`, else where the system keeps such things."""
    named = os.environ.get("ACT_SPEC_HOME")
    if named:
        return Path(named).expanduser()
    import click

    return Path(click.get_app_dir("act-spec"))


def packs_folder() -> Path:
    """Where installed packs lie, one folder a name, one a version in it."""
    return home() / "packs"


def installed() -> list[Installed]:
    """Every installed pack, by name, the newest version of each first."""
    found = [_read(path.parent) for path in packs_folder().glob(f"*/*/{MANIFEST}")]
    kept = [one for one in found if one is not None]
    return sorted(kept, key=lambda one: (one.name, *(-part for part in one.order)))


def is_reference(text: str) -> bool:
    """Whether a text names a recipe of a pack rather than a file: `pack/recipe` or `pack/recipe@1.2`."""
    return not text.endswith((".yaml", ".yml")) and bool(_REFERENCE.fullmatch(text))


def find_recipe(reference: str) -> Path:
    """
    The file of a recipe in an installed pack.

    Args:
        reference: `pack/recipe` for the newest version; `@1` or `@1.2` for the
            newest that begins so, `@1.2.0` for exactly that one.

    Raises:
        ValueError: If there is no such pack, version or recipe; says what there is.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"'{reference}' names no recipe of a pack. Write pack/recipe, or pack/recipe@1.2.")
    pack = _pack(match["pack"], match["version"], installed())
    if match["recipe"] not in pack.recipes:
        raise ValueError(
            f"the pack {pack.name} {pack.version} has no recipe '{match['recipe']}'. "
            f"{did_you_mean(match['recipe'], list(pack.recipes))}"
        )
    return pack.folder / pack.recipes[match["recipe"]]


def pinned(text: str) -> tuple[str, str] | None:
    """Address and SHA-256 of a recipe pinned as `https://host/team.act.yaml#sha256=…`; None for all else."""
    match = _PINNED.fullmatch(text)
    return (match["address"], match["sha256"].lower()) if match else None


def find_alone(sha256: str) -> Path | None:
    """The recipe of these bytes that was fetched alone; None if none was, or it was changed since."""
    path = packs_folder() / sha256 / ALONE_VERSION / f"{ALONE_RECIPE}{RECIPE_ENDING}"
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return path if hashlib.sha256(data).hexdigest() == sha256 else None


def pack_of(path: Path) -> Path | None:
    """The folder of the installed pack that a file belongs to; None for a file of the user's own."""
    home_of_packs = packs_folder().resolve()
    parts = path.resolve()
    if not parts.is_relative_to(home_of_packs):
        return None
    inside = parts.relative_to(home_of_packs).parts
    return home_of_packs.joinpath(*inside[:2]) if len(inside) > 2 else None


def _pack(name: str, version: str | None, packs: Sequence[Installed]) -> Installed:
    named = [one for one in packs if one.name == name]
    if not named:
        known = did_you_mean(name, sorted({one.name for one in packs})) or "None is."
        raise ValueError(f"no pack '{name}' is installed. {known} Add one with `act-spec pack add`.")
    wanted = [int(part) for part in version.split(".")] if version else []
    fitting = [one for one in named if list(one.order[: len(wanted)]) == wanted]
    if not fitting:
        there = ", ".join(one.version for one in named)
        raise ValueError(f"the pack '{name}' is not installed in version {version}. Installed: {there}.")
    return fitting[0]


def _read(folder: Path) -> Installed | None:
    """An installed pack from its manifest; None for what is none (a half-removed folder)."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Installed(
            manifest["name"],
            manifest["version"],
            folder,
            manifest["about"],
            {one["name"]: one["file"] for one in manifest["recipes"]},
            frozenset(one["name"] for one in manifest["recipes"] if one["partial"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
