"""A transport for workers in tests: it asks the test server without LiteLLM, whose import takes seconds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp

from act_spec.llm.answer import Answer
from act_spec.llm.formats import response_format
from act_spec.llm.model import Model
from act_spec.llm.retry import AttemptFailed, retry_after_s
from act_spec.records import Message


async def ask(
    model: Model, messages: Sequence[Message], reply_schema: Mapping[str, Any], *, sample: int, logprobs: bool
) -> Answer:
    """One attempt, with the body that LiteLLM sends; the answer's fingerprint is the process that made it."""
    body: dict[str, Any] = {
        "model": model.name.removeprefix("openai/"),
        "messages": list(messages),
        "max_tokens": model.max_tokens,
        "response_format": response_format(model, reply_schema),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{model.api_base}/chat/completions", json=body) as response,
    ):
        if response.status == 429:
            raise AttemptFailed("limited", "slower", retry_after_s(response.headers, datetime.now(UTC)))
        made = await response.json()
    usage = made["usage"]
    return Answer(
        text=made["choices"][0]["message"]["content"],
        finish_reason="stop",
        refusal=None,
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"],
        cached_tokens=0,
        model=made["model"],
        fingerprint=str(os.getpid()),
        tokens=(),
    )
