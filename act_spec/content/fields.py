"""All shown fields of an item: as parts of a message, and as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from act_spec.records import Item, Part
from act_spec.registry import find


class Modality(Protocol):
    """What a modality offers; registered as `@register("content", "name.v1")`."""

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """The field as parts of a message, delimited as data."""

    def plain(self, name: str, value: Any) -> str:
        """The field as text for people."""


class Shown(Protocol):
    """What is needed of a shown field: the name of its modality."""

    @property
    def type(self) -> str:
        """`text`, or another registered modality."""


def message_parts(item: Item, show: Mapping[str, Shown]) -> tuple[Part, ...]:
    """
    The item's shown fields as parts of a message, in the recipe's order.

    Args:
        item: Fields that it lacks are shown empty.
        show: Shown name to field.

    Raises:
        KeyError: If a field's modality is not registered.
    """
    parts: list[Part] = []
    for name, field in show.items():
        if parts:
            parts.append({"type": "text", "text": "\n"})
        parts += modality(field.type).parts(name, item.content.get(name))
    return tuple(parts)


def plain_fields(item: Item, show: Mapping[str, Shown]) -> dict[str, str]:
    """The item's shown fields as text for people: shown name to text, in the recipe's order."""
    return {name: modality(field.type).plain(name, item.content.get(name)) for name, field in show.items()}


def modality(name: str) -> Modality:
    """
    The modality of that name.

    Raises:
        KeyError: If none is registered; offers the nearest name.
    """
    made: Modality = find("content", name).build()
    return made
