"""Text, and conversations as lists of turns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from act_spec.records import Part
from act_spec.registry import register

# White space and invisible characters that might hide a tag from us, but not from a model.
_GAP = r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_TAG = re.compile(rf"[<\uff1c\ufe64](?={_GAP}[/\uff0f]?{_GAP}(?:field|annotation))", re.IGNORECASE)
_SPEAKER = ("role", "from", "speaker")
_SAID = ("content", "value", "text")


@register("content", "text.v1", sends=("text",), options=("max_chars", "longer"))
@dataclass(frozen=True)
class Text:
    """
    A field of plain text; a list of turns is written out with its speakers.

    Attributes:
        max_chars: Longest text that is sent, in characters; None for any.
        longer: What becomes of longer ones: the item is refused, the text is
            cut with a mark, or it is asked about in pieces.
    """

    max_chars: int | None = None
    longer: Literal["refuse", "cut", "pieces"] | None = None

    name = "text"

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """
        The field as part of a message, between delimiters that its text cannot forge.

        A tag inside the text that looks like one of the prompt's own loses its
        `<`; everything else stays as it is.

        Args:
            name: The field's shown name.
            value: Its value; None is empty.
        """
        title = re.sub(r'[\s"<>&]+', " ", name).strip()
        body = as_data(self._cut(self.plain(name, value)))
        return ({"type": "text", "text": f'<field name="{title}">\n{body}\n</field>'},)

    def _cut(self, text: str) -> str:
        if self.max_chars is None or self.longer == "pieces" or len(text) <= self.max_chars:
            return text
        return (
            f"{text[: self.max_chars]}\n[cut here: the first {self.max_chars:,} of {len(text):,} characters]"
        )

    def too_long(self, value: Any) -> str:
        """Why an item with this text is not put before a model; empty if it may be."""
        if self.max_chars is None or self.longer in {"cut", "pieces"}:
            return ""
        size = len(self.plain("", value))
        return f"{size:,} characters; at most {self.max_chars:,} are sent." if size > self.max_chars else ""

    def pieces(self, value: Any) -> list[str]:
        """The text in pieces of at most `max_chars`, parted between words; alone where it is short enough."""
        text = self.plain("", value)
        if self.max_chars is None or self.longer != "pieces" or len(text) <= self.max_chars:
            return [text]
        found = list(_parted(text, self.max_chars))
        return [f"[piece {number} of {len(found)}]\n{one}" for number, one in enumerate(found, start=1)]

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ARG002 - other modalities need them
        """Nothing besides the text."""
        return {}

    def plain(self, name: str, value: Any) -> str:  # noqa: ARG002 - other modalities caption with it
        """The field for people: its text, without delimiters."""
        if value is None:
            return ""
        if isinstance(value, list | tuple):
            return "\n".join(_turn(turn) for turn in value)
        turns = _turns(str(value))
        return "\n".join(_turn(turn) for turn in turns) if turns else str(value)


def _parted(text: str, most: int) -> Iterator[str]:
    at = 0
    while len(text) - at > most:
        # A piece ends with a paragraph, else with a word; a text without either is cut where it must be.
        end = max(
            text.rfind("\n", at + most // 2, at + most), text.rfind(" ", at + most * 9 // 10, at + most)
        )
        end = end + 1 if end > at else at + most
        yield text[at:end]
        at = end
    yield text[at:]


def as_data(text: str) -> str:
    """Text that no model can take for a tag of the prompt's own."""
    return _TAG.sub("&lt;", text)


def _turns(text: str) -> list[Mapping[str, Any]]:
    """The turns of a conversation that a cell holds as JSON; empty for any other text."""
    if not text.startswith("[") or not text.endswith("]"):
        return []
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return []
    told = all(
        isinstance(turn, Mapping) and set(_SPEAKER) & turn.keys() and set(_SAID) & turn.keys()
        for turn in read
    )
    return read if told else []


def _turn(turn: Any) -> str:
    """One turn; its further lines are indented, so that no text can pass for a turn of its own."""
    if not isinstance(turn, Mapping):
        return f"- {_indented(turn)}"
    speaker = next((turn[key] for key in _SPEAKER if turn.get(key)), "unknown")
    said = next((turn[key] for key in _SAID if turn.get(key) is not None), "")
    return f"{' '.join(str(speaker).split())}: {_indented(said)}"


def _indented(text: Any) -> str:
    return "\n    ".join(str(text).splitlines())
