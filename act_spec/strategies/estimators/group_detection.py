"""Items that seem to belong together although nothing says so: reason for a warning, not for a guess."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

_ID = re.compile(r"(?P<stem>.*[^-_.:/#])[-_.:/#]+(?P<ending>[^-_.:/#]+)")
_LARGEST = 50
"""A larger set of equal values is a category, such as a year or a source, not one case told several times."""

_GROUPED = 0.5
"""Least share of the items with a partner."""


@dataclass(frozen=True)
class DetectedGroups:
    """
    What several items have in common.

    Attributes:
        field: Name of the field whose values repeat; None for item ids that differ in their ending only.
        groups: Number of groups of two or more.
        items: Items in them.
        example: Ids of one such group.
    """

    field: str | None
    groups: int
    items: int
    example: tuple[str, ...]


def groups_detectable(
    item_ids: Sequence[str], fields: Mapping[str, Sequence[Hashable]] | None = None
) -> DetectedGroups | None:
    """
    Whether items come in groups, by their ids (`12_r` and `12_h`) or by a field that repeats.

    A heuristic of ours: at least half the items share the value with others,
    no value belongs to more than fifty items, and ids that merely count
    (`doc_1`, `doc_2`) do not. It reads ids first, then fields in order.

    Args:
        item_ids: Unique, n of them.
        fields: Name to values, n each, in the order of the ids; None stands for missing.
    """
    stems = [match["stem"] if (match := _ID.fullmatch(item_id)) else None for item_id in item_ids]
    candidates: list[tuple[str | None, Sequence[Hashable]]] = [(None, stems)]
    candidates += list((fields or {}).items())
    for field, values in candidates:
        found = _groups(field, values, item_ids)
        if found is not None:
            return found
    return None


def _groups(field: str | None, values: Sequence[Hashable], item_ids: Sequence[str]) -> DetectedGroups | None:
    sizes = Counter(value for value in values if value is not None and value != "")
    grouped = {value: size for value, size in sizes.items() if size > 1}
    items = sum(grouped.values())
    # One group of everything is a constant, however few the items.
    if len(grouped) < 2 or items < _GROUPED * len(item_ids) or max(grouped.values()) > _LARGEST:
        return None
    first = next(value for value in values if value in grouped)
    example = tuple(item_id for item_id, value in zip(item_ids, values, strict=True) if value == first)
    return DetectedGroups(field, len(grouped), items, example)
