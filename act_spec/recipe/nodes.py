"""A recipe's values with the places where they stand, before the schema gives them types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

KeyPath = tuple[str | int, ...]

# Mappings whose keys are the user's own words: a key without a value is not a key left out.
_FREE = {
    ("task", "labels"),
    ("data", "show"),
    ("data", "where"),
    ("data", "gold", "map"),
    ("params",),
    ("matrix", "cases"),
}


_FREE_PARAMETERS = {"where", "answers"}


class Place(NamedTuple):
    """Where something stands; line and column are counted from 1, 0 where there is none."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class TextNode:
    """
    A scalar, exactly as written.

    Attributes:
        text: The characters, whatever their quoting.
        place: Of its first character.
        path: Where in the recipe, as written.
        given: False for a plain `null`, `~` or nothing: as a mapping's value, not given.
        plain: Whether it stands without quotes.
    """

    text: str
    place: Place
    path: KeyPath = ()
    given: bool = True
    plain: bool = True


@dataclass(frozen=True)
class ListNode:
    """A list, with the place of its start."""

    items: tuple[Node, ...]
    place: Place
    path: KeyPath = ()


@dataclass(frozen=True)
class Entry:
    """One key of a mapping: where the key stands, and its value."""

    key_place: Place
    value: Node


@dataclass(frozen=True)
class MapNode:
    """A mapping, in the order as written; `flow` if it stands in braces."""

    entries: Mapping[str, Entry]
    place: Place
    path: KeyPath = ()
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def with_value(self, key: str, value: Node) -> MapNode:
        """The same mapping with one value replaced."""
        entry = replace(self.entries[key], value=value)
        return replace(self, entries={**self.entries, key: entry})


Node = TextNode | ListNode | MapNode


def shown(path: KeyPath) -> str:
    """A path for people: keys joined by dots, without numbers of list members."""
    return ".".join(step for step in path if isinstance(step, str))


def plain(node: Node, path: KeyPath = ()) -> Any:
    """The value alone: dict, list or text. What is not given is left out, or None under the user's own keys."""
    if isinstance(node, TextNode):
        return node.text
    if isinstance(node, ListNode):
        return [plain(item, (*path, index)) for index, item in enumerate(node.items)]
    values = {
        key: None if not_given(entry.value) else plain(entry.value, (*path, key))
        for key, entry in node.entries.items()
    }
    return values if _free(path) else {key: value for key, value in values.items() if value is not None}


def _free(path: KeyPath) -> bool:
    of_a_strategy = "strategy" in path and path[-1] in _FREE_PARAMETERS
    return of_a_strategy or path in _FREE


def not_given(node: Node) -> bool:
    """Whether a mapping's value says that its key is not given."""
    return isinstance(node, TextNode) and not node.given


def texts(node: Node) -> Iterator[TextNode]:
    """Every scalar that is a value, in order."""
    if isinstance(node, TextNode):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from texts(item)
    else:
        for entry in node.entries.values():
            yield from texts(entry.value)


def as_text(node: Node) -> str:
    """A value as it can be set on the command line."""
    return node.text if isinstance(node, TextNode) else json.dumps(plain(node), ensure_ascii=False)


def moved(node: Node, path: KeyPath) -> Node:
    """The same values at another path, as an alias or a parameter puts them there."""
    if isinstance(node, ListNode):
        items = tuple(moved(item, (*path, index)) for index, item in enumerate(node.items))
        return replace(node, items=items, path=path)
    if isinstance(node, MapNode):
        entries = {
            key: replace(entry, value=moved(entry.value, (*path, key))) for key, entry in node.entries.items()
        }
        return replace(node, entries=entries, path=path)
    return replace(node, path=path)


@dataclass(frozen=True)
class Places:
    """
    Where every part of a recipe stands, for whoever has to point at it.

    Attributes:
        values: KeyPath in the full form of the recipe to the place of the value.
        keys: The same to the place of the key.
        written: The same to the path that the user wrote, which may be shorter.
    """

    root: Place
    values: Mapping[KeyPath, Place] = field(default_factory=dict)
    keys: Mapping[KeyPath, Place] = field(default_factory=dict)
    written: Mapping[KeyPath, KeyPath] = field(default_factory=dict)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a part of the recipe stands in, the recipe's own first."""
        places = (self.root, *self.values.values(), *self.keys.values())
        # What was set on the command line stands in no file.
        found = {place.file for place in places if place.line}
        return (self.root.file, *sorted(found - {self.root.file}))

    def at(self, path: str | KeyPath) -> Place:
        """The place of a value, `budget.rule` or `("budget", "rule")`; the nearest above it if it is absent."""
        steps = _steps(path)
        nearest = self.nearest(steps)
        known = self.values.get(nearest, self.root)
        return known if nearest == steps else self.keys.get(nearest, known)

    def key(self, path: str | KeyPath) -> Place:
        """The place of a key; the nearest above it if it is absent."""
        return self.keys.get(self.nearest(_steps(path)), self.root)

    def nearest(self, path: KeyPath) -> KeyPath:
        """The longest beginning of a path that the recipe has."""
        while path and path not in self.values:
            path = path[:-1]
        return path

    def as_written(self, path: KeyPath) -> str:
        """A path of the full form as the user would write it, for messages."""
        nearest = self.nearest(path)
        return shown((*self.written.get(nearest, nearest), *path[len(nearest) :]))


def _steps(path: str | KeyPath) -> KeyPath:
    return tuple(path.split(".")) if isinstance(path, str) else path


def places_of(root: MapNode) -> Places:
    """The places of a tree, by the paths that it has now."""
    values: dict[KeyPath, Place] = {}
    keys: dict[KeyPath, Place] = {}
    written: dict[KeyPath, KeyPath] = {}

    def walk(node: Node, path: KeyPath, key_place: Place) -> None:
        values[path], keys[path], written[path] = node.place, key_place, node.path
        if isinstance(node, ListNode):
            for index, item in enumerate(node.items):
                walk(item, (*path, index), item.place)
        elif isinstance(node, MapNode):
            for key, entry in node.entries.items():
                walk(entry.value, (*path, key), entry.key_place)

    walk(root, (), root.place)
    return Places(root.place, values, keys, written)
