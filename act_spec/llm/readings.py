"""The answer in a reply that LiteLLM has read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from act_spec.llm.answer import Answer
from act_spec.llm.model import Model
from act_spec.records import TokenScore


def read(response: Any, model: Model) -> Answer:
    """What LiteLLM's response object says."""
    choice = response.choices[0]
    usage: Any = getattr(response, "usage", None)
    # LiteLLM fills in zeros for a provider that does not count.
    counted = usage is not None and usage.prompt_tokens > 0
    details = getattr(usage, "prompt_tokens_details", None)
    return Answer(
        text=choice.message.content or "",
        finish_reason=choice.finish_reason or "",
        refusal=_refusal(choice),
        prompt_tokens=usage.prompt_tokens if counted else None,
        completion_tokens=usage.completion_tokens if counted else None,
        cached_tokens=getattr(details, "cached_tokens", None) or 0,
        # LiteLLM puts its own name for some providers before what they said.
        model=(response.model or "").removeprefix(f"{model.provider}/"),
        fingerprint=getattr(response, "system_fingerprint", None),
        tokens=tuple(_scores(getattr(choice, "logprobs", None))),
        sound_tokens=getattr(details, "audio_tokens", None) or 0,
    )


def _refusal(choice: Any) -> str | None:
    said = (getattr(choice.message, "provider_specific_fields", None) or {}).get("refusal")
    if said:
        return str(said)
    return "the provider's content filter" if choice.finish_reason == "content_filter" else None


def _scores(logprobs: Any) -> Iterator[TokenScore]:
    for token in getattr(logprobs, "content", None) or ():
        others = tuple((other.token, other.logprob) for other in token.top_logprobs or ())
        yield TokenScore(token.token, token.logprob, others)
