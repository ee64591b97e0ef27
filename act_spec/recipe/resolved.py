"""A recipe as it stands after inheritance and parameters, with the origin of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from act_spec.recipe.nodes import KeyPath, ListNode, MapNode, Node, TextNode
from act_spec.recipe.schema import Recipe

_BARE = re.compile(r"[^\W_]([\w./%+-]|[ ](?=[\w(]))*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_WIDTH = 60
_APART = frozenset({"extends", "partial", "params", "matrix"})
Line = tuple[str, TextNode | None]


def resolved_text(root: MapNode) -> str:
    """
    The whole as a recipe of its own, each value's `file:line` beside it as a comment.

    It has no base and no parameters any more, and the same hash.
    """
    lines = list(_mapping(_whole(root), 0))
    width = min(_WIDTH, max((len(text) for text, node in lines if node is not None), default=0))
    return "\n".join(text if node is None else f"{text:<{width}}  # {_origin(node)}" for text, node in lines)


def resolved_json(root: MapNode) -> list[dict[str, Any]]:
    """The same as a list of values: path, value, file, line, column."""
    return [
        {
            "path": list(path),
            "value": node.text if node.given else None,
            "file": node.place.file,
            "line": node.place.line or None,
            "column": node.place.column or None,
        }
        for path, node in _values(_whole(root), ())
    ]


def _whole(root: MapNode) -> MapNode:
    order = list(Recipe.model_fields)
    kept = {key: root.entries[key] for key in order if key in root.entries and key not in _APART}
    return MapNode(kept, root.place, root.path)


def _values(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, TextNode]]:
    if isinstance(node, TextNode):
        yield path, node
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from _values(item, (*path, index))
    else:
        for key, entry in node.entries.items():
            yield from _values(entry.value, (*path, key))


def _mapping(node: MapNode, depth: int) -> Iterator[Line]:
    for key, entry in node.entries.items():
        yield from _under(f"{'  ' * depth}{_scalar(key)}:", entry.value, depth)


def _under(head: str, node: Node, depth: int) -> Iterator[Line]:
    """A key, or the dash of a list, with what it holds."""
    if isinstance(node, TextNode):
        yield f"{head} {_scalar(node.text)}" if node.given else head, node
    elif isinstance(node, ListNode):
        yield head + ("" if node.items else " []"), None
        for item in node.items:
            yield from _item(item, depth + 1)
    elif not node.entries:
        yield f"{head} {{}}", None
    else:
        yield head, None
        yield from _mapping(node, depth + 1)


def _item(node: Node, depth: int) -> Iterator[Line]:
    """A member of a list; the first key of a mapping stands beside the dash."""
    dash = f"{'  ' * depth}-"
    if not isinstance(node, MapNode) or not node.entries:
        yield from _under(dash, node, depth)
        return
    for number, (text, value) in enumerate(_mapping(node, depth + 1)):
        yield (f"{dash} {text.lstrip()}" if number == 0 else text), value


def _scalar(text: str) -> str:
    """On one line, bare where every reader takes it for this text."""
    literal = _ESCAPE_PARAMETER.sub("$$\\1", text)
    bare = _BARE.fullmatch(literal) and literal.lower() not in _WORDS and not literal.endswith(" ")
    return literal if bare else json.dumps(literal, ensure_ascii=False)


_ESCAPE_PARAMETER = re.compile(r"\A\$([A-Za-z_][A-Za-z0-9_]*)\Z")


def _origin(node: TextNode) -> str:
    file, line, _ = node.place
    return f"{file}:{line}" if line else file
