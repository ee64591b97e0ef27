"""A provider's reply to one attempt, whoever read it."""

from __future__ import annotations

from dataclasses import dataclass

from act_spec.records import TokenScore


@dataclass(frozen=True)
class Answer:
    """A provider's reply to one attempt; tokens are None where it did not count them."""

    text: str
    finish_reason: str
    refusal: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int
    model: str
    fingerprint: str | None
    tokens: tuple[TokenScore, ...]
    sound_tokens: int = 0
