"""Which model answers, and how it is asked: a role of the recipe, as calls see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from act_spec.llm.adapting import START
from act_spec.llm.prices import Price, batch_price_of, price_of, provider_of, supports_schema

ReplyFormat = Literal["schema", "object", "text"]

# LiteLLM hands the schema on to these, and their servers hold a model to it.
_TAKE_SCHEMA = frozenset({"local", "hosted_vllm", "ollama", "ollama_chat"})


@dataclass(frozen=True)
class Model:
    """
    A model with its settings.

    Attributes:
        name: As LiteLLM writes it: `provider/name`.
        api_base: Address of the server; None for the provider's own.
        api_key_env: Name of the environment variable with the key; None for the provider's own.
        temperature: None leaves it to the provider.
        max_tokens: Longest reply.
        timeout_s: Longest wait for one reply, the slow trickle of one included.
        concurrency: The most calls in flight at once.
        adaptive: Whether the client finds out how many, from `adapting.START` up to that.
        requests_per_minute: None for no limit.
        tokens_per_minute: Prompt and completion together; None for no limit.
        reply_format: How structured replies are asked for.
        price: Where the recipe states one; it goes before the price table.
        accepts: Media that it takes, where the table does not know it: `image`, `audio`.
        pin: `exact` stops a run where another snapshot of the model answers.
        mode: `batch` asks by the provider's batches where there are many requests at once.
        batch_price: Where the recipe states what batches cost.
    """

    name: str
    api_base: str | None = None
    api_key_env: str | None = None
    temperature: float | None = None
    max_tokens: int = 1024
    timeout_s: float = 120.0
    concurrency: int = 16
    adaptive: bool = False
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    reply_format: Literal["auto", "schema", "object", "text"] = "auto"
    price: Price | None = None
    accepts: tuple[str, ...] = ()
    pin: Literal["exact"] | None = None
    mode: Literal["calls", "batch"] = "calls"
    batch_price: Price | None = None

    @cached_property
    def provider(self) -> str:
        """LiteLLM's name of the provider; empty if it cannot be told from the model's name."""
        return provider_of(self.name)

    @cached_property
    def paid(self) -> Price | None:
        """The price that calls are booked at; None if unknown."""
        return self.price or price_of(self.name)

    @cached_property
    def paid_by_batch(self) -> Price | None:
        """The price of requests in a batch; None if unknown."""
        return self.batch_price or self.price or batch_price_of(self.name)

    @property
    def at_once(self) -> int:
        """Calls in flight that can be reckoned with before any is made."""
        return min(START, self.concurrency) if self.adaptive else self.concurrency

    @cached_property
    def sent_format(self) -> ReplyFormat:
        """`reply_format` with `auto` decided: a schema where the model takes one, else plain text."""
        if self.reply_format != "auto":
            return self.reply_format
        own_server = self.provider == "openai" and self.api_base is not None
        takes = own_server or self.provider in _TAKE_SCHEMA or supports_schema(self.name)
        return "schema" if takes else "text"

    def parameters(self) -> Mapping[str, Any]:
        """What besides name and messages decides the answer, and so belongs to a call's key."""
        return {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "reply_format": self.sent_format,
        }
