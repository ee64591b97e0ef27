"""From a file to a checked recipe, or to every problem in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from act_spec.errors import Problem, RecipeError
from act_spec.recipe.checks import check_together
from act_spec.recipe.complaints import complain
from act_spec.recipe.nodes import MapNode, Places, places_of, plain, shown
from act_spec.recipe.normal import normalise
from act_spec.recipe.not_yet import find_not_yet
from act_spec.recipe.pasted_keys import find_keys, without_keys
from act_spec.recipe.schema import Recipe
from act_spec.recipe.source import check_text, read_text
from act_spec.recipe.tree import read_tree


@dataclass(frozen=True)
class LoadedRecipe:
    """
    A recipe with where it came from.

    Attributes:
        recipe: Read and checked.
        path: The file; what the recipe names is relative to its folder.
        places: Where each value stands, for later stages that must point at one.
    """

    recipe: Recipe
    path: Path
    places: Places


def load_recipe(path: Path) -> LoadedRecipe:
    """
    Read and check a recipe; no model, no data and no network is touched.

    Raises:
        RecipeError: With every problem of the file, sorted by place.
    """
    return load_text(read_text(path), str(path), path.parent)


def load_text(text: str, file: str, folder: Path) -> LoadedRecipe:
    """
    The same for a text that was read before.

    Args:
        text: The recipe.
        file: Its name, for places.
        folder: What files named in it are relative to.

    Raises:
        RecipeError: With every problem of the text, sorted by place.
    """
    text = check_text(text, file)
    keys = find_keys(text, file)
    tree = read_tree(text, file)
    if tree.root is None:
        raise RecipeError(_merge(keys, list(tree.problems)))
    broken = tree.broken_lines | {problem.line for problem in keys}
    early = [*tree.problems, *find_not_yet(tree.root, folder)]
    root, from_short = normalise(tree.root, folder)
    places = places_of(root)
    recipe, late = _check(root, places)
    late = [problem for problem in late if problem.file != file or problem.line not in broken]
    late = _not_said(late, [*early, *from_short], places)
    problems = _merge(keys, [*early, *late, *_not_said(from_short, early, places)])
    if problems or recipe is None:
        raise RecipeError(problems)
    return LoadedRecipe(recipe, folder / Path(file).name, places)


def _check(root: MapNode, places: Places) -> tuple[Recipe | None, list[Problem]]:
    """Each section by itself, so that one fault hides no other, then together."""
    values = plain(root)
    sections, errors = _sections(values)
    faulty = {error["loc"][0] for error in errors}
    unknown = {name: values[name] for name in values if name not in Recipe.model_fields}
    recipe: Recipe | None = None
    try:
        recipe = Recipe.model_validate({**sections, **unknown})
    except ValidationError as error:
        errors += [one for one in error.errors(include_url=False) if one["loc"][0] not in faulty]
    return recipe, complain(errors, values, places) + check_together(sections, places)


def _sections(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[ErrorDetails]]:
    """Those sections that are right, checked, and the errors of the others."""
    sections: dict[str, Any] = {}
    errors: list[ErrorDetails] = []
    for name in Recipe.model_fields:
        if name in values:
            try:
                sections[name] = _section(name).validate_python(values[name])
            except ValidationError as error:
                errors += [_under(name, one) for one in error.errors(include_url=False)]
    return sections, errors


def _under(name: str, error: ErrorDetails) -> ErrorDetails:
    return {**error, "loc": (name, *error["loc"])}


@cache
def _section(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(Recipe.model_fields[name].rebuild_annotation())


def _not_said(problems: list[Problem], earlier: list[Problem], places: Places) -> list[Problem]:
    """Those that do not follow from an earlier problem of the same part, or for want of what it disturbs."""
    said = {problem.path for problem in earlier if problem.path}
    # What stands in the way of a key may be why another of the same mapping is absent.
    disturbed = {path.rpartition(".")[0] for path in said} - {""} | ({""} if "extends" in said else set())
    present = {shown(path) for path in places.written.values()}
    return [
        problem
        for problem in problems
        if not any(_within(problem.path, path) or _within(path, problem.path) for path in said)
        and (problem.path in present or problem.path.rpartition(".")[0] not in disturbed)
    ]


def _within(path: str, other: str) -> bool:
    """Whether a path leads to another or into it."""
    return path == other or path.startswith(f"{other}.")


def _merge(keys: list[Problem], others: list[Problem]) -> list[Problem]:
    """All problems, those in lines with a pasted key replaced by the one about the key."""
    lines = {(key.file, key.line) for key in keys}
    kept = [problem for problem in others if (problem.file, problem.line) not in lines]
    return [
        replace(
            problem,
            path=without_keys(problem.path),
            message=without_keys(problem.message),
            hint=without_keys(problem.hint),
        )
        for problem in [*keys, *kept]
    ]
