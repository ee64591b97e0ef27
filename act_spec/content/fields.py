"""All shown fields of an item: as parts of a message, as text for people, and as blocks of a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, Protocol

from act_spec.content.media import Prepared, faults
from act_spec.once import OncePer
from act_spec.records import Item, Part
from act_spec.registry import find

EVERYTHING = frozenset({"text", "image", "audio"})
"""Kinds of parts that a message can have."""


class Modality(Protocol):
    """What a modality offers; registered as `@register("content", "name.v1")`."""

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """The field as parts of a message, delimited as data."""

    def plain(self, name: str, value: Any) -> str:
        """The field as text for people."""

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:
        """JSON that the modality's script on the review page needs besides the text; may be empty."""


class MediaModality(Modality, Protocol):
    """What a modality of files offers besides; registered with `media=True`."""

    @property
    def endings(self) -> tuple[str, ...]:
        """How such files end, in lower case."""

    @property
    def max_bytes(self) -> int:
        """Largest file that is read."""

    @property
    def sends(self) -> frozenset[str]:
        """Kinds of parts, other than text, that the field may be sent as."""

    @property
    def needs(self) -> frozenset[str]:
        """Those of them that a model must take, since the field says nothing to it otherwise."""

    @property
    def otherwise(self) -> str:
        """What else to do where a model takes none, as the end of a sentence; may be empty."""

    @property
    def of_sending(self) -> frozenset[str]:
        """Options that decide how files are sent, and not how they are prepared."""

    @property
    def unseen(self) -> Mapping[str, Any]:
        """What `measure` is taken to say of bytes that were not looked at."""

    def need(self) -> None:
        """Raise `ValueError`, saying what to install, if a package is missing."""

    def prepare(self, data: bytes, name: str) -> Prepared:
        """A file as it is kept, sent and shown; raises `MediaError`."""

    def measure(self, data: bytes, name: str) -> Mapping[str, Any]:
        """What `prepare` says of it, without its hashes, for estimates; raises `MediaError`."""


class Shown(Protocol):
    """What is needed of a shown field: its modality, and how that is to go about it."""

    @property
    def type(self) -> str:
        """`text`, or another registered modality."""

    @property
    def options(self) -> Mapping[str, Any]:
        """What the recipe sets of the modality's options."""


@dataclass(frozen=True)
class PageField:
    """
    A field for the review page, where the script `templates/review_field_TYPE.v1.js.j2` shows it.

    Attributes:
        name: As the recipe shows it.
        type: Name of the script.
        text: For people.
        more: What the modality's script needs besides.
    """

    name: str
    type: str
    text: str
    more: Mapping[str, Any]


def message_parts(
    item: Item, show: Mapping[str, Shown], takes: Collection[str] = EVERYTHING
) -> tuple[Part, ...]:
    """
    The item's shown fields as parts of a message, in the recipe's order.

    Args:
        item: Fields that it lacks are shown empty.
        show: Shown name to field.
        takes: Kinds of parts that the model takes. A sound that it does not
            take is told by its transcript, a document by its text.

    Raises:
        KeyError: If a field's modality is not registered.
    """
    parts: list[Part] = []
    for seen, name in seen_names(item, show).items():
        if parts:
            parts.append({"type": "text", "text": "\n"})
        parts += modality(_field(show, name), takes).parts(seen, item.content.get(name))
    return tuple(parts)


def plain_fields(item: Item, show: Mapping[str, Shown]) -> dict[str, str]:
    """The item's shown fields as text for people: shown name to text, in the recipe's order."""
    return {
        seen: modality(_field(show, name)).plain(seen, item.content.get(name))
        for seen, name in seen_names(item, show).items()
    }


@dataclass(frozen=True)
class _Beside:
    """What a task kind shows besides the recipe's fields, such as a draft: text."""

    type: str = "text"
    options: Mapping[str, Any] = dataclass_field(default_factory=dict)


def _field(show: Mapping[str, Shown], name: str) -> Shown:
    return show.get(name, _BESIDE)


_BESIDE = _Beside()


def seen_names(item: Item, show: Mapping[str, Shown]) -> Mapping[str, str]:
    """The name under which each field is seen, in order, to its shown name; a task kind may tell them apart."""
    return item.shown_as or {name: name for name in show}


def page_fields(item: Item, show: Mapping[str, Shown]) -> list[PageField]:
    """The item's shown fields for the review page, in the recipe's order; names of files are not told."""
    found = []
    for seen, name in seen_names(item, show).items():
        field, value = _field(show, name), item.content.get(name)
        own = modality(field)
        text = "" if is_media(field) else own.plain(seen, value)
        found.append(PageField(seen, widget(field), text, own.shown(seen, value)))
    return found


def widget(field: Shown) -> str:
    """Name of the script that shows a field on the review page: the modality's, or another that it shares."""
    entry = find("content", field.type)
    return str(entry.traits.get("widget", entry.name))


def page_hashes(item: Item, show: Mapping[str, Shown]) -> set[str]:
    """Hashes of the images and sounds that the review page shows of an item."""
    return {
        one["sha256"]
        for field in page_fields(item, show)
        for one in field.more.get("files", ())
        if one["sha256"]
    }


def unusable(item: Item, show: Mapping[str, Shown]) -> str:
    """Why an item cannot be put before a model: a file cannot be used, a text is too long, nothing is there to show."""
    media = {name: item.content.get(name) for name, field in show.items() if is_media(field)}
    reasons = [f"{name}: {reason}" for name, value in media.items() for reason in faults(value)]
    reasons += [
        f"{name}: {reason}"
        for name, field in show.items()
        if (check := getattr(modality(field), "too_long", None)) and (reason := check(item.content.get(name)))
    ]
    if reasons:
        return " ".join(reasons)
    if media and not any(item.content.get(name) for name in show):
        return "There is nothing to show: no file is named."
    return ""


def in_pieces(item: Item, show: Mapping[str, Shown]) -> list[Item]:
    """The item with one field of text in pieces, where it is longer than the recipe wants it; else alone."""
    for name, field in show.items():
        part = getattr(modality(field), "pieces", None)
        texts = part(item.content.get(name)) if part else ()
        if len(texts) > 1:
            return [replace(item, content={**item.content, name: text}) for text in texts]
    return [item]


def is_media(field: Shown) -> bool:
    """Whether the field holds files."""
    return _holds_files(field)


_holds_files: OncePer[Shown, bool] = OncePer(
    lambda field: bool(find("content", field.type).traits.get("media"))
)


def modality(field: Shown, takes: Collection[str] = EVERYTHING) -> Modality:
    """
    The field's modality, for a model that takes these kinds of parts.

    Raises:
        KeyError: If none is registered; offers the nearest name.
    """
    made: Modality = _built(field)
    fitted = getattr(made, "fitted", None)
    return made if fitted is None else fitted(takes)


def media_modality(field: Shown) -> MediaModality:
    """The modality of a field of files."""
    made: MediaModality = _built(field)
    return made


_built: OncePer[Shown, Any] = OncePer(lambda field: find("content", field.type).build(**field.options))
