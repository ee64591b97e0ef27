"""
Parameters of a recipe: `$name` in the place of a whole value.

A value keeps the place where it stands, under `params` or on the command
line, so that what is wrong with it is shown there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from act_spec.errors import Problem, did_you_mean
from act_spec.recipe.nodes import ListNode, MapNode, Node, Place, TextNode, moved, not_given, shown, texts
from act_spec.recipe.tree import read_tree

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_ESCAPED = re.compile(r"\$\$[A-Za-z_][A-Za-z0-9_]*")
_APART = frozenset({"params", "matrix", "extends", "partial", "act"})
SET = "--set"


@dataclass
class Filled:
    """
    A recipe with its parameters filled in.

    Attributes:
        root: The recipe.
        problems: Parameters that are unknown, unused, or without a value.
        lacks: Whether the recipe lacks its rest, where the value may stand.
    """

    root: MapNode
    problems: list[Problem] = field(default_factory=list)
    lacks: bool = False


def references(root: MapNode) -> Iterator[tuple[str, TextNode]]:
    """Every parameter that a recipe uses, with where."""
    for key, entry in root.entries.items():
        if key not in _APART and not key.startswith("x-"):
            for node in texts(entry.value):
                match = _REFERENCE.fullmatch(node.text)
                if match:
                    yield match[1], node


def fill(
    root: MapNode, given: Mapping[str, Node], used_below: frozenset[str] = frozenset(), *, lacks: bool = False
) -> Filled:
    """
    Put values in the place of parameters.

    Args:
        root: A recipe, laid over its bases.
        given: Values from elsewhere, which go before the defaults.
        used_below: Parameters that one of its files uses, though another may
            have overridden that; they are no mistake.
        lacks: Whether the recipe lacks its rest: a parameter may be used, and get its value, there.
    """
    filled = Filled(root, lacks=lacks)
    params = root.get("params")
    defaults = params.entries if isinstance(params, MapNode) else {}
    for name, entry in defaults.items():
        if not _NAME.fullmatch(name):
            _report(filled, entry.key_place, f"params.{name}", f"'{name}' cannot name a parameter.", _LETTERS)
        filled.problems += _defaults_on_others(name, entry.value)
    used = {name for name, _ in references(root)}
    for name, node in given.items():
        if name not in defaults:
            _report(filled, node.place, "", *_no_parameter(name, list(defaults), root))
        elif name not in used:
            _report(filled, node.place, "", f"nothing in the recipe uses the parameter '{name}'.", "")
    unused = set() if lacks else defaults.keys() - used - used_below - given.keys()
    for name in sorted(unused):
        message = f"nothing uses the parameter '{name}'."
        hint = f"Write ${name} in the place of a value, or take it out."
        _report(filled, defaults[name].key_place, f"params.{name}", message, hint)
    values = {name: entry.value for name, entry in defaults.items()} | dict(given)
    entries = {
        key: entry
        if key in _APART or key.startswith("x-")
        else replace(entry, value=_filled(entry.value, values, filled))
        for key, entry in root.entries.items()
    }
    filled.root = replace(root, entries=entries)
    return filled


def _no_parameter(name: str, known: list[str], root: MapNode) -> tuple[str, str]:
    """What is wrong with a name that is set and no parameter, and what to do."""
    key = name.rpartition(".")[2]
    if name.partition(".")[0] in root.entries:
        message = f"'{name}' is a key of the recipe, and {SET} sets parameters alone."
        return message, f"Write `params: {{{key}: …}}` and `{key}: ${key}`, then {SET} {key}=…"
    hint = did_you_mean(name, known)
    if not known:
        hint = "It has none." + (
            f" Write `params: {{{name}: …}}` to make one, used as ${name}." if _NAME.fullmatch(name) else ""
        )
    return f"the recipe has no parameter '{name}'.", hint


_LETTERS = "Begin with a letter, go on with letters, digits and '_'."


def setting(name: str, text: str, default: Node | None) -> Node:
    """
    A value from the command line, read as its default is.

    Raises:
        ValueError: If the default is a list or a mapping and the text is none.
    """
    place = Place(f"{SET} {name}={text}", 0, 0)
    if not isinstance(default, ListNode | MapNode):
        return TextNode(text, place)
    tree = read_tree(f"value: {text}", place.file)
    value = tree.root.get("value") if tree.root is not None and not tree.problems else None
    if value is None or type(value) is not type(default):
        kind = "a list such as [a, b]" if isinstance(default, ListNode) else "a mapping such as {a: b}"
        raise ValueError(f"the default of '{name}' is {kind}, and '{text}' is none.")
    return _placed(value, place)


def _filled(node: Node, values: Mapping[str, Node], filled: Filled) -> Node:
    if isinstance(node, ListNode):
        return replace(node, items=tuple(_filled(item, values, filled) for item in node.items))
    if isinstance(node, MapNode):
        entries = {
            key: replace(entry, value=_filled(entry.value, values, filled))
            for key, entry in node.entries.items()
        }
        return replace(node, entries=entries)
    if _ESCAPED.fullmatch(node.text):
        return replace(node, text=node.text[1:])
    match = _REFERENCE.fullmatch(node.text)
    return node if match is None else _value(match[1], node, values, filled)


def _value(name: str, node: TextNode, values: Mapping[str, Node], filled: Filled) -> Node:
    if filled.lacks and (name not in values or not_given(values[name])):
        return replace(node, text="", given=False)
    if name not in values:
        message = f"there is no parameter '{name}'."
        near = did_you_mean(name, list(values))
        hint = f"{near} " if near.startswith("Did") else ""
        hint += f"A text that begins with '$' is written $${name}."
        _report(filled, node.place, shown(node.path), message, hint)
        return node
    value = values[name]
    if not_given(value):
        message = f"the parameter '{name}' has no value."
        _report(filled, node.place, shown(node.path), message, f"Give it one: {SET} {name}=…")
    return moved(value, node.path)


def _defaults_on_others(name: str, default: Node) -> list[Problem]:
    return [
        Problem(
            *node.place,
            f"params.{name}",
            f"'{node.text}' stands in a default, and parameters do not build on one another.",
            "Write the value.",
        )
        for node in texts(default)
        if _REFERENCE.fullmatch(node.text)
    ]


def _placed(node: Node, place: Place) -> Node:
    """The same value, all of it at one place."""
    if isinstance(node, ListNode):
        return replace(node, place=place, items=tuple(_placed(item, place) for item in node.items))
    if isinstance(node, MapNode):
        entries = {
            key: replace(entry, key_place=place, value=_placed(entry.value, place))
            for key, entry in node.entries.items()
        }
        return replace(node, place=place, entries=entries)
    return replace(node, place=place)


def _report(filled: Filled, place: Place, path: str, message: str, hint: str) -> None:
    filled.problems.append(Problem(*place, path, message, hint))
