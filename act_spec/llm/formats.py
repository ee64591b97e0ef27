"""How a structured reply is asked for: by the provider's own means, or in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.llm.model import Model
from act_spec.records import FREE_TEXT, Message, canonical_json

_STRICT_KEYWORDS = frozenset(
    {
        "additionalProperties",
        "anyOf",
        "const",
        "description",
        "enum",
        "items",
        "maximum",
        "minimum",
        "properties",
        "required",
        "title",
        "type",
    }
)


def messages_for(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any]
) -> tuple[Message, ...]:
    """
    The conversation exactly as it goes out, and as call keys hash it.

    Where the schema is not sent beside the messages, it ends the system
    message, on a line of its own.
    """
    if model.sent_format == "schema" or reply_schema == FREE_TEXT:
        return tuple(messages)
    asked = (
        "Reply with one JSON object and nothing else. It must meet this JSON Schema:\n"
        f"{canonical_json(reply_schema)}"
    )
    if not messages or messages[0]["role"] != "system":
        return ({"role": "system", "content": asked}, *messages)
    return ({**messages[0], "content": _ended(messages[0]["content"], asked)}, *messages[1:])


def _ended(content: str | Sequence[Mapping[str, Any]], text: str) -> str | list[Mapping[str, Any]]:
    if isinstance(content, str):
        return f"{content}\n\n{text}"
    return [*content, {"type": "text", "text": text}]


def response_format(model: Model, reply_schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """What OpenAI's interface calls `response_format`; None where replies are asked for in words alone."""
    if model.sent_format == "text" or reply_schema == FREE_TEXT:
        return None
    if model.sent_format == "object":
        return {"type": "json_object"}
    asked = {"name": "reply", "schema": dict(reply_schema), "strict": is_strict(reply_schema)}
    return {"type": "json_schema", "json_schema": asked}


def is_strict(schema: Mapping[str, Any]) -> bool:
    """
    Whether OpenAI's strict mode takes the schema, which refuses what it does not know.

    Every object must be closed and require all of its properties, and only
    widely known keywords may occur (Structured Outputs guide, "Supported schemas").
    """
    if not set(schema) <= _STRICT_KEYWORDS:
        return False
    properties = schema.get("properties", {})
    if schema.get("type") == "object" and (
        schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties)
    ):
        return False
    inner = [*properties.values(), *schema.get("anyOf", ())]
    if "items" in schema:
        inner.append(schema["items"])
    return all(is_strict(part) for part in inner)
