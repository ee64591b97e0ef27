"""A recipe with a matrix as the runs that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from act_spec.recipe.cases import cases_in, with_case
from act_spec.recipe.gather import Gathered, gather
from act_spec.recipe.load import LoadedRecipe, settle
from act_spec.recipe.matrix import CASE, Matrix
from act_spec.recipe.nodes import ListNode, MapNode, Node, Place, TextNode, as_text
from act_spec.recipe.source import read_text


@dataclass(frozen=True)
class Cell:
    """
    One run of a matrix.

    Attributes:
        setting: `case` to its name, and varied parameter to its value, as text.
        repeat: Repeated parameter to its number.
        loaded: The recipe with both.
    """

    setting: Mapping[str, str]
    repeat: Mapping[str, int]
    loaded: LoadedRecipe


def cells_of(loaded: LoadedRecipe, *, repeats: bool = True) -> Iterator[Cell]:
    """
    The runs of a recipe's matrix, settings in the order as written, the repeats of each together.

    A parameter that was set from outside is not varied.

    Args:
        loaded: A recipe with a matrix.
        repeats: Whether every repeat is wanted, or the first of each setting alone.

    Raises:
        RecipeError: If the values of a setting do not go together.
    """
    matrix = loaded.recipe.matrix
    if matrix is None:
        return
    found = gather(read_text(loaded.path), loaded.places.root.file, loaded.path.parent)
    varied = _varied(found, matrix, loaded.settings)
    numbers = {name: count for name, count in matrix.repeat.items() if name not in loaded.settings}
    cases: Mapping[str, MapNode | None] = cases_in(found.root) or {"": None}
    for (name, case), values in product(cases.items(), product(*varied.values())):
        setting = dict(zip(varied, values, strict=True))
        told = {CASE: name} if case is not None else {}
        told |= {axis: as_text(node) for axis, node in setting.items()}
        for drawn in product(*(range(1, count + 1 if repeats else 2) for count in numbers.values())):
            repeat = dict(zip(numbers, drawn, strict=True))
            cell = settle(with_case(found, case), loaded.settings, {**setting, **_nodes(found, repeat)})
            yield Cell(told, repeat, cell)


def _varied(found: Gathered, matrix: Matrix, settings: Mapping[str, str]) -> dict[str, Sequence[Node]]:
    written = found.root.get("matrix") if found.root is not None else None
    vary = written.get("vary") if isinstance(written, MapNode) else None
    if not isinstance(vary, MapNode):
        return {}
    return {
        name: entry.value.items
        for name, entry in vary.entries.items()
        if name in matrix.vary and name not in settings and isinstance(entry.value, ListNode)
    }


def _nodes(found: Gathered, repeat: Mapping[str, int]) -> dict[str, Node]:
    place = found.root.entries["matrix"].key_place if found.root is not None else Place(found.file, 1, 1)
    return {name: TextNode(str(number), place) for name, number in repeat.items()}
