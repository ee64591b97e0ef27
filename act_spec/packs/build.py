"""From a folder to a pack: everything in it is read and checked; nothing is run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from act_spec.errors import Problem, RecipeError
from act_spec.library import MANIFEST, NAME, RECIPE_ENDING
from act_spec.packs.contents import MOST_BYTES_A_FILE, MOST_FILES, Files, check_contents
from act_spec.packs.pack import About, Pack
from act_spec.recipe.nodes import places_of, plain
from act_spec.recipe.source import decode
from act_spec.recipe.tree import read_tree

DESCRIPTION = "pack.yaml"
_LEFT_OUT = frozenset({"runs", "__pycache__", "node_modules"})
_RULES = {
    "name": "Write a-z, 0-9, '-' and '_', beginning with a letter or number.",
    "version": "Write three numbers, such as 1.0.0.",
    "about": "Write one line of at most 200 characters.",
}


def read_folder(folder: Path) -> Pack:
    """
    The pack that a folder holds; `runs`, hidden files and earlier packs are left out.

    Raises:
        RecipeError: With every problem: of `pack.yaml`, of the recipes, of any
            file that a pack cannot hold.
    """
    if not folder.is_dir():
        raise RecipeError([Problem(str(folder), 0, 0, "", "there is no such folder.")])
    found, problems = _files(folder)
    description = found.pop(DESCRIPTION, None)
    if description is None:
        what = "there is no pack.yaml in this folder."
        hint = "Write one with `name: my-pack`, `version: 1.0.0` and `about: …`."
        raise RecipeError([Problem(str(folder), 0, 0, "", what, hint), *problems])
    return checked(read_description(description, str(folder / DESCRIPTION)), found, str(folder), problems)


def checked(about: About, files: Files, where: str, problems: list[Problem] | None = None) -> Pack:
    """
    The pack of these files.

    Raises:
        RecipeError: With every fault of theirs, and the problems found before.
    """
    problems = [*(problems or []), *check_contents(files, where)]
    names = Counter(
        path.rpartition("/")[2].removesuffix(RECIPE_ENDING) for path in files if path.endswith(RECIPE_ENDING)
    )
    if not names:
        what = f"there is no recipe (*{RECIPE_ENDING}) in it."
        problems.append(Problem(where, 0, 0, "", what))
    for name, count in names.items():
        if count > 1:
            problems.append(
                Problem(
                    where,
                    0,
                    0,
                    "",
                    f"{count} recipes are called '{name}'.",
                    "Recipes of a pack differ in name.",
                )
            )
    if problems:
        raise RecipeError(problems)
    return Pack(about, dict(sorted(files.items())))


def read_description(data: bytes, file: str) -> About:
    """
    `pack.yaml`, read as strictly as a recipe.

    Raises:
        RecipeError: With every problem of the file, at its place.
    """
    tree = read_tree(decode(data, file), file)
    if tree.root is None or tree.problems:
        raise RecipeError(tree.problems)
    places = places_of(tree.root)
    try:
        return About.model_validate(plain(tree.root))
    except ValidationError as error:
        problems = []
        for one in error.errors():
            key = str(one["loc"][0]) if one["loc"] else ""
            missing, unknown = one["type"] == "missing", one["type"] == "extra_forbidden"
            said = "is missing" if missing else "is not a key of pack.yaml" if unknown else "cannot be used"
            place = places.key((key,)) if missing or unknown else places.at((key,))
            hint = f"Known: {', '.join(About.model_fields)}." if unknown else _RULES.get(key, "")
            problems.append(Problem(*place, key, f"'{key}' {said}.", hint))
        raise RecipeError(problems) from error


def _files(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*")):
        steps = path.relative_to(folder).parts
        name = "/".join(steps)
        if any(step.startswith(".") or step in _LEFT_OUT for step in steps) or name == MANIFEST:
            continue
        if path.is_symlink():
            problems.append(
                Problem(
                    str(path), 0, 0, "", "a symlink cannot travel in a pack.", "Put the file itself here."
                )
            )
        elif path.is_dir() or path.suffix == ".zip":
            continue
        elif not path.is_file():
            problems.append(Problem(str(path), 0, 0, "", "this is no ordinary file."))
        elif len(found) > MOST_FILES or path.stat().st_size > MOST_BYTES_A_FILE:
            found[name] = b"\0" * min(path.stat().st_size, MOST_BYTES_A_FILE + 1)
        else:
            found[name] = path.read_bytes()
    return found, problems


__all__ = ["DESCRIPTION", "NAME", "checked", "read_description", "read_folder"]
