"""From a file to a checked recipe, or to every problem in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from act_spec.errors import Problem, RecipeError, did_you_mean
from act_spec.recipe.cases import cases_in, out_of_place, with_case
from act_spec.recipe.checks import check_together
from act_spec.recipe.complaints import complain
from act_spec.recipe.file_paths import leave_their_pack, rebased
from act_spec.recipe.gather import Gathered, gather
from act_spec.recipe.matrix import SEED
from act_spec.recipe.nodes import (
    Entry,
    ListNode,
    MapNode,
    Node,
    Places,
    TextNode,
    as_text,
    moved,
    places_of,
    plain,
    shown,
)
from act_spec.recipe.normal import normalise
from act_spec.recipe.not_yet import find_not_yet
from act_spec.recipe.params import SET, fill, setting
from act_spec.recipe.pasted_keys import without_keys
from act_spec.recipe.schema import NAME, Recipe
from act_spec.recipe.source import read_text
from act_spec.recipe.wanted_plugins import load_wanted


@dataclass(frozen=True)
class LoadedRecipe:
    """
    A recipe with where it came from.

    Attributes:
        recipe: Read and checked.
        path: The file; what the recipe names is relative to its folder.
        places: Where each value stands, for later stages that must point at one.
        tree: The whole as written, bases and parameters put in.
        settings: What parameters were set to from outside.
        files: Every file that it was read from, its own first.
    """

    recipe: Recipe
    path: Path
    places: Places
    tree: MapNode
    settings: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


class PartialRecipeError(RecipeError):
    """A recipe without a fault that is a base for others, and cannot be run by itself."""


def load_recipe(path: Path, settings: Mapping[str, str] | None = None) -> LoadedRecipe:
    """
    Read and check a recipe; no model, no data and no network is touched.

    Args:
        path: The file.
        settings: Parameter to value, in the place of its default.

    Raises:
        RecipeError: With every problem of the file and of those that it
            extends, sorted by place; a `PartialRecipeError` where it is a base.
    """
    return load_text(read_text(path), str(path), path.parent, settings)


def load_text(text: str, file: str, folder: Path, settings: Mapping[str, str] | None = None) -> LoadedRecipe:
    """
    The same for a text that was read before.

    Args:
        text: The recipe.
        file: Its name, for places.
        folder: What files named in it are relative to.
        settings: Parameter to value, in the place of its default.

    Raises:
        RecipeError: With every problem of the text, sorted by place.
    """
    return settle(gather(text, file, folder), settings or {})


def recipe_name(path: Path) -> str:
    """
    The name of a recipe, whatever else it lacks.

    Raises:
        RecipeError: With every problem, where it has no usable name.
    """
    found = gather(read_text(path), str(path), path.parent)
    name = found.root.get("name") if found.root is not None else None
    if isinstance(name, TextNode) and NAME.fullmatch(name.text):
        return name.text
    return settle(found, {}).recipe.name


def is_base(path: Path) -> bool:
    """Whether a recipe is a base for others: `partial: true`."""
    return gather(read_text(path), str(path), path.parent).partial


def bases_of(path: Path) -> list[Path]:
    """The files that a recipe extends, directly or not."""
    return [Path(file) for file in gather(read_text(path), str(path), path.parent).folders][1:]


def settle(
    found: Gathered, settings: Mapping[str, str], cell: Mapping[str, Node] | None = None
) -> LoadedRecipe:
    """
    Fill in the parameters of a recipe that was gathered from its files, and check it.

    Args:
        found: The recipe.
        settings: Parameter to value, in the place of its default.
        cell: The same for one run of its matrix, as values of the recipe.

    Raises:
        RecipeError: With every problem, sorted by place.
    """
    if found.root is None:
        raise RecipeError(_merge(found.keys, found.problems))
    given, unreadable = _given(found.root, settings)
    given |= cell or {}
    lacks = found.partial or not found.whole
    start = _with_seed(found.root, given)
    filled = fill(start, given, found.used, lacks=lacks)
    tree = rebased(filled.root, found.folders, found.folder)
    early = [*found.problems, *unreadable, *filled.problems, *load_wanted(tree), *find_not_yet(tree)]
    early += leave_their_pack(tree, found.folder)
    root, from_short = normalise(tree, found.folder)
    places = places_of(root)
    recipe, late = _check(root, places, lacks=lacks)
    late = [problem for problem in late if (problem.file, problem.line) not in found.broken]
    late = _not_said(late, [*early, *from_short], places)
    problems = _merge(found.keys, [*early, *late, *_not_said(from_short, early, places)])
    if found.partial and not problems:
        raise PartialRecipeError([_a_base(found.root)])
    if problems or recipe is None:
        raise RecipeError(problems)
    if recipe.matrix is not None and cell is None:
        _check_matrix(found, settings)
    path = found.folder / Path(found.file).name
    files = dict.fromkeys([*found.folders, *places.files])
    texts = {name: as_text(node) for name, node in (cell or {}).items()}
    return LoadedRecipe(recipe, path, places, tree, {**settings, **texts}, tuple(map(Path, files)))


def _with_seed(root: MapNode, given: dict[str, Node]) -> MapNode:
    """`seed` can be set though it is no parameter; it is taken out of what is given."""
    params = root.get("params")
    if SEED not in given or (isinstance(params, MapNode) and SEED in params.entries):
        return root
    node = given.pop(SEED)
    return replace(root, entries={**root.entries, SEED: Entry(node.place, moved(node, (SEED,)))})


def _check_matrix(found: Gathered, settings: Mapping[str, str]) -> None:
    """
    Every name of a matrix can be varied, and every value and every case of it by itself makes a good recipe.

    Raises:
        RecipeError: With every problem.
    """
    written = found.root.get("matrix") if found.root is not None else None
    params = found.root.get("params") if found.root is not None else None
    names = [*(params.entries if isinstance(params, MapNode) else ()), SEED]
    problems: set[Problem] = set()
    for part in ("vary", "repeat"):
        axes = written.get(part) if isinstance(written, MapNode) else None
        for name, entry in (axes.entries if isinstance(axes, MapNode) else {}).items():
            if name not in names:
                message = f"there is no parameter '{name}' to {part}."
                hint = did_you_mean(name, names)
                problems.add(Problem(*entry.key_place, f"matrix.{part}.{name}", message, hint))
            elif part == "vary" and name not in settings and isinstance(entry.value, ListNode):
                for node in entry.value.items:
                    try:
                        settle(found, settings, {name: node})
                    except RecipeError as error:
                        problems.update(error.problems)
    for name, case in cases_in(found.root).items():
        problems.update(out_of_place(case, name))
        try:
            settle(with_case(found, case), settings, {})
        except RecipeError as error:
            problems.update(error.problems)
    if problems:
        raise RecipeError(sorted(problems))


def _given(root: MapNode, settings: Mapping[str, str]) -> tuple[dict[str, Node], list[Problem]]:
    """What was set from outside, as values of the recipe."""
    params = root.get("params")
    given: dict[str, Node] = {}
    problems: list[Problem] = []
    for name, text in settings.items():
        default = params.get(name) if isinstance(params, MapNode) else None
        try:
            given[name] = setting(name, text, default)
        except ValueError as error:
            problems.append(Problem(f"{SET} {name}={text}", 0, 0, "", str(error)))
    return given, problems


def _a_base(root: MapNode) -> Problem:
    message = "this recipe is a base for others, and is not whole by itself."
    place = root.entries["partial"].key_place
    return Problem(*place, "partial", message, "Extend it in a recipe of your own: extends.")


def _check(root: MapNode, places: Places, *, lacks: bool) -> tuple[Recipe | None, list[Problem]]:
    """
    Each section by itself, so that one fault hides no other, then together.

    Of a recipe that lacks its rest, only what stands there can be wrong.
    """
    values = plain(root)
    sections, errors = _sections(values)
    faulty = {error["loc"][0] for error in errors}
    unknown = {name: values[name] for name in values if name not in Recipe.model_fields}
    recipe: Recipe | None = None
    try:
        recipe = Recipe.model_validate({**sections, **unknown})
    except ValidationError as error:
        errors += [one for one in error.errors(include_url=False) if one["loc"][0] not in faulty]
    if lacks:
        errors = [one for one in errors if not _is_lack(one)]
    together = [] if lacks else check_together(sections, places)
    return recipe, complain(errors, values, places) + together


def _is_lack(error: ErrorDetails) -> bool:
    return error["type"] == "missing" or bool((error.get("ctx") or {}).get("lack"))


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
    disturbed = {path.rpartition(".")[0] for path in said} - {""}
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
