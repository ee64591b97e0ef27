"""
Which models tell how probable their words were: what white-box judges need.

Known without LiteLLM, so that `check` can tell before money is spent. The
table follows the parameters that LiteLLM 1.103 hands on to each provider.
"""

from __future__ import annotations

import re

from act_spec.llm.model import Model

_GIVE = frozenset({"local", "hosted_vllm", "together_ai", "fireworks_ai", "deepseek", "xai"})
_GIVE_NONE = frozenset(
    {
        "anthropic",
        "bedrock",
        "cerebras",
        "cohere",
        "cohere_chat",
        "mistral",
        "nvidia_nim",
        "ollama",
        "ollama_chat",
        "perplexity",
        "sambanova",
    }
)
_OPENAI = frozenset({"openai", "azure"})
# OpenAI's reasoning models; gpt-5.1 and later give them again where they do not reason.
_REASONING = re.compile(r"(?:o\d|gpt-5(?!\.))(?![a-z0-9])")


def gives_logprobs(model: Model) -> bool | None:
    """
    Whether a model's provider gives log-probabilities of its tokens; None if it is not known.

    Of a server at an address of one's own nothing is known, whatever its interface.
    """
    provider = model.provider
    if provider in _GIVE_NONE:
        return False
    if provider in _GIVE:
        return True
    if provider in _OPENAI and model.api_base is None:
        return _REASONING.match(model.name.rpartition("/")[2]) is None
    return None
