"""
What calls will cost: low, likely, high.

Prompt tokens come from rendering a random sample of the very prompts that
will be sent; completion tokens from the form of the reply. Four characters a
token is an estimate (between five and three, in the languages that models
know best), so every figure is a range. An unknown price stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from act_spec.llm.batching import why_no_batches
from act_spec.llm.media_tokens import NOTHING, in_messages
from act_spec.llm.model import Model
from act_spec.llm.prices import Price
from act_spec.plan.model import Range
from act_spec.records import Message

_CHARS_PER_TOKEN = Range(5, 4, 3)
_TOKENS_PER_MESSAGE = 4
_REASKED = 1.05


@dataclass(frozen=True)
class Estimate:
    """Tokens of all calls of a stage, and their cost; None where the price is unknown."""

    prompt_tokens: Range
    completion_tokens: Range
    cost_usd: Range | None


def estimate(
    model: Model, sent: Sequence[Sequence[Message]], calls: int, reply_tokens: tuple[int, int, int]
) -> Estimate:
    """
    Estimate a stage.

    Args:
        model: Who is called.
        sent: Rendered conversations of a sample of items.
        calls: How many calls the stage makes.
        reply_tokens: Low, likely and high length of one reply.
    """
    sizes = [sum(_chars(message) for message in messages) for messages in sent] or [0]
    mean, overhead = sum(sizes) / len(sizes), _TOKENS_PER_MESSAGE * 2
    media, sound = _mean_media(model, sent, "image"), _mean_media(model, sent, "audio")
    prompt = Range(
        calls * (mean / _CHARS_PER_TOKEN.low + overhead + media.low + sound.low),
        calls * (mean / _CHARS_PER_TOKEN.likely + overhead + media.likely + sound.likely),
        calls * (mean / _CHARS_PER_TOKEN.high + overhead + media.high + sound.high) * _REASKED,
    )
    low, likely, high = (min(tokens, model.max_tokens) for tokens in reply_tokens)
    completion = Range(calls * low, calls * likely, calls * high * _REASKED)
    heard = Range(calls * sound.low, calls * sound.likely, calls * sound.high * _REASKED)
    return Estimate(prompt, completion, _cost(model, prompt, completion, heard))


def _mean_media(model: Model, sent: Sequence[Sequence[Message]], kind: str) -> Range:
    """Tokens of the images, or sounds, of a mean conversation."""
    counts = [in_messages(model, messages, kind) for messages in sent]
    whole = sum(counts, NOTHING)
    of = max(1, len(counts))
    return Range(whole.low / of, whole.likely / of, whole.high / of)


def _cost(model: Model, prompt: Range, completion: Range, heard: Range) -> Range | None:
    """The price of batches where they are asked for; at the high end that of calls, which take what is left over."""
    likely = model.paid_by_batch if model.mode == "batch" and not why_no_batches(model) else model.paid
    if likely is None or model.paid is None:
        return None

    def of(price: Price, at: str) -> float:
        return price.cost_usd(getattr(prompt, at), getattr(completion, at), sound_tokens=getattr(heard, at))

    return Range(of(likely, "low"), of(likely, "likely"), of(model.paid, "high"))


def _chars(message: Message) -> int:
    content = message["content"]
    if isinstance(content, str):
        return len(content)
    return sum(len(part["text"]) for part in content if part["type"] == "text")
