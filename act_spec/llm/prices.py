"""
What a call can cost: prices per token, and how many tokens a text makes.

Prices are read from the table that ships inside LiteLLM, as a plain JSON
file: the package itself is not imported, and nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from act_spec.once import OncePer
from act_spec.records import Message, canonical_json

CHARS_PER_TOKEN = 4
IMAGE_TOKENS = 1_000

_MESSAGE_TOKENS = 16
_REQUEST_TOKENS = 100
# Anthropic's older models are given a schema as a tool, with a hidden prompt of up to 700 tokens.
_SCHEMA_TOKENS = 1_000
_FREE = frozenset({"local", "ollama", "ollama_chat", "llamafile", "lm_studio"})
_TABLE = "model_prices_and_context_window_backup.json"


@dataclass(frozen=True)
class Price:
    """
    What a provider charges, in USD.

    Attributes:
        input_usd_per_token: For prompt tokens.
        output_usd_per_token: For completion tokens, hidden reasoning among them.
        cached_usd_per_token: For prompt tokens that the provider had in its
            cache; None where they cost the same.
        sound_usd_per_token: For prompt tokens of sound; None likewise.
    """

    input_usd_per_token: float
    output_usd_per_token: float
    cached_usd_per_token: float | None = None
    sound_usd_per_token: float | None = None

    def cost_usd(
        self, prompt_tokens: float, completion_tokens: float, cached_tokens: int = 0, sound_tokens: float = 0
    ) -> float:
        """Cost of one call; `cached_tokens` and `sound_tokens` are part of `prompt_tokens`."""
        cached = self.cached_usd_per_token
        cached = self.input_usd_per_token if cached is None else cached
        sound = self.sound_usd_per_token
        dearer = 0.0 if sound is None else sound_tokens * (sound - self.input_usd_per_token)
        fresh = (prompt_tokens - cached_tokens) * self.input_usd_per_token
        return fresh + dearer + cached_tokens * cached + completion_tokens * self.output_usd_per_token


def price_of(model_name: str) -> Price | None:
    """
    The listed price of a model, without tiers for very long prompts; None if it is not known.

    The built-in model, and servers on one's own machine (Ollama and the
    like), charge nothing.
    """
    if model_name.partition("/")[0] in _FREE:
        return Price(0.0, 0.0)
    known = _entry(model_name)
    if "input_cost_per_token" not in known or "output_cost_per_token" not in known:
        return None
    cached, sound = known.get("cache_read_input_token_cost"), known.get("input_cost_per_audio_token")
    return Price(
        float(known["input_cost_per_token"]),
        float(known["output_cost_per_token"]),
        None if cached is None else float(cached),
        None if sound is None else float(sound),
    )


def batch_price_of(model_name: str) -> Price | None:
    """The listed price of a model that is asked by the provider's batches: where none is listed, that of calls."""
    price, known = price_of(model_name), _entry(model_name)
    if price is None or not {"input_cost_per_token_batches", "output_cost_per_token_batches"} <= known.keys():
        return price
    cached, sound = (
        known.get("cache_read_input_token_cost_batches"),
        known.get("input_cost_per_audio_token_batches"),
    )
    return Price(
        float(known["input_cost_per_token_batches"]),
        float(known["output_cost_per_token_batches"]),
        None if cached is None else float(cached),
        price.sound_usd_per_token if sound is None else float(sound),
    )


@cache
def price_date() -> str:
    """The state of the price table. It bears no date of its own, so: the LiteLLM release that it came with."""
    return f"LiteLLM {version('litellm')}"


def context_tokens(model_name: str) -> int | None:
    """The longest prompt that a model takes, in tokens; None if it is not known."""
    most = _entry(model_name).get("max_input_tokens")
    return most if isinstance(most, int) else None


def supports_schema(model_name: str) -> bool | None:
    """Whether a model can be held to a JSON Schema; None if it is not known."""
    supported = _entry(model_name).get("supports_response_schema")
    return supported if isinstance(supported, bool) else None


def provider_of(model_name: str) -> str:
    """The provider that a name stands for: what is before the slash, else what the table says; may be empty."""
    prefix, slash, _ = model_name.partition("/")
    return prefix if slash else str(_entry(model_name).get("litellm_provider", ""))


def tokens_of(text: str) -> int:
    """An estimate, not a count: four characters a token, rounded up."""
    return -(-len(text) // CHARS_PER_TOKEN)


def likely_tokens(messages: Sequence[Message]) -> int:
    """The same estimate for a conversation, with a thousand for each part that is no text."""
    return sum(
        tokens_of(part["text"]) if part["type"] == "text" else IMAGE_TOKENS for part in _parts(messages)
    )


def likely_text_tokens(messages: Sequence[Message]) -> int:
    """The same without the parts that are no text."""
    return sum(tokens_of(text) for text in _texts(messages))


def most_tokens(messages: Sequence[Message], reply_schema: Mapping[str, Any] | None = None) -> int:
    """
    Never fewer prompt tokens than a provider will count for the text; see `media_tokens` for the rest.

    No vocabulary makes more than one token of a UTF-8 byte; to these come
    what wraps each message and each request, and the schema where it is sent.
    """
    size = _REQUEST_TOKENS + _MESSAGE_TOKENS * len(messages)
    size += sum(len(text.encode()) for text in _texts(messages))
    if reply_schema is not None:
        size += _SCHEMA_TOKENS + _bytes_of_schema(reply_schema)
    return size


_bytes_of_schema: OncePer[Mapping[str, Any], int] = OncePer(
    lambda schema: len(canonical_json(schema).encode())
)


def _texts(messages: Sequence[Message]) -> Iterator[str]:
    for message in messages:
        content = message["content"]
        if isinstance(content, str):
            yield content
        else:
            yield from (part["text"] for part in content if part["type"] == "text")


def _parts(messages: Sequence[Message]) -> Iterator[Mapping[str, Any]]:
    for message in messages:
        content = message["content"]
        if isinstance(content, str):
            yield {"type": "text", "text": content}
        else:
            yield from content


def near_model(model_name: str) -> str:
    """The listed model of the same provider that a name is most like; empty if it is listed itself, or nothing is near."""
    provider, slash, plain = model_name.partition("/")
    if not slash or _entry(model_name):
        return ""
    known = [
        name.removeprefix(f"{provider}/")
        for name, entry in _table().items()
        if isinstance(entry, dict) and entry.get("litellm_provider") == provider
    ]
    near = get_close_matches(plain, known, n=1, cutoff=0.85)
    return f"{provider}/{near[0]}" if near else ""


def listed(model_name: str) -> Mapping[str, Any]:
    """What the table says of a model; empty if it does not list it."""
    return _entry(model_name)


def _entry(model_name: str) -> Mapping[str, Any]:
    table = _table()
    if model_name in table:
        return table[model_name]
    provider, _, plain = model_name.partition("/")
    entry = table.get(plain, {})
    return entry if entry.get("litellm_provider") == provider else {}


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    found = find_spec("litellm")
    if found is None or not found.submodule_search_locations:
        return {}
    file = Path(found.submodule_search_locations[0]) / _TABLE
    if not file.is_file():
        return {}
    table = json.loads(file.read_bytes())
    table.pop("sample_spec", None)
    return dict(table)
