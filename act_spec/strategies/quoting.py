"""Texts of others inside a prompt: what they say must not pass for the prompt's own marks."""

from __future__ import annotations

import re

_GAP = r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_MARK = re.compile(
    rf"[<\uff1c\ufe64](?={_GAP}[/\uff0f]?{_GAP}(?:field|annotation|example|reasons|said))", re.IGNORECASE
)


def quoted(text: str) -> str:
    """The text, with the `<` of everything that looks like one of the prompts' tags written as `&lt;`."""
    return _MARK.sub("&lt;", text)
