"""
Paths in a recipe: relative to the file that they stand in, also where that is a base in another folder.

A recipe of an installed pack may only name files of that pack.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from act_spec import registry
from act_spec.errors import Problem
from act_spec.library import pack_of
from act_spec.recipe.known_keys import STRATEGIES, role_path
from act_spec.recipe.nodes import KeyPath, ListNode, MapNode, Node, TextNode, shown

_MEDIA = frozenset({"image", "pdf", "audio", "video"})


def rebased(root: MapNode, folders: Mapping[str, Path], folder: Path) -> MapNode:
    """
    The recipe with every path of a base written from the recipe's own folder.

    Args:
        root: The recipe, laid over its bases, parameters filled in.
        folders: File to the folder that its paths are relative to; what
            stands in no file, as after `--set`, is relative to the recipe.
        folder: The recipe's.
    """
    moved = _moved(root, (), folders, folder, root)
    return moved if isinstance(moved, MapNode) else root


def named_files(root: MapNode) -> list[tuple[KeyPath, TextNode]]:
    """Every value of a recipe that names a file, a folder or a glob, with its path; bases apart."""
    found: list[tuple[KeyPath, TextNode]] = []

    def look(node: Node, path: KeyPath) -> None:
        if isinstance(node, ListNode):
            for number, one in enumerate(node.items):
                look(one, (*path, number))
        elif isinstance(node, MapNode):
            for key, entry in node.entries.items():
                look(entry.value, (*path, key))
        elif node.given and _is_path(path, node.text, root):
            found.append((path, node))

    look(root, ())
    return found


_OF_YOUR_OWN = "Name data of your own in a recipe that extends it."


def leave_their_pack(root: MapNode, folder: Path) -> list[Problem]:
    """
    Files that a recipe of an installed pack names outside it; what the user says is the user's own affair.

    Args:
        root: The whole, with paths written from the recipe's own folder.
        folder: The recipe's.
    """
    return [
        outside(path, node)
        for path, node in named_files(root)
        if (pack := pack_of(Path(node.place.file))) is not None
        and ("\0" in node.text or not (folder / node.text).resolve().is_relative_to(pack))
    ]


def outside(path: KeyPath, node: TextNode, hint: str = _OF_YOUR_OWN) -> Problem:
    """The complaint about a file that a pack's recipe names outside its pack."""
    message = f"'{node.text}' is outside the pack, and a recipe of a pack may only name files in it."
    return Problem(*node.place, shown(path), message, hint)


def _moved(node: Node, path: KeyPath, folders: Mapping[str, Path], folder: Path, root: MapNode) -> Node:
    if isinstance(node, ListNode):
        items = (_moved(one, (*path, i), folders, folder, root) for i, one in enumerate(node.items))
        return replace(node, items=tuple(items))
    if isinstance(node, MapNode):
        entries = {
            key: replace(entry, value=_moved(entry.value, (*path, key), folders, folder, root))
            for key, entry in node.entries.items()
        }
        return replace(node, entries=entries)
    own = folders.get(node.place.file, folder)
    if (
        own == folder
        or not node.given
        or not _is_path(path, node.text, root)
        or Path(node.text).is_absolute()
    ):
        return node
    slash = "/" if node.text.endswith("/") else ""
    return replace(node, text=Path(os.path.relpath(own / node.text, folder)).as_posix() + slash)


def _is_path(path: KeyPath, text: str, root: MapNode) -> bool:
    if path == ("task", "labels"):
        return text.lower().endswith(".csv")
    if path in (("data", "source"), ("train", "test"), ("guideline", "templates")):
        return True
    if path[:2] == ("data", "show"):
        return len(path) == 4 and path[3] == "root"
    if path[:2] == ("task", "labels"):
        return path[-1] in _MEDIA
    return _names_file(path, root)


def _names_file(path: KeyPath, root: MapNode) -> bool:
    """Whether a strategy says that this parameter of it is a file."""
    place = path[:-1]
    plain = ("judge", *place[2:]) if place[:1] == ("judge",) and len(place) == 3 else role_path(place)
    kind = STRATEGIES.get(plain)
    node: Node | None = root
    for step in place:
        if isinstance(node, MapNode):
            node = node.get(str(step))
        elif isinstance(node, ListNode) and isinstance(step, int):
            node = node.items[step]
    name = node.get("name") if isinstance(node, MapNode) else None
    if kind is None or not isinstance(name, TextNode):
        return False
    try:
        return path[-1] in registry.find(kind, name.text).traits.get("files", ())
    except KeyError:
        return False
