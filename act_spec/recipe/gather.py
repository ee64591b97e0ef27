"""A recipe and what it extends, read file by file and laid over one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from act_spec.errors import Problem, RecipeError, did_you_mean
from act_spec.recipe.bases import Base, resolve_base
from act_spec.recipe.cases import used_in_cases
from act_spec.recipe.merge import laid_over
from act_spec.recipe.nodes import Entry, MapNode, TextNode, not_given
from act_spec.recipe.params import references
from act_spec.recipe.pasted_keys import find_keys
from act_spec.recipe.source import check_text
from act_spec.recipe.tree import read_tree

_TRUE, _FALSE = ("true", "yes"), ("false", "no")
_VERSION = "1"


@dataclass
class Gathered:
    """
    A recipe as its files say it, parameters not yet filled in.

    Attributes:
        file: The recipe's name, for places.
        folder: What its paths are relative to.
        root: The recipe laid over its bases; None where it could not be read.
        problems: Faults of the YAML, and bases that cannot be followed.
        keys: What looks like an access key, in any of the files.
        broken: (file, line) whose values were papered over.
        folders: File to the folder that its paths are relative to.
        used: Parameters that one of the files uses, or a case of its matrix.
        partial: Whether the recipe is a base for others.
        whole: Whether every base was read.
    """

    file: str
    folder: Path
    root: MapNode | None = None
    problems: list[Problem] = field(default_factory=list)
    keys: list[Problem] = field(default_factory=list)
    broken: set[tuple[str, int]] = field(default_factory=set)
    folders: dict[str, Path] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    partial: bool = False
    whole: bool = True


def gather(text: str, file: str, folder: Path) -> Gathered:
    """
    Read a recipe and every recipe that it extends.

    Raises:
        RecipeError: If the recipe's own file holds characters that no text has.
    """
    found = Gathered(file, folder)
    found.root = _read(found, check_text(text, file), file, folder)
    if found.root is None:
        return found
    found.partial = _partial(found, found.root)
    layers = [found.root]
    named = {str((folder / Path(file).name).resolve()): file}
    while (entry := layers[-1].entries.get("extends")) is not None and not not_given(entry.value):
        base = _base(found, entry, layers[-1].place.file, named)
        root = None if base is None else _read_base(found, base)
        if base is None or root is None:
            found.whole = False
            break
        named[base.identity] = base.file
        layers.append(root)
    found.used = frozenset(name for layer in layers for name, _ in references(layer))
    found.used |= {name for layer in layers for name in used_in_cases(layer)}
    merged = layers.pop()
    while layers:
        merged = laid_over(layers.pop(), merged)
    found.root = merged
    return found


def _read(found: Gathered, text: str, file: str, folder: Path) -> MapNode | None:
    keys, tree = find_keys(text, file), read_tree(text, file)
    found.keys += keys
    found.problems += tree.problems
    found.broken |= {(file, line) for line in tree.broken_lines} | {(file, key.line) for key in keys}
    found.folders[file] = folder
    return tree.root


def _base(found: Gathered, entry: Entry, file: str, named: Mapping[str, str]) -> Base | None:
    """What `extends` names, or a problem at its place."""
    node = entry.value
    if not isinstance(node, TextNode):
        _report(found, entry, "a recipe extends one other.", "Write extends: ./base.act.yaml.")
        return None
    try:
        base = resolve_base(node.text, file, found.folders[file])
    except ValidationError as error:
        said = error.errors()[0]["ctx"]
        _report(found, entry, said["message"], said["hint"])
        return None
    except RecipeError as error:
        for problem in error.problems:
            if problem.line:
                found.problems.append(problem)
            else:
                _report(found, entry, f"'{node.text}': {problem.message}", problem.hint)
        return None
    if base.identity in named:
        files = list(named.values())
        circle = " → ".join([*files[files.index(named[base.identity]) :], named[base.identity]])
        _report(found, entry, f"these recipes extend one another in a circle: {circle}.", "Break it here.")
        return None
    return base


def _read_base(found: Gathered, base: Base) -> MapNode | None:
    try:
        text = check_text(base.text, base.file)
    except RecipeError as error:
        found.problems += error.problems
        return None
    root = _read(found, text, base.file, base.folder)
    if root is not None:
        _partial(found, root)
        _check_version(found, root)
    return root


def _check_version(found: Gathered, root: MapNode) -> None:
    """A base says its version itself: the keys of another may mean something else."""
    act = root.entries.get("act")
    if act is None:
        message, hint = "'act' is missing.", "Begin each recipe with act: 1, also one that others extend."
        found.problems.append(Problem(*root.place, "act", message, hint))
    elif not isinstance(act.value, TextNode) or act.value.text != _VERSION:
        what = act.value.text if isinstance(act.value, TextNode) else "…"
        message = f"'{what}' is no version of the language known here."
        found.problems.append(Problem(*act.value.place, "act", message, "Write act: 1."))


def _partial(found: Gathered, root: MapNode) -> bool:
    entry = root.entries.get("partial")
    if entry is None or not_given(entry.value):
        return False
    word = entry.value.text.lower() if isinstance(entry.value, TextNode) else ""
    if word not in (*_TRUE, *_FALSE):
        hint = did_you_mean(word, ("true", "false"))
        message = f"'{word}' is neither true nor false."
        found.problems.append(Problem(*entry.value.place, "partial", message, hint))
    return word in _TRUE


def _report(found: Gathered, entry: Entry, message: str, hint: str) -> None:
    found.problems.append(Problem(*entry.value.place, "extends", message, hint))
