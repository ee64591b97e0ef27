"""Whether a model tells the log-probabilities of its tokens, known without asking it."""

from __future__ import annotations

from act_spec.llm.model import Model

# Providers whose chat interface documents token log-probabilities, or documents none.
_GIVE = frozenset(
    {
        "openai",
        "azure",
        "hosted_vllm",
        "local",
        "deepseek",
        "together_ai",
        "fireworks_ai",
        "openrouter",
        "xai",
    }
)
_GIVE_NONE = frozenset({"anthropic", "ollama", "ollama_chat", "cohere", "mistral", "bedrock"})


def gives_logprobs(model: Model) -> bool | None:
    """True or False where the provider is known to give them or not; None where only a call can tell."""
    if model.provider in _GIVE:
        return True
    return False if model.provider in _GIVE_NONE else None
