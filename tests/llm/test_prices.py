from __future__ import annotations

import subprocess
import sys

import pytest

from act_spec.llm.prices import (
    Price,
    context_tokens,
    likely_tokens,
    most_tokens,
    near_model,
    price_date,
    price_of,
    provider_of,
    supports_schema,
    tokens_of,
)


def test_a_known_model_has_its_listed_price_with_or_without_its_provider():
    assert price_of("openai/gpt-4o-mini") == price_of("gpt-4o-mini") == Price(1.5e-07, 6e-07, 7.5e-08)


@pytest.mark.parametrize("name", ["openai/no-such-model", "hosted_vllm/gpt-4o-mini", "sample_spec", "x"])
def test_an_unknown_price_is_none_and_never_zero(name):
    assert price_of(name) is None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("openai/gpt4o-mini", "openai/gpt-4o-mini"),
        ("openai/gpt-4o-mini", ""),
        ("openai/our-own-thing", ""),
        ("hosted_vllm/gpt4o-mini", ""),
    ],
)
def test_a_misspelt_model_is_told_from_one_of_ones_own(name, near):
    assert near_model(name) == near


@pytest.mark.parametrize("name", ["local/tiny", "ollama/llama9", "ollama_chat/llama9"])
def test_ones_own_machine_charges_nothing(name):
    assert price_of(name) == Price(0.0, 0.0)


def test_prices_and_keys_are_known_without_importing_litellm():
    code = (
        "import sys; from act_spec.llm.prices import price_of, supports_schema, price_date; "
        "from act_spec.llm import client, keys; from act_spec.llm.model import Model; "
        "assert price_of('openai/gpt-4o-mini') and supports_schema('openai/gpt-4o-mini') and price_date(); "
        "assert keys.host_of(Model('openai/gpt-4o-mini')); "
        "sys.exit('litellm' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_cached_prompt_tokens_cost_what_the_cache_costs():
    assert Price(2.0, 10.0, 0.5).cost_usd(10, 1, cached_tokens=4) == 6 * 2 + 4 * 0.5 + 10
    assert Price(2.0, 10.0).cost_usd(10, 1, cached_tokens=4) == 30


def test_what_the_table_says_of_a_model():
    assert supports_schema("openai/gpt-4o-mini") is True
    assert supports_schema("openai/no-such-model") is None
    assert context_tokens("openai/gpt-4o-mini") == 128_000
    assert context_tokens("openai/no-such-model") is None
    assert price_date().startswith("LiteLLM ")


def test_a_provider_is_told_from_the_prefix_else_from_the_table():
    assert provider_of("hosted_vllm/org/name") == "hosted_vllm"
    assert provider_of("gpt-4o-mini") == "openai"
    assert provider_of("no-such-model") == ""


def test_tokens_are_estimated_as_four_characters_each():
    assert [tokens_of(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9999}}
    assert likely_tokens([{"role": "user", "content": [{"type": "text", "text": "abcd"}, image]}]) == 1_001


@pytest.mark.parametrize("text", ["", "plain words", "汉字" * 50, "🏳️‍🌈" * 20, "\x00\x01" * 40, "a b" * 99])
def test_most_tokens_is_an_upper_bound(text):
    """A byte-level vocabulary makes one token of a byte at the very most; a chat adds a few a message."""
    messages = [{"role": "user", "content": text}]

    assert most_tokens(messages) >= len(text.encode()) + 8
    assert most_tokens(messages, {"type": "object"}) > most_tokens(messages)
