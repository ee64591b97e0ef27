"""Plugins that a recipe names: imported if they are installed and allowed, refused otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from act_spec import plugins
from act_spec.errors import Problem, did_you_mean
from act_spec.recipe.nodes import ListNode, MapNode, TextNode, shown


def load_wanted(root: MapNode) -> list[Problem]:
    """
    Import what the recipe's `plugins` names, before anything is looked up by name.

    Args:
        root: The recipe as written.

    Returns:
        A problem for each that is not installed, not allowed, or cannot be imported.
    """
    node = root.get("plugins")
    if not isinstance(node, ListNode):
        return []
    return [problem for item in node.items if isinstance(item, TextNode) for problem in _load(item)]


def _load(node: TextNode) -> Iterator[Problem]:
    name, known = node.text, plugins.installed()
    if name not in known:
        hint = did_you_mean(name, list(known)) if known else "No plugin is installed; install its package."
        yield Problem(*node.place, shown(node.path), f"no plugin '{name}' is installed.", hint)
    elif not plugins.is_allowed(name):
        what = f"the plugin '{name}' is code of another package ({plugins.version_of(name)}), and is not allowed."
        yield Problem(*node.place, shown(node.path), what, f"If you trust it, add --allow-plugin {name}.")
    else:
        try:
            plugins.load(name)
        except ImportError as error:
            yield Problem(*node.place, shown(node.path), f"the plugin '{name}' cannot be imported: {error}.")
