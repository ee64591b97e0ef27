"""
Which way calls to a model take: all through LiteLLM, or only the first one.

Known without LiteLLM, so that `plan` can say it. The providers listed here
speak OpenAI's interface: the messages stand in the request as they are given.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from act_spec.llm.model import Model

Path = Literal["sdk", "handler", "litellm"]
"""Who in LiteLLM makes the request: OpenAI's package, or a handler of its own; `litellm` is the slow way."""

SWITCH = "ACT_SPEC_FAST_PATH"
"""Set this environment variable to 0, and every call goes through LiteLLM."""

_SDK = frozenset(
    {
        "cerebras",
        "dashscope",
        "llamafile",
        "lm_studio",
        "moonshot",
        "nvidia_nim",
        "openai",
        "perplexity",
        "sambanova",
    }
)
_HANDLERS = frozenset(
    {"deepseek", "fireworks_ai", "hosted_vllm", "mistral", "openrouter", "together_ai", "xai"}
)
_SINCE, _BEFORE = (1, 103), (2, 0)


def path_of(model: Model) -> Path:
    """The way that calls to a model take."""
    if os.environ.get(SWITCH) == "0" or not _SINCE <= _installed() < _BEFORE:
        return "litellm"
    if model.provider in _SDK:
        return "sdk"
    return "handler" if model.provider in _HANDLERS else "litellm"


@cache
def _installed() -> tuple[int, ...]:
    """The first two numbers of LiteLLM's version."""
    try:
        return tuple(int(part) for part in version("litellm").split(".")[:2])
    except (PackageNotFoundError, ValueError):
        return (0, 0)
