"""
Which models can be asked by a provider's batches, known without LiteLLM.

A batch is a file of requests that the provider answers within a day, mostly
at half the price. The interface is OpenAI's: files, batches, and a line of
JSON for each request and each reply.
"""

from __future__ import annotations

from act_spec.llm.model import Model

MOST_REQUESTS = 50_000
"""Of one batch, as OpenAI and Azure take them."""
MOST_BYTES = 190_000_000
"""Of one batch's file: a little under the 200 MB that they take."""

_TAKE_BATCHES = ("azure", "hosted_vllm", "openai")


def why_no_batches(model: Model) -> str:
    """Why a model cannot be asked by batches, as one sentence; empty if it can."""
    if model.provider == "local":
        return "the built-in model answers at once and takes no batches."
    if model.provider not in _TAKE_BATCHES:
        return (
            f"batches of {model.provider or model.name} are not supported here; "
            f"those of {', '.join(_TAKE_BATCHES)} are."
        )
    return ""
