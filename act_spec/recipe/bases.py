"""Where the base of a recipe is found: what `extends` may name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from act_spec.library import find_alone, find_recipe, is_reference, pack_of, pinned
from act_spec.recipe.source import read_text
from act_spec.tasks.kind import fault

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE = re.compile(r"\.ya?ml$", re.IGNORECASE)


@dataclass(frozen=True)
class Base:
    """
    A recipe that another one extends, as read.

    Attributes:
        file: Its name, for places.
        folder: What files named in it are relative to.
        identity: The same for the same base, however it was named.
        text: The recipe.
    """

    file: str
    folder: Path
    identity: str
    text: str


def resolve_base(reference: str, file: str, folder: Path) -> Base:
    """
    The base that a recipe names.

    Args:
        reference: What stands after `extends`: a path, `pack/recipe@version`, or
            an address pinned by its SHA-256, which is never fetched here.
        file: Name of the recipe that says so.
        folder: What paths in that recipe are relative to.

    Raises:
        ValidationError: A `fault` that says what to write instead, where a
            reference of this kind cannot be followed.
        RecipeError: If the file cannot be read.
    """
    if _ADDRESS.match(reference):
        return _of_address(reference)
    if is_reference(reference):
        return _of_pack(reference)
    if not _FILE.search(reference):
        raise fault(
            f"'{reference}' is not the path of a recipe.",
            hint="Write it like ./base.act.yaml, or pack/recipe@1.2 for one of an installed pack.",
        )
    path = folder / reference
    pack = pack_of(Path(file))
    if pack is not None and not path.resolve().is_relative_to(pack):
        raise fault(
            f"'{reference}' is outside the pack.", hint="A recipe of a pack extends files of it, or packs."
        )
    shown = os.path.normpath(Path(file).parent / reference)
    return Base(shown, path.parent, str(path.resolve()), read_text(path))


def _of_address(reference: str) -> Base:
    found = pinned(reference)
    if found is None:
        raise fault(
            f"'{reference}' is an address that is not pinned, and what is there may change.",
            hint="Write https://…#sha256=HASH. `act-spec pack add` fetches it, and shows its hash.",
        )
    path = find_alone(found[1])
    if path is None:
        raise fault(
            f"'{reference}' is not here, and checking fetches nothing.",
            hint=f"Fetch it once: act-spec pack add '{reference}'",
        )
    return Base(str(path), path.parent, str(path.resolve()), read_text(path))


def _of_pack(reference: str) -> Base:
    try:
        path = find_recipe(reference)
    except ValueError as error:
        raise fault(str(error)) from error
    return Base(str(path), path.parent, str(path.resolve()), read_text(path))
