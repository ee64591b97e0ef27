"""Copies of recipes to start from: the gallery's, and those of installed packs, with the files that they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from act_spec import resources
from act_spec.errors import Problem, RecipeError, did_you_mean
from act_spec.library import Installed, find_recipe, installed, is_reference, pack_of
from act_spec.plan.inputs import read_files
from act_spec.recipe.load import bases_of, is_base, load_recipe
from act_spec.starter.yaml_text import scalar

ENDING = ".act.yaml"


@dataclass(frozen=True)
class Known:
    """
    A recipe that one can start from.

    Attributes:
        name: As `init --from` takes it.
        about: Its first line.
        pack: The pack that brought it; empty for the gallery.
        version: Of the pack.
        partial: Whether it is a base, to be extended rather than copied.
    """

    name: str
    about: str
    pack: str = ""
    version: str = ""
    partial: bool = False


def known_recipes() -> list[Known]:
    """Every recipe to start from: the gallery's, then the newest version of each pack's, by name."""
    shipped = [Known(name, _about(path), partial=is_base(path)) for name, path in _shipped().items()]
    newest: dict[str, Installed] = {}
    for pack in installed():
        newest.setdefault(pack.name, pack)
    return shipped + [
        Known(
            f"{pack.name}/{name}",
            _about(pack.folder / file),
            pack.name,
            pack.version,
            partial=name in pack.partial,
        )
        for pack in newest.values()
        for name, file in sorted(pack.recipes.items())
    ]


def copied(original: str, folder: Path, name: str) -> Mapping[Path, bytes]:
    """
    The files of a copy, the recipe last.

    Args:
        original: Name of the gallery's recipe, or `pack/recipe@version`.
        folder: Where the copy goes.
        name: What it is called there; sample data of the gallery go into a folder of that name.

    Raises:
        RecipeError: If there is no such recipe, offering the nearest; or if it
            is a base, or names files that are not below it.
    """
    shipped = _shipped()
    if original in shipped:
        path = shipped[original]
        _refuse_base(path, f"./{path.name}")
        return _of_gallery(path, folder, name)
    try:
        path = find_recipe(original)
    except ValueError as error:
        message, hint = str(error), ""
        if not is_reference(original) or original.partition("/")[0] in {
            one.partition("/")[0] for one in shipped
        }:
            known = [one.name for one in known_recipes() if not one.partial]
            message, hint = f"the gallery has no recipe '{original}'.", did_you_mean(original, known)
        raise _fault(message, hint) from error
    _refuse_base(path, original)
    return _of_pack(path, folder, name)


def renamed(text: str, original: str, name: str) -> str:
    """A gallery recipe under another name: the key `name`, its own path, and the folder of its data."""
    text = _named(text, original, name)
    text = text.replace(f"recipes/{original}{ENDING}", f"{name}{ENDING}")
    return re.sub(rf"(?<![\w./-]){re.escape(original)}/", lambda _: f"{name}/", text)


def _shipped() -> dict[str, Path]:
    """Name to file of every shipped recipe, those in a folder of their own last."""
    gallery = resources.folder("recipes")
    found = [*sorted(gallery.glob(f"*{ENDING}")), *sorted(gallery.glob(f"*/*{ENDING}"))]
    return {path.relative_to(gallery).as_posix().removesuffix(ENDING): path for path in found}


def _of_gallery(path: Path, folder: Path, name: str) -> dict[Path, bytes]:
    original, gallery = path.name.removesuffix(ENDING), path.parent
    data = gallery / original
    files = {
        folder / name / one.relative_to(data): one.read_bytes()
        for one in sorted(data.rglob("*"))
        if one.is_file()
    }
    for base in bases_of(path):
        files[folder / base.relative_to(gallery)] = base.read_bytes()
    files[folder / f"{name}{ENDING}"] = renamed(path.read_text(encoding="utf-8"), original, name).encode()
    return files


def _of_pack(path: Path, folder: Path, name: str) -> dict[Path, bytes]:
    """The recipe with what it names; bases of other packs stay where they are, and are still extended."""
    files: dict[Path, bytes] = {}
    for _, one in read_files(load_recipe(path)):
        if one.resolve() == path.resolve() or pack_of(one) != pack_of(path):
            continue
        if not one.resolve().is_relative_to(path.parent.resolve()):
            message = f"this recipe names {one.name}, which does not lie below it, and cannot be copied."
            raise _fault(message, "Extend it instead: extends.")
        files[folder / one.resolve().relative_to(path.parent.resolve())] = one.read_bytes()
    text = path.read_text(encoding="utf-8")
    files[folder / f"{name}{ENDING}"] = _named(text, path.name.removesuffix(ENDING), name).encode()
    return files


def _named(text: str, original: str, name: str) -> str:
    return re.sub(
        rf"^name: {re.escape(original)}$", lambda _: f"name: {scalar(name)}", text, flags=re.MULTILINE
    )


def _about(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        first = file.readline().strip()
    return first.removeprefix("#").strip() if first.startswith("#") else ""


def _refuse_base(path: Path, reference: str) -> None:
    if is_base(path):
        message = f"'{reference}' is a base for others, and no recipe to begin with."
        raise _fault(message, f"Write `extends: {reference}` in a recipe of your own.")


def _fault(message: str, hint: str = "") -> RecipeError:
    return RecipeError([Problem("--from", 0, 0, "", message, hint)])
