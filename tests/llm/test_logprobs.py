import pytest

from act_spec.llm.logprobs import gives_logprobs
from act_spec.llm.model import Model


@pytest.mark.parametrize(
    "name", ["openai/gpt-4o", "openai/gpt-4o-mini", "gpt-4.1", "local/tiny", "hosted_vllm/x", "deepseek/chat"]
)
def test_some_give_them(name):
    assert gives_logprobs(Model(name)) is True


@pytest.mark.parametrize(
    "name",
    [
        "anthropic/claude-sonnet-4-5",
        "openai/o3",
        "openai/o1-mini",
        "openai/gpt-5-mini",
        "mistral/x",
        "ollama/x",
    ],
)
def test_some_do_not(name):
    assert gives_logprobs(Model(name)) is False


@pytest.mark.parametrize(
    "model",
    [
        Model("unheard/of"),
        Model("openrouter/openai/gpt-4o"),
        Model("openai/any", api_base="http://localhost:8000/v1"),
    ],
)
def test_of_others_it_is_not_known(model):
    assert gives_logprobs(model) is None


def test_a_name_that_only_begins_like_a_reasoning_models_is_none():
    assert gives_logprobs(Model("openai/gpt-5.1")) is True
    assert gives_logprobs(Model("openai/omni-large")) is True
