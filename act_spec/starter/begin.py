"""`act-spec init`: from a folder's name, and perhaps some data, to a recipe that passes `check`."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import dropwhile
from pathlib import Path

from act_spec import resources
from act_spec.errors import Problem, RecipeError
from act_spec.starter.gallery import ENDING, copied
from act_spec.starter.labels import label_fault
from act_spec.starter.names import recipe_name, split_list
from act_spec.starter.new_files import refuse_existing, write_new
from act_spec.starter.propose import Draft, doubt_gold, propose, propose_gold
from act_spec.starter.questions import ask_all
from act_spec.starter.recipe_text import check_text, recipe_text
from act_spec.store.profile import profile
from act_spec.store.sources import Source, open_source

_SAMPLE = "messages.csv"
_FORMATS = "Name a file of Parquet, CSV or JSON lines."


@dataclass(frozen=True)
class Begun:
    """
    What `begin` has made.

    Attributes:
        recipe: The new recipe.
        notes: What the user should know of it, a sentence each.
    """

    recipe: Path
    notes: tuple[str, ...] = ()


def begin(
    folder: Path,
    data: Path | None = None,
    labels: str | None = None,
    gallery: str | None = None,
    *,
    ask: bool = False,
) -> Begun:
    """
    Make a commented recipe; from five rows of sample data if nothing else is named.

    Args:
        folder: Where it goes, and what it is named for; made if it is missing.
        data: A file or a glob that the recipe labels where it lies.
        labels: As typed: `a,b`.
        gallery: Copy this recipe of the gallery instead, with its data.
        ask: Whether somebody is there to answer questions about their data.

    Raises:
        RecipeError: If the recipe cannot be made; nothing is written then.
    """
    _refuse_above(folder)
    name = recipe_name(folder)
    path = folder / f"{name}{ENDING}"
    refuse_existing([path])
    if gallery is not None:
        if data is not None or labels is not None:
            message = "a recipe of the gallery brings its own data and labels."
            raise RecipeError([Problem("--from", 0, 0, "", message, "Leave out --data and --label.")])
        files, notes = copied(gallery, folder, name), _named(folder, name)
    else:
        draft, sample = _draft(folder, name, data, _labels(labels), ask=ask)
        files, notes = {**sample, path: recipe_text(draft).encode()}, _notes(folder, draft)
        check_text(files[path].decode(), path)
    write_new(files)
    return Begun(path, notes)


def _refuse_above(folder: Path) -> None:
    """A recipe goes into a folder that is named; `..` may lead to it, and not past it."""
    named = list(dropwhile(lambda part: part == "..", folder.parts))
    if ".." in named or (folder.parts and not named) or folder.resolve() == Path(folder.resolve().anchor):
        message = "this does not name the folder that the recipe goes into."
        raise RecipeError(
            [Problem(str(folder), 0, 0, "", message, "Write the name of a new folder last, such as my-task.")]
        )


def _labels(typed: str | None) -> tuple[str, ...] | None:
    if typed is None:
        return None
    labels = split_list(typed)
    problem = label_fault(labels)
    if problem:
        raise RecipeError([Problem("--label", 0, 0, "", problem)])
    return labels


def _draft(
    folder: Path, name: str, data: Path | None, labels: tuple[str, ...] | None, *, ask: bool
) -> tuple[Draft, Mapping[Path, bytes]]:
    """A draft, and the sample data that go beside it where the user has named none."""
    if data is None:
        sample = resources.folder("recipes") / "starter" / _SAMPLE
        source = open_source(_SAMPLE, sample.parent)
        return propose(name, _SAMPLE, profile(source), labels), {folder / _SAMPLE: sample.read_bytes()}
    source = _opened(data)
    columns = profile(source)
    draft = propose(name, _relative(data, folder), columns, labels)
    if ask:
        draft = ask_all(draft, columns[0].rows, labels_given=labels is not None)
        draft = replace(draft, gold_doubt=doubt_gold(propose_gold(columns), draft.labels))
    return draft, {}


def _opened(data: Path) -> Source:
    if not os.path.lexists(data) and not glob.has_magic(str(data)):
        raise RecipeError([Problem(str(data), 0, 0, "", "there is no such file.", _FORMATS)])
    source = open_source(_pattern(str(data), data), Path())
    if len(source.columns) == 1 and "|" in source.columns[0]:
        message = "its columns cannot be told apart."
        raise RecipeError([Problem(str(data), 1, 1, "", message, "Part them by comma, semicolon or tab.")])
    return source


def _relative(data: Path, folder: Path) -> str:
    """The data as the recipe names them: seen from its folder, wherever links lead."""
    seen = os.path.relpath(data.parent.resolve() / data.name, folder.resolve())
    return _pattern(Path(seen).as_posix(), data)


def _pattern(name: str, data: Path) -> str:
    """A file's name that is taken as it is, though it may look like a glob."""
    return glob.escape(name) if os.path.lexists(data) else name


def _notes(folder: Path, draft: Draft) -> tuple[str, ...]:
    notes = [*_named(folder, draft.name)]
    if draft.has_placeholders:
        notes.append("The labels only hold a place: write yours into the recipe, or use --label.")
    if draft.gold_doubt:
        notes.append(f"The column '{draft.gold}' is not used as gold, because {draft.gold_doubt}.")
    return tuple(notes)


def _named(folder: Path, name: str) -> tuple[str, ...]:
    if folder.resolve().name == name:
        return ()
    return (f"The recipe is named '{name}': names are made of a-z, 0-9, dot, dash and underscore.",)
