"""Cases of a matrix: each a piece of a recipe, laid over the recipe as the recipe is over its base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from act_spec.errors import Problem
from act_spec.recipe.merge import is_own, laid_over
from act_spec.recipe.nodes import MapNode, moved
from act_spec.recipe.params import references

if TYPE_CHECKING:
    from act_spec.recipe.gather import Gathered

_ELSEWHERE = frozenset({"params", "matrix", "expect"})
_HINT = "A case holds what differs, such as judge, budget or rounds."


def cases_in(root: MapNode | None) -> Mapping[str, MapNode]:
    """The cases that a recipe's matrix names, in the order as written; those that are no mapping are left out."""
    matrix = root.get("matrix") if root is not None else None
    cases = matrix.get("cases") if isinstance(matrix, MapNode) else None
    if not isinstance(cases, MapNode):
        return {}
    return {name: entry.value for name, entry in cases.entries.items() if isinstance(entry.value, MapNode)}


def used_in_cases(root: MapNode) -> Iterator[str]:
    """The parameters that only a case may use."""
    for case in cases_in(root).values():
        yield from (name for name, _ in references(case))


def with_case(found: Gathered, case: MapNode | None) -> Gathered:
    """The recipe as this case has it; as it is without one."""
    if case is None or found.root is None:
        return found
    own = {key: entry for key, entry in found.root.entries.items() if is_own(key)}
    upper = {key: replace(entry, value=moved(entry.value, (key,))) for key, entry in case.entries.items()}
    merged = laid_over(replace(case, entries=upper, path=()), found.root)
    return replace(found, root=replace(found.root, entries={**own, **merged.entries}))


def out_of_place(case: MapNode, name: str) -> Iterator[Problem]:
    """Keys that a whole recipe has and none of its cases."""
    for key, entry in case.entries.items():
        if is_own(key) or key in _ELSEWHERE:
            message = f"'{key}' has no place in a case."
            yield Problem(*entry.key_place, f"matrix.cases.{name}", message, _HINT)
