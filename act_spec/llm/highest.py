"""The most that a request can cost, known before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.llm.media_tokens import in_messages
from act_spec.llm.model import Model
from act_spec.llm.prices import Price, most_tokens
from act_spec.records import Message


def highest_usd(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], price: Price | None
) -> float | None:
    """The longest prompt that it may be counted as, and the longest reply; None where the price is unknown."""
    if price is None:
        return None
    schema = reply_schema if model.sent_format == "schema" else None
    sound = in_messages(model, messages, "audio")
    media = in_messages(model, messages, "image") + sound
    most = most_tokens(messages, schema) + media.most
    return price.cost_usd(most, model.max_tokens, sound_tokens=sound.most)
