"""All shown fields of an item: as parts of a message, and as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from act_spec.records import Item, Part
from act_spec.registry import find


class Modality(Protocol):
    """What a modality offers; registered as `@register("content", "name.v1")`."""

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """The field as parts of a message, delimited as data."""

    def plain(self, name: str, value: Any) -> str:
        """The field as text for people."""

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:
        """JSON that the modality's script on the review page needs besides the text; may be empty."""


class Shown(Protocol):
    """What is needed of a shown field: the name of its modality."""

    @property
    def type(self) -> str:
        """`text`, or another registered modality."""


@dataclass(frozen=True)
class PageField:
    """
    A field for the review page, where the script `templates/review_field_TYPE.v1.js.j2` shows it.

    Attributes:
        name: As the recipe shows it.
        type: Name of the modality.
        text: For people.
        more: What the modality's script needs besides.
    """

    name: str
    type: str
    text: str
    more: Mapping[str, Any]


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
    for seen, name in seen_names(item, show).items():
        if parts:
            parts.append({"type": "text", "text": "\n"})
        parts += modality(show[name].type).parts(seen, item.content.get(name))
    return tuple(parts)


def plain_fields(item: Item, show: Mapping[str, Shown]) -> dict[str, str]:
    """The item's shown fields as text for people: shown name to text, in the recipe's order."""
    return {
        seen: modality(show[name].type).plain(seen, item.content.get(name))
        for seen, name in seen_names(item, show).items()
    }


def seen_names(item: Item, show: Mapping[str, Shown]) -> Mapping[str, str]:
    """The name under which each field is seen, in order, to its shown name; a task kind may tell them apart."""
    return item.shown_as or {name: name for name in show}


def page_fields(item: Item, show: Mapping[str, Shown]) -> list[PageField]:
    """The item's shown fields for the review page, in the recipe's order."""
    found = []
    for seen, name in seen_names(item, show).items():
        value, own = item.content.get(name), modality(show[name].type)
        found.append(PageField(seen, show[name].type, own.plain(seen, value), own.shown(seen, value)))
    return found


def modality(name: str) -> Modality:
    """
    The modality of that name.

    Raises:
        KeyError: If none is registered; offers the nearest name.
    """
    made: Modality = find("content", name).build()
    return made
