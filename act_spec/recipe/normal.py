"""The short forms of the language, written out, so that the schema sees one form alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from act_spec import registry
from act_spec.errors import Problem, RecipeError
from act_spec.recipe.label_file import read_labels
from act_spec.recipe.nodes import Entry, ListNode, MapNode, Node, Place, TextNode, not_given, shown

_SHOWN_KEYS = {"column", "type", "root", "max_px", "max_pages", "send", "transcript", "max_chars", "longer"}


def normalise(root: MapNode, folder: Path) -> tuple[MapNode, list[Problem]]:
    """
    Write the short forms of a recipe out, keeping the places of what was written.

    Args:
        root: The recipe as read.
        folder: What files named in it are relative to.

    Returns:
        The full form without `x-…` keys, and the faults found on the way.
    """
    problems: list[Problem] = []
    kept = {key: entry for key, entry in root.entries.items() if not key.startswith("x-")}
    root = replace(root, entries=kept)
    root = _candidates(root, problems)
    root = _at(root, ("annotator",), lambda node: _column_annotator(node, problems))
    for role in ("annotator", "judge"):
        root = _at(root, (role,), _role)
    root = _at(root, ("judges",), lambda node: _each(node, _role))
    for path in (("budget", "rule"), ("loss",), ("train", "learner"), ("rounds", "select")):
        root = _at(root, path, lambda node: _under("name", node))
    root = _at(root, ("guideline", "writer"), lambda node: _under("model", node))
    root = _at(root, ("review", "quality"), lambda node: _under("use", node))
    root = _at(root, ("blind_spots", "teacher"), lambda node: _under("model", node))
    root = _ask_how_sure(root)
    root = _at(root, ("data", "gold"), lambda node: _under("column", node))
    root = _at(root, ("data", "show"), lambda node: _show(node, problems))
    return _at(root, ("task", "labels"), lambda node: _labels(node, folder, problems)), problems


def _at(node: MapNode, path: tuple[str, ...], change: Callable[[Node], Node]) -> MapNode:
    """The same tree with the value at a path changed, if there is one."""
    child = node.get(path[0])
    if child is None or not_given(child):
        return node
    if len(path) == 1:
        return node.with_value(path[0], change(child))
    return node.with_value(path[0], _at(child, path[1:], change)) if isinstance(child, MapNode) else node


def _candidates(root: MapNode, problems: list[Problem]) -> MapNode:
    """A list of judges stands under `judges`, a key that nobody writes."""
    entries = dict(root.entries)
    written = entries.pop("judges", None)
    if written is not None:
        message = "there is no key 'judges' here."
        problems.append(Problem(*written.key_place, "judges", message, "Did you mean 'judge'?"))
    if isinstance(root.get("judge"), ListNode):
        entries["judges"] = entries.pop("judge")
    return replace(root, entries=entries)


def _role(node: Node) -> Node:
    """The strategy as a mapping, and each of several models too."""
    if not isinstance(node, MapNode):
        return node
    node = _at(node, ("strategy",), lambda strategy: _under("name", strategy))
    return _at(node, ("models",), lambda models: _each(models, lambda model: _under("model", model)))


def _each(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same list with every member changed."""
    if not isinstance(node, ListNode):
        return node
    return replace(node, items=tuple(change(item) for item in node.items))


def _ask_how_sure(root: MapNode) -> MapNode:
    """
    `judge.on` takes what the annotator was least sure of, so the annotator is asked how sure it is.

    Only where its strategy can be asked and the recipe does not say otherwise.
    """
    judges = root.get("judges")
    each = judges.items if isinstance(judges, ListNode) else [root.get("judge")]
    wanted = [judge for judge in each if isinstance(judge, MapNode) and judge.get("on") is not None]
    annotator = root.get("annotator")
    if not wanted or not isinstance(annotator, MapNode):
        return root
    place = wanted[0].entries["on"].key_place
    path = (*annotator.path, "strategy")
    direct = MapNode({"name": Entry(place, TextNode("direct", place, (*path, "name")))}, place, path)
    strategy = annotator.get("strategy") or direct
    name = strategy.get("name") if isinstance(strategy, MapNode) else None
    asked = _asks_for(name.text) if isinstance(name, TextNode) else None
    if asked is None or not isinstance(strategy, MapNode) or asked in strategy.entries:
        return root
    told = Entry(place, TextNode("true", place, (*path, asked)))
    strategy = replace(strategy, entries={**strategy.entries, asked: told})
    entry = Entry(place, strategy)
    return root.with_value("annotator", replace(annotator, entries={**annotator.entries, "strategy": entry}))


def _asks_for(strategy: str) -> str | None:
    """The parameter that makes an annotator say how sure it is; None where there is no such switch."""
    try:
        entry = registry.find("annotator", strategy)
    except KeyError:
        return None
    name = entry.traits.get("confidence")
    if not isinstance(name, str) or registry.parameters(entry).model_fields[name].annotation is not bool:
        return None
    return name


def _under(key: str, node: Node) -> Node:
    """A text as a mapping with that text under one key."""
    if not isinstance(node, TextNode):
        return node
    return MapNode({key: Entry(node.place, node)}, node.place, node.path)


def _column_annotator(node: Node, problems: list[Problem]) -> Node:
    """`annotator: {column: stage}` is the strategy `column` with that parameter."""
    if not isinstance(node, MapNode) or "column" not in node.entries:
        return node
    column = node.entries["column"]
    rest = {key: entry for key, entry in node.entries.items() if key != "column"}
    if "strategy" in rest:
        message = "'column' and 'strategy' both say where annotations come from."
        problems.append(Problem(*column.key_place, shown((*node.path, "column")), message, "Keep one."))
        return replace(node, entries=rest)
    name = TextNode("column", column.key_place, (*node.path, "column"))
    strategy = MapNode(
        {"name": Entry(column.key_place, name), "column": column}, column.value.place, node.path
    )
    return replace(node, entries={**rest, "strategy": Entry(column.key_place, strategy)})


def _show(node: Node, problems: list[Problem]) -> Node:
    if isinstance(node, ListNode):
        entries: dict[str, Entry] = {}
        for item in node.items:
            if not isinstance(item, TextNode):
                return node
            if item.text in entries:
                message = f"the column '{item.text}' stands twice."
                problems.append(Problem(*item.place, shown(item.path), message, "Keep one of them."))
            entries[item.text] = Entry(item.place, _under("column", item))
        return MapNode(entries, node.place, node.path)
    if isinstance(node, MapNode):
        entries = {name: replace(entry, value=_field(entry.value)) for name, entry in node.entries.items()}
        return replace(node, entries=entries)
    message = f"expected columns, found '{node.text}'."
    problems.append(Problem(*node.place, shown(node.path), message, f"Write [{node.text}]."))
    return node


def _field(node: Node) -> Node:
    """`befund` is a column of text, `{image: file, root: images}` a column of images."""
    if isinstance(node, TextNode) and node.given:
        return _under("column", node)
    if not isinstance(node, MapNode):
        return node
    others = [key for key in node.entries if key not in _SHOWN_KEYS]
    if "column" in node.entries or len(others) != 1:
        return node
    typed = node.entries[others[0]]
    modality = TextNode(others[0], typed.key_place, (*node.path, others[0]))
    entries = {key: entry for key, entry in node.entries.items() if key != others[0]}
    return replace(node, entries={"column": typed, "type": Entry(typed.key_place, modality), **entries})


def _labels(node: Node, folder: Path, problems: list[Problem]) -> Node:
    if not isinstance(node, TextNode) or not node.text.lower().endswith(".csv"):
        return node
    try:
        labels, found = read_labels(node.text, folder, node.place)
    except RecipeError as error:
        found = [_named_here(problem, node.place) for problem in error.problems]
        labels = None
    problems.extend(found)
    return labels or node


def _named_here(problem: Problem, place: Place) -> Problem:
    """A fault of the file as a whole stands where the recipe names the file."""
    if problem.line:
        return replace(problem, path=problem.path or "task.labels")
    message = f"'{problem.file}': {problem.message}"
    return Problem(*place, "task.labels", message, problem.hint)
