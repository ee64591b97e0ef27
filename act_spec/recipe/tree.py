"""
From YAML text to nodes: every scalar as written, every fault of the YAML itself named.

The reader's events are taken, not its values, so that nothing is converted,
and depth and expanded aliases are bounded before anything is built of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from act_spec.errors import Problem, RecipeError
from act_spec.recipe.hints import QUOTE_IT, Stumble, directive, explain, undefined_alias
from act_spec.recipe.nodes import Entry, KeyPath, ListNode, MapNode, Node, Place, TextNode, moved, shown

MAX_DEPTH = 40
MAX_NODES = 100_000
_MAX_MENDS = 20
_NOT_GIVEN = ("", "null", "~")


@dataclass(frozen=True)
class Tree:
    """
    What was read, and what was wrong with it.

    Attributes:
        root: The recipe; None where it could not be read to its end.
        problems: Faults of the YAML.
        broken_lines: Lines whose values were papered over: whatever else is
            wrong there may be the fault of the paper.
    """

    root: MapNode | None
    problems: tuple[Problem, ...]
    broken_lines: frozenset[int] = frozenset()


def read_tree(text: str, file: str) -> Tree:
    """
    Read YAML, past those faults whose reach is one line.

    Args:
        text: The file's text.
        file: Its name, for places.
    """
    stumbles: list[Stumble] = []
    mends = 0
    while True:
        builder = _Builder(text, file)
        try:
            root = builder.build()
            break
        except _StumbledError as error:
            stumble = error.stumble
        except RecipeError as error:
            return Tree(None, error.problems)
        # A second fault of one line is likely the paper's over the first.
        if stumble.line not in {known.line for known in stumbles}:
            stumbles.append(stumble)
        mends += 1
        if stumble.mended is None or mends > _MAX_MENDS:
            root = None
            break
        text = stumble.mended
    lines = frozenset(stumble.line for stumble in stumbles)
    found = [Problem(file, s.line, s.column, "", s.message, s.hint) for s in stumbles]
    found += [problem for problem in builder.problems if problem.line not in lines]
    return Tree(root, tuple(found), lines)


class _StumbledError(Exception):
    def __init__(self, stumble: Stumble) -> None:
        super().__init__(stumble.message)
        self.stumble = stumble


class _Builder:
    """Builds nodes from one pass over the events."""

    def __init__(self, text: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._file = file
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._size = 0
        self._value_line = 0
        self._events = self._read()

    def _read(self) -> Iterator[Any]:
        try:
            yield from YAML(typ="safe", pure=True).parse(self._text)
        except MarkedYAMLError as error:
            stumble = directive(self._text) if "document start" in (error.problem or "") else None
            raise _StumbledError(stumble or explain(error, self._text, self._value_line)) from error

    def build(self) -> MapNode | None:
        """The document; None, with a problem, where it is not one mapping."""
        event = next(self._events)
        while not isinstance(event, DocumentStartEvent | StreamEndEvent):
            event = next(self._events)
        if isinstance(event, StreamEndEvent):
            self._report(Place(self._file, 1, 1), (), "the file is empty; expected a mapping.", _BEGIN)
            return None
        if event.version or event.tags:
            found = directive(self._text)
            self._report(
                self._place(event) if found is None else Place(self._file, found.line, 1),
                (),
                "recipes have no directives.",
                "Delete the line that begins with '%'.",
            )
        root = self._node(next(self._events), (), 0)
        if self._second_document():
            return None
        if isinstance(root, MapNode):
            return root
        what = "a list" if isinstance(root, ListNode) else "a single text"
        self._report(root.place, (), f"expected a mapping of keys, found {what}.", _BEGIN)
        return None

    def _second_document(self) -> bool:
        next(self._events)
        event = next(self._events)
        if not isinstance(event, DocumentStartEvent):
            return False
        message = "a second document begins here; expected one mapping."
        self._report(self._place(event), (), message, "Put each recipe in a file of its own.")
        return True

    def _node(self, event: Any, path: KeyPath, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, path)
        self._count(1, event)
        before = self._size
        self._refuse_tag(event, path)
        node = self._inner(event, path, depth)
        if event.anchor:
            self._keep_anchor(event, node, path, self._size - before + 1)
        return node

    def _inner(self, event: Any, path: KeyPath, depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, ScalarEvent):
            self._value_line = event.start_mark.line
            written = event.style is None
            given = not (written and event.value in _NOT_GIVEN)
            self._refuse_control(event, path)
            return TextNode(event.value, place, path, given, written)
        if depth >= MAX_DEPTH:
            message = f"this is nested more than {MAX_DEPTH} levels deep."
            raise RecipeError([Problem(*place, shown(path), message, "No recipe needs that.")])
        if isinstance(event, SequenceStartEvent):
            return ListNode(tuple(self._items(path, depth)), place, path)
        return self._mapping(event, path, depth)

    def _items(self, path: KeyPath, depth: int) -> Iterator[Node]:
        index = 0
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, (*path, index), depth + 1)
            index += 1

    def _mapping(self, event: MappingStartEvent, path: KeyPath, depth: int) -> MapNode:
        place = self._place(event)
        entries: dict[str, Entry] = {}
        merged: list[MapNode] = []
        before: Node | None = None
        while not isinstance(key_event := next(self._events), MappingEndEvent):
            key = self._key(key_event, path, depth)
            value_event = next(self._events)
            value = self._node(value_event, (*path, key.text), depth + 1)
            if key.text == "<<" and key.plain and isinstance(value, MapNode):
                merged.append(value)
            elif not self._trapped(key_event, value_event, key, before, event):
                self._add(entries, key, value, path)
            before = value
        for other in merged:
            for name, entry in other.entries.items():
                other_path = moved(entry.value, (*path, name))
                entries.setdefault(name, replace(entry, value=other_path))
        return MapNode(entries, place, path, bool(event.flow_style))

    def _key(self, event: Any, path: KeyPath, depth: int) -> TextNode:
        key = self._node(event, path, depth + 1)
        if isinstance(key, TextNode):
            return key
        message = "a key must be a text."
        self._report(key.place, path, message, "A text that begins with '{' or '[' needs quotes.")
        return TextNode("", key.place, path)

    def _add(self, entries: dict[str, Entry], key: TextNode, value: Node, path: KeyPath) -> None:
        if key.text in entries:
            first = entries[key.text].key_place.line
            message = f"the key '{key.text}' stands twice, here and in line {first}."
            self._report(key.place, (*path, key.text), message, "Keep one of them.")
        elif key.text or isinstance(value, TextNode):
            entries[key.text] = Entry(key.place, value)

    def _trapped(
        self, key_event: Any, value_event: Any, key: TextNode, before: Node | None, mapping: MappingStartEvent
    ) -> bool:
        """Whether a key is no key, but the rest of a text that an unquoted comma or a missing space cut."""
        bare = (
            mapping.flow_style
            and isinstance(value_event, ScalarEvent)
            and value_event.start_mark.index == key_event.end_mark.index
        )
        if not bare:
            return False
        if isinstance(before, TextNode) and before.plain and before.given:
            message = f"an unquoted comma ends the text '{before.text}' here, and makes '{key.text}' a key."
            hint = f'Put the text in quotes: "{before.text}, {key.text}".'
        elif key.plain and ":" in key.text:
            message = f"'{key.text}' is a key without a value."
            hint = "Put a space after the colon."
        else:
            return False
        self._report(key.place, (*key.path, key.text), message, hint)
        return True

    def _alias(self, event: AliasEvent, path: KeyPath) -> Node:
        if event.anchor not in self._anchors:
            stumble = undefined_alias(event.start_mark, self._text, event.anchor)
            raise _StumbledError(stumble)
        node, size = self._anchors[event.anchor]
        self._count(size, event)
        return moved(node, path)

    def _keep_anchor(self, event: Any, node: Node, path: KeyPath, size: int) -> None:
        if path and str(path[0]).startswith("x-"):
            self._anchors[event.anchor] = (node, size)
            return
        message = f"the anchor '&{event.anchor}' stands outside the x-… keys."
        hint = f"Move it under a key such as x-shared; if it is a text that begins with '&', {QUOTE_IT[0].lower()}{QUOTE_IT[1:]}"
        self._report(self._place(event), path, message, hint)
        # Kept, so that its aliases are not reported as well.
        self._anchors[event.anchor] = (node, size)

    def _count(self, size: int, event: Any) -> None:
        self._size += size
        if self._size > MAX_NODES:
            message = f"with its aliases written out, the file has more than {MAX_NODES:,} values."
            raise RecipeError([Problem(*self._place(event), "", message, "Use fewer aliases.")])

    def _refuse_tag(self, event: Any, path: KeyPath) -> None:
        if event.tag is None:
            return
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        message = f"the tag '{tag}' is refused: a recipe is data, and the schema gives values their type."
        hint = f"Delete it; if it is a text that begins with '!', {QUOTE_IT[0].lower()}{QUOTE_IT[1:]}"
        self._report(self._place(event), path, message, hint)

    def _refuse_control(self, event: ScalarEvent, path: KeyPath) -> None:
        odd = next(
            (c for c in event.value if (ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) < 0xE000), ""
        )
        if odd:
            message = f"this text has the control character U+{ord(odd):04X}."
            self._report(self._place(event), path, message, "Leave it out.")

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _report(self, place: Place, path: KeyPath, message: str, hint: str) -> None:
        self.problems.append(Problem(*place, shown(path), message, hint))


_BEGIN = "A recipe begins with 'act: 1'."
