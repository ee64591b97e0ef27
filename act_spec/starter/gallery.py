"""Copies of the gallery's recipes, with their sample data, under a new name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from act_spec import resources
from act_spec.errors import Problem, RecipeError, did_you_mean
from act_spec.recipe.load import bases_of, is_base
from act_spec.starter.yaml_text import scalar

ENDING = ".act.yaml"


def gallery_names() -> list[str]:
    """The names of all shipped recipes that can be run, sorted; bases of others are none."""
    files = resources.folder("recipes").glob(f"*{ENDING}")
    return sorted(path.name.removesuffix(ENDING) for path in files if not is_base(path))


def copied(original: str, folder: Path, name: str) -> Mapping[Path, bytes]:
    """
    The files of a copy, the recipe last.

    Args:
        original: Name of the gallery's recipe.
        folder: Where the copy goes.
        name: What it is called there; its sample data go into a folder of that name.

    Raises:
        RecipeError: If the gallery has no such recipe; offers the nearest.
    """
    if original not in gallery_names():
        message = f"the gallery has no recipe '{original}'."
        raise RecipeError([Problem("--from", 0, 0, "", message, did_you_mean(original, gallery_names()))])
    gallery = resources.folder("recipes")
    data = gallery / original
    files = {
        folder / name / path.relative_to(data): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file()
    }
    text = (gallery / f"{original}{ENDING}").read_text(encoding="utf-8")
    for base in bases_of(gallery / f"{original}{ENDING}"):
        files[folder / base.relative_to(gallery)] = base.read_bytes()
    files[folder / f"{name}{ENDING}"] = renamed(text, original, name).encode()
    return files


def renamed(text: str, original: str, name: str) -> str:
    """A gallery recipe under another name: the key `name`, its own path, and the folder of its data."""
    text = re.sub(
        rf"^name: {re.escape(original)}$", lambda _: f"name: {scalar(name)}", text, flags=re.MULTILINE
    )
    text = text.replace(f"recipes/{original}{ENDING}", f"{name}{ENDING}")
    return re.sub(rf"(?<![\w./-]){re.escape(original)}/", lambda _: f"{name}/", text)
