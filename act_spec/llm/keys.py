"""
Keys and hosts: what a provider wants to see, and where items go.

Known without LiteLLM, so that `check` and `plan` can tell both at once. The
variables are those that LiteLLM reads, in its order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from act_spec.llm.model import Model


@dataclass(frozen=True)
class _Provider:
    """Where a provider is found, and the environment variables for another address and for its key."""

    base: str | None
    bases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


_PROVIDERS: Mapping[str, _Provider] = {
    "anthropic": _Provider(
        "https://api.anthropic.com", ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"), ("ANTHROPIC_API_KEY",)
    ),
    "azure": _Provider(None, ("AZURE_API_BASE",), ("AZURE_API_KEY",)),
    "azure_ai": _Provider(None, ("AZURE_AI_API_BASE",), ("AZURE_AI_API_KEY",)),
    "cerebras": _Provider("https://api.cerebras.ai", ("CEREBRAS_API_BASE",), ("CEREBRAS_API_KEY",)),
    "dashscope": _Provider("https://dashscope.aliyuncs.com", ("DASHSCOPE_API_BASE",), ("DASHSCOPE_API_KEY",)),
    "deepseek": _Provider("https://api.deepseek.com", ("DEEPSEEK_API_BASE",), ("DEEPSEEK_API_KEY",)),
    "gemini": _Provider(
        "https://generativelanguage.googleapis.com",
        ("GEMINI_API_BASE",),
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    ),
    "groq": _Provider("https://api.groq.com", ("GROQ_API_BASE",), ("GROQ_API_KEY",)),
    "hosted_vllm": _Provider(None, ("HOSTED_VLLM_API_BASE",)),
    "llamafile": _Provider("http://127.0.0.1:8080", ("LLAMAFILE_API_BASE",)),
    "lm_studio": _Provider(None, ("LM_STUDIO_API_BASE",)),
    "mistral": _Provider(
        "https://api.mistral.ai", ("MISTRAL_AZURE_API_BASE", "MISTRAL_API_BASE"), ("MISTRAL_API_KEY",)
    ),
    "moonshot": _Provider("https://api.moonshot.ai", ("MOONSHOT_API_BASE",), ("MOONSHOT_API_KEY",)),
    "nvidia_nim": _Provider(
        "https://integrate.api.nvidia.com", ("NVIDIA_NIM_API_BASE",), ("NVIDIA_NIM_API_KEY",)
    ),
    "ollama": _Provider("http://localhost:11434", ("OLLAMA_API_BASE",)),
    "ollama_chat": _Provider("http://localhost:11434", ("OLLAMA_API_BASE",)),
    "openai": _Provider(
        "https://api.openai.com", ("OPENAI_BASE_URL", "OPENAI_API_BASE"), ("OPENAI_API_KEY",)
    ),
    "openrouter": _Provider("https://openrouter.ai", ("OPENROUTER_API_BASE",), ("OPENROUTER_API_KEY",)),
    "perplexity": _Provider(
        "https://api.perplexity.ai", ("PERPLEXITY_API_BASE",), ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY")
    ),
    "sambanova": _Provider("https://api.sambanova.ai", ("SAMBANOVA_API_BASE",), ("SAMBANOVA_API_KEY",)),
    "together_ai": _Provider(
        "https://api.together.ai", ("TOGETHER_AI_API_BASE",), ("TOGETHER_API_KEY", "TOGETHERAI_API_KEY")
    ),
    "xai": _Provider("https://api.x.ai", ("XAI_API_BASE",), ("XAI_API_KEY",)),
}
# These want an address for every deployment, so that one does not make them someone else's server.
_ADDRESSED = frozenset({"azure", "azure_ai"})

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_SECRET_LOOKS = re.compile(
    r"(?i:bearer\s+)[^\s'\",;]+|(?<![\w-])(?:sk|pk|rk|gsk|xai|hf|key)[-_][\w*.-]{6,}|AIza[\w-]{10,}"
    r"|(?<=[?&]key=)[^&\s'\"]+"
)
_SHORTEST_SECRET = 8


def key_variable(model: Model) -> str | None:
    """
    The environment variable that must hold the model's key; None if no key is needed.

    A server named by `api_base` is not the provider's own: it is sent no key
    but the one that `api_key_env` names.
    """
    if model.api_key_env is not None:
        return model.api_key_env
    if model.api_base is not None and model.provider not in _ADDRESSED:
        return None
    known = _PROVIDERS.get(model.provider)
    if known is None or not known.keys:
        return None
    return next((name for name in known.keys if os.environ.get(name)), known.keys[0])


def address_of(model: Model) -> str | None:
    """Where a model is served, if the recipe or the environment says so; None for the provider's own address."""
    known = _PROVIDERS.get(model.provider, _Provider(None))
    return model.api_base or next(filter(None, map(os.environ.get, known.bases)), None)


def variables_of(model: Model) -> tuple[str, ...]:
    """The environment variables that say where a model's items go and with which key."""
    known = _PROVIDERS.get(model.provider, _Provider(None))
    key = key_variable(model)
    return (*known.bases, *([key] if key else []))


def host_of(model: Model) -> str | None:
    """
    The host that items are sent to, without its port; None for the built-in model.

    Raises:
        KeyError: With a sentence, if it cannot be told from the provider's name.
    """
    provider = model.provider
    if provider == "local":
        return None
    known = _PROVIDERS.get(provider, _Provider(None))
    address = address_of(model) or known.base
    host = urlsplit(address if address and "//" in address else f"//{address or ''}").hostname
    if host is None:
        raise KeyError(f"where '{model.name}' is served is not known; write its address as api_base.")
    return host


def redact(text: str, *secrets: str) -> str:
    """
    The text without keys: values of variables that hold secrets, and whatever looks like a key.

    Args:
        text: From a provider, perhaps with a key echoed in it.
        secrets: Further values to take out.
    """
    held = [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    # The longest first: one secret may begin with another.
    for value in sorted({*held, *secrets}, key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "[key]")
    return _SECRET_LOOKS.sub("[key]", text)
