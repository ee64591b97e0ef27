"""What the language has room for and this version does not do: refused by name, never ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from act_spec import registry
from act_spec.errors import Problem
from act_spec.recipe.nodes import (
    Entry,
    KeyPath,
    ListNode,
    MapNode,
    Node,
    Place,
    TextNode,
    shown,
)

# Where a name is looked up, under which kind, and the names that are to come.
_NAMES: Mapping[KeyPath, tuple[str, frozenset[str]]] = {
    ("task", "modality"): ("content", frozenset({"image", "pdf", "audio", "conversation"})),
}
_MODALITIES = frozenset({"image", "pdf", "audio", "video"})


def find_not_yet(root: MapNode) -> list[Problem]:
    """
    Everything in a recipe that belongs to a later version.

    Args:
        root: The recipe as read, before short forms are written out.
    """
    of_the_text = (_names, _lists, _modalities, _source)
    return [problem for find in of_the_text for problem in find(root)]


def _problem(place: Place, path: KeyPath, what: str, hint: str) -> Problem:
    return Problem(*place, shown(path), f"{what} is not yet in this version.", hint)


def _entries(node: Node | None, path: KeyPath) -> Iterator[Entry]:
    """What stands at a path; in a list, at that path of every member."""
    if isinstance(node, ListNode):
        for item in node.items:
            yield from _entries(item, path)
    entry = node.entries.get(str(path[0])) if isinstance(node, MapNode) else None
    if entry is not None and len(path) > 1:
        yield from _entries(entry.value, path[1:])
    elif entry is not None:
        yield entry


def _entry(node: Node | None, path: KeyPath) -> Entry | None:
    return next(_entries(node, path), None)


def _names(root: MapNode) -> Iterator[Problem]:
    for path, (kind, planned) in _NAMES.items():
        entry = _entry(root, path)
        if entry is None:
            continue
        inner = _entry(entry.value, ("name",))
        node = inner.value if inner else entry.value
        known = registry.names(kind)
        if isinstance(node, TextNode) and node.text.partition(".v")[0] in planned - set(known):
            yield _problem(
                node.place, node.path, f"'{node.text}'", f"Known: {', '.join(known)}." if known else ""
            )


def _lists(root: MapNode) -> Iterator[Problem]:
    entry = root.entries.get("annotator")
    if entry is not None and isinstance(entry.value, ListNode):
        hint = "Write one annotator as a mapping."
        yield _problem(entry.value.place, ("annotator",), "a list of annotators", hint)


def _modalities(root: MapNode) -> Iterator[Problem]:
    show = _entry(root, ("data", "show"))
    if show is None or not isinstance(show.value, MapNode):
        return
    coming = _MODALITIES - set(registry.names("content"))
    for field in show.value.entries.values():
        if not isinstance(field.value, MapNode):
            continue
        for key, entry in field.value.entries.items():
            if key in coming:
                yield _problem(
                    entry.key_place, (*field.value.path, key), f"the modality '{key}'", "Show text."
                )


def _source(root: MapNode) -> Iterator[Problem]:
    entry = _entry(root, ("data", "source"))
    if entry is None or not isinstance(entry.value, TextNode):
        return
    source = entry.value.text
    hint = "Name Parquet, CSV or JSON lines files."
    if source.lower().endswith((".duckdb", ".db")) or ".duckdb#" in source.lower():
        yield _problem(entry.value.place, ("data", "source"), "a database as the source", hint)
