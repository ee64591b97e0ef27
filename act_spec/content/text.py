"""Text, and conversations as lists of turns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from act_spec.records import Part
from act_spec.registry import register

# White space and invisible characters that might hide a tag from us, but not from a model.
_GAP = r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_TAG = re.compile(rf"[<\uff1c\ufe64](?={_GAP}[/\uff0f]?{_GAP}(?:field|annotation))", re.IGNORECASE)
_SPEAKER = ("role", "from", "speaker")
_SAID = ("content", "value", "text")


@register("content", "text.v1", sends=("text",))
class Text:
    """A field of plain text; a list of turns is written out with its speakers."""

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
        body = as_data(self.plain(name, value))
        return ({"type": "text", "text": f'<field name="{title}">\n{body}\n</field>'},)

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ARG002 - other modalities need them
        """Nothing besides the text."""
        return {}

    def plain(self, name: str, value: Any) -> str:  # noqa: ARG002 - other modalities caption with it
        """The field for people: its text, without delimiters."""
        if value is None:
            return ""
        if isinstance(value, list | tuple):
            return "\n".join(_turn(turn) for turn in value)
        return str(value)


def as_data(text: str) -> str:
    """Text that no model can take for a tag of the prompt's own."""
    return _TAG.sub("&lt;", text)


def _turn(turn: Any) -> str:
    """One turn; its further lines are indented, so that no text can pass for a turn of its own."""
    if not isinstance(turn, Mapping):
        return f"- {_indented(turn)}"
    speaker = next((turn[key] for key in _SPEAKER if turn.get(key)), "unknown")
    said = next((turn[key] for key in _SAID if turn.get(key) is not None), "")
    return f"{' '.join(str(speaker).split())}: {_indented(said)}"


def _indented(text: Any) -> str:
    return "\n    ".join(str(text).splitlines())
