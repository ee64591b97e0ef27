"""
What a pack may hold, checked when it is built and again when it is added.

Recipes, tables of sample data, templates, pictures and texts: data, each of a
known kind. Every fault is a problem with the file's name; nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from jinja2 import nodes

from act_spec.errors import Problem, RecipeError
from act_spec.library import RECIPE_ENDING, is_reference, pinned
from act_spec.recipe.file_paths import named_files, outside
from act_spec.recipe.nodes import KeyPath, MapNode, TextNode, shown
from act_spec.recipe.source import decode
from act_spec.recipe.tree import read_tree
from act_spec.sandbox import environment
from act_spec.templating import compile_template

MOST_FILES = 2_000
MOST_BYTES = 200 << 20
MOST_BYTES_A_FILE = 50 << 20
MOST_PATH_CHARS = 200
Files = Mapping[str, bytes]
"""Path inside the pack, with `/`, to the file's bytes."""

_TEMPLATE = ".j2"
_KINDS = (
    RECIPE_ENDING,
    _TEMPLATE,
    ".csv",
    ".tsv",
    ".jsonl",
    ".ndjson",
    ".parquet",
    ".md",
    ".txt",
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".gif",
    ".pdf",
    ".wav",
    ".mp3",
    ".flac",
    ".ogg",
)
_PLAIN_NAMES = ("LICENSE", "LICENCE", "NOTICE", "README")
_STEP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*(?<![. ])")
# Windows takes these for devices, whatever their ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def path_fault(path: str) -> str:
    """Why a path cannot stand in a pack, as the end of a sentence; empty if it can."""
    steps = path.split("/")
    if path.startswith(("/", "\\")) or (len(path) > 1 and path[1] == ":") or ".." in steps or "\\" in path:
        return "it leads outside the pack"
    if len(path) > MOST_PATH_CHARS:
        return f"its path is longer than {MOST_PATH_CHARS} characters"
    if not all(_STEP.fullmatch(step) and not _DEVICE.fullmatch(step) for step in steps):
        return "its path has characters or names that are not the same everywhere"
    return ""


def kind_fault(path: str) -> str:
    """Why a file's kind cannot stand in a pack; empty if it can."""
    name = path.rpartition("/")[2]
    if name in _PLAIN_NAMES or name.lower().endswith(_KINDS):
        return ""
    return "a pack holds recipes, data, templates, pictures and texts, and no file of this kind"


def check_contents(files: Files, where: str) -> list[Problem]:
    """
    Every fault of a pack's files.

    Args:
        files: Without the manifest.
        where: The pack's name, for messages.
    """
    problems = [
        Problem(f"{where}: {path}", 0, 0, "", f"{fault}.")
        for path in files
        if (fault := path_fault(path) or kind_fault(path))
    ]
    problems += _too_much(files, where)
    problems += _alike(files, where)
    for path, data in files.items():
        if path.endswith(RECIPE_ENDING):
            problems += _recipe_faults(path, data, files, where)
        elif path.endswith(_TEMPLATE):
            problems += _template_faults(path, data, where)
    return problems


def recipe_tree(path: str, data: bytes, where: str) -> MapNode:
    """
    A recipe as read.

    Raises:
        RecipeError: If it is no UTF-8 text or no YAML that a recipe may be.
    """
    file = f"{where}: {path}"
    tree = read_tree(decode(data, file), file)
    if tree.problems or tree.root is None:
        raise RecipeError(tree.problems)
    return tree.root


def is_partial(root: MapNode) -> bool:
    """Whether a recipe is a base for others."""
    partial = root.get("partial")
    return isinstance(partial, TextNode) and partial.text.lower() in ("true", "yes")


def inside(path: str, name: str) -> str | None:
    """A file that a recipe names, as a path inside the pack; None where it leads outside."""
    if "\\" in name or "\0" in name or name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return None
    steps: list[str] = []
    for step in (*PurePosixPath(path).parent.parts, *PurePosixPath(name).parts):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def files_named(path: str, node: TextNode, files: Files) -> list[str]:
    """The pack's files that a value of a recipe means: a file, all of a folder, or what a glob matches."""
    wanted = inside(path, node.text)
    if wanted is None:
        return []
    pattern = PurePosixPath(wanted)
    return [
        one
        for one in files
        if one == wanted or one.startswith(f"{wanted}/") or PurePosixPath(one).match(str(pattern))
    ]


def _too_much(files: Files, where: str) -> Iterator[Problem]:
    if len(files) > MOST_FILES:
        yield Problem(where, 0, 0, "", f"{len(files):,} files; a pack holds at most {MOST_FILES:,}.")
    total = sum(map(len, files.values()))
    if total > MOST_BYTES:
        yield Problem(where, 0, 0, "", f"{total:,} bytes; a pack holds at most {MOST_BYTES:,}.", _SAMPLE)
    for path, data in files.items():
        if len(data) > MOST_BYTES_A_FILE:
            what = f"{len(data):,} bytes; a file of a pack holds at most {MOST_BYTES_A_FILE:,}."
            yield Problem(f"{where}: {path}", 0, 0, "", what, _SAMPLE)


_SAMPLE = "Put a sample into the pack, and say where the rest is."


def _alike(files: Files, where: str) -> Iterator[Problem]:
    """Names that some systems take for one file."""
    seen: dict[str, str] = {}
    for path in files:
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            yield Problem(f"{where}: {path}", 0, 0, "", f"some systems take it and {other} for one file.")


def _recipe_faults(path: str, data: bytes, files: Files, where: str) -> Iterator[Problem]:
    try:
        root = recipe_tree(path, data, where)
    except RecipeError as error:
        yield from error.problems
        return
    for place, node in named_files(root):
        if inside(path, node.text) is None:
            yield outside(place, node, _BRING_IT)
        elif not files_named(path, node, files) and not _may_be_absent(root, place):
            what = f"the pack has no file '{node.text}'."
            yield Problem(*node.place, shown(place), what, "Add it, or name another.")
    base = root.get("extends")
    elsewhere = isinstance(base, TextNode) and (is_reference(base.text) or pinned(base.text))
    own = isinstance(base, TextNode) and base.given and not elsewhere
    if isinstance(base, TextNode) and own and inside(path, base.text) not in files:
        what = f"'{base.text}' is not in the pack; its recipes extend one another, recipes of other packs, or pinned addresses."
        yield Problem(*base.place, "extends", what, "Add the base to the folder.")


_BRING_IT = "Put a sample of it into the folder, or share the recipe as a base: `partial: true`, and no `name` and `data`."


def _may_be_absent(root: MapNode, place: KeyPath) -> bool:
    """Whether a file is for whoever extends this base to bring."""
    return is_partial(root) and place[0] in ("data", "train")


def _template_faults(path: str, data: bytes, where: str) -> Sequence[Problem]:
    """Why a template cannot be rendered safely: no valid Jinja, or a way towards Python or other files."""
    file = f"{where}: {path}"
    try:
        text = decode(data, file)
        compile_template(file.removesuffix(_TEMPLATE), text)
        tree = environment().parse(text)
    except RecipeError as error:
        return error.problems
    faults = [
        (node.lineno, f"it reaches for '{name}', and names that begin with an underscore lead into Python.")
        for node, name in _reached(tree)
        if name.startswith("_")
    ]
    faults += [
        (node.lineno, "a template of a pack stands alone, and may not load another.")
        for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends))
    ]
    return [Problem(file, line, 1, "template", message) for line, message in sorted(faults)]


def _reached(tree: nodes.Template) -> Iterator[tuple[nodes.Node, str]]:
    """Every name that a template takes from something else, in whatever way it says so."""
    for attribute in tree.find_all(nodes.Getattr):
        yield attribute, attribute.attr
    for name in tree.find_all(nodes.Name):
        yield name, name.name
    # `item["__class__"]`, `item|attr("__class__")`, `map(attribute="__class__")`, and pieces put together.
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str) and constant.value.startswith("__"):
            yield constant, constant.value
