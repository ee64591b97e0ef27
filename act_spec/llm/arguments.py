"""A request in the words of `litellm.acompletion`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.llm.formats import response_format
from act_spec.llm.model import Model
from act_spec.records import Message

TOP_LOGPROBS = 5
NO_KEY = "none"
"""Where a server wants none, and its package wants some."""


def arguments_of(
    model: Model,
    messages: Sequence[Message],
    reply_schema: Mapping[str, Any],
    key: str | None,
    *,
    sample: int,
    logprobs: bool,
) -> dict[str, Any]:
    """
    Of one call.

    Args:
        model: Who answers.
        messages: The conversation, bytes of images and sounds in it.
        reply_schema: Sent beside the messages where the model's format says so.
        key: Of the provider; None for none.
        sample: Only the built-in model is told.
        logprobs: Ask for scores of the reply's tokens.
    """
    given = {
        "api_base": model.api_base,
        "api_key": key or (NO_KEY if model.api_base else None),
        "temperature": model.temperature,
        "response_format": response_format(model, reply_schema),
        "logprobs": True if logprobs else None,
        "top_logprobs": TOP_LOGPROBS if logprobs else None,
        "sample": sample if model.provider == "local" else None,
    }
    return {
        "model": model.name,
        "messages": [dict(message) for message in messages],
        "max_tokens": model.max_tokens,
        "timeout": model.timeout_s,
        "num_retries": 0,
        "max_retries": 0,
        **{name: value for name, value in given.items() if value is not None},
    }


def batch_arguments_of(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], *, logprobs: bool = False
) -> dict[str, Any]:
    """Of a request in OpenAI's form, whichever of the providers with such batches it is for."""
    plain = model.name.partition("/")[2] or model.name
    given = arguments_of(model, messages, reply_schema, NO_KEY, sample=0, logprobs=logprobs)
    return {**given, "model": f"openai/{plain}"}
