"""A recipe laid over its base: mappings merge, lists replace, `null` removes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from act_spec import registry
from act_spec.recipe.known_keys import STRATEGIES
from act_spec.recipe.nodes import Entry, KeyPath, MapNode, Node, TextNode, not_given

OWN = frozenset({"act", "name", "extends", "partial"})
"""Keys that every file says for itself; besides them what begins with `x-`."""

# Of these, one says what the others would: the one in the recipe takes the place of those in its base.
_INSTEAD: Mapping[KeyPath, tuple[frozenset[str], ...]] = {
    ("annotator",): (frozenset({"strategy", "column"}), frozenset({"model", "models"})),
    ("judge",): (frozenset({"model", "models"}),),
    ("budget",): (frozenset({"reviews", "usd", "hours"}),),
}


def laid_over(recipe: MapNode, base: MapNode) -> MapNode:
    """
    The recipe with what it leaves to its base.

    Short forms are the mappings that they stand for: `rule: sqrt` over
    `rule: {name: sqrt, floor: 0.1}` keeps the floor. A strategy of another
    name replaces the whole mapping. Places stay those of the file that a value
    stands in.
    """
    inherited = {key: entry for key, entry in base.entries.items() if not is_own(key)}
    return _merged(recipe, replace(base, entries=inherited), ())


def is_own(key: str) -> bool:
    """Whether a key at the top is said by each file for itself."""
    return key in OWN or key.startswith("x-")


def _merged(upper: MapNode, lower: MapNode, path: KeyPath) -> MapNode:
    entries = dict(lower.entries)
    for group in _INSTEAD.get(path, ()):
        if any(key in upper.entries and not not_given(upper.entries[key].value) for key in group):
            entries = {
                key: entry for key, entry in entries.items() if key not in group - upper.entries.keys()
            }
    for key, entry in upper.entries.items():
        below = lower.get(key)
        if below is not None and not_given(entry.value):
            del entries[key]
        else:
            entries[key] = Entry(entry.key_place, _over(entry.value, below, (*path, key)))
    return replace(upper, entries=entries, flow=False)


def _over(upper: Node, lower: Node | None, path: KeyPath) -> Node:
    if lower is None or (isinstance(upper, TextNode) and isinstance(lower, TextNode)):
        return upper
    upper_long, lower_long = _written_out(upper, path), _written_out(lower, path)
    if not isinstance(upper_long, MapNode) or not isinstance(lower_long, MapNode):
        return upper
    if path in STRATEGIES and _named_otherwise(upper_long, lower_long, STRATEGIES[path]):
        return upper
    return _merged(upper_long, lower_long, path)


def _written_out(node: Node, path: KeyPath) -> Node:
    """A text as the mapping that it is short for; what is no short form stays."""
    if not isinstance(node, TextNode) or not node.given:
        return node
    key = None
    if path in STRATEGIES:
        key = "name"
    elif path == ("data", "gold"):
        key = "column"
    elif path[:2] == ("task", "labels") and len(path) == 3:
        key = "definition"
    return node if key is None else MapNode({key: Entry(node.place, node)}, node.place, node.path)


def _named_otherwise(upper: MapNode, lower: MapNode, kind: str) -> bool:
    one, other = upper.get("name"), lower.get("name")
    if not isinstance(one, TextNode) or not isinstance(other, TextNode):
        return False
    return _full_name(kind, one.text) != _full_name(kind, other.text)


def _full_name(kind: str, name: str) -> str:
    try:
        return registry.find(kind, name).full_name
    except KeyError:
        return name
