"""Images and sounds as providers want them: the bytes of a hash, put into the message that leaves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from act_spec.records import Message, Part

MediaOf = Callable[[str], tuple[str, bytes]]
"""Kind (MIME) and bytes of a hash."""
_SOUND_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3"}


def with_media(messages: Sequence[Message], media: MediaOf) -> tuple[Message, ...]:
    """
    The conversation with bytes in the place of hashes, as OpenAI's interface writes them.

    Images become data URLs: no provider is given an address to fetch. LiteLLM
    translates both kinds for providers with an interface of their own.
    """
    return tuple(
        message if isinstance(message["content"], str) else _filled(message, media) for message in messages
    )


def _filled(message: Message, media: MediaOf) -> Message:
    return {**message, "content": [_part(part, media) for part in message["content"]]}


def _part(part: Part, media: MediaOf) -> Mapping[str, Any]:
    if part["type"] not in {"image", "audio"}:
        return part
    mime, data = media(part["sha256"])
    text = base64.b64encode(data).decode("ascii")
    if part["type"] == "image":
        return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{text}"}}
    return {"type": "input_audio", "input_audio": {"data": text, "format": _SOUND_FORMATS[mime]}}
