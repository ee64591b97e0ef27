from __future__ import annotations

import pytest

from act_spec.llm.keys import host_of, key_variable, redact
from act_spec.llm.model import Model


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OLLAMA_API_BASE", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        (Model("openai/gpt-4o-mini"), "OPENAI_API_KEY"),
        (Model("gpt-4o-mini"), "OPENAI_API_KEY"),
        (Model("anthropic/claude-sonnet-4-5"), "ANTHROPIC_API_KEY"),
        (Model("openai/x", api_key_env="TEAM_KEY"), "TEAM_KEY"),
        (Model("openai/x", api_base="http://localhost:1/v1", api_key_env="TEAM_KEY"), "TEAM_KEY"),
        (Model("azure/x", api_base="https://me.openai.azure.com"), "AZURE_API_KEY"),
        (Model("openai/x", api_base="http://localhost:1/v1"), None),
        (Model("ollama_chat/llama3"), None),
        (Model("local/tiny"), None),
    ],
)
def test_a_model_names_the_variable_of_its_key(model, variable):
    assert key_variable(model) == variable


def test_of_several_variables_the_one_that_is_set_is_named(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-something-long")

    assert key_variable(Model("gemini/gemini-2.5-flash")) == "GEMINI_API_KEY"


@pytest.mark.parametrize(
    ("model", "host"),
    [
        (Model("openai/gpt-4o-mini"), "api.openai.com"),
        (Model("gpt-4o-mini"), "api.openai.com"),
        (Model("anthropic/claude-sonnet-4-5"), "api.anthropic.com"),
        (Model("openai/x", api_base="https://LLM.example.org:8443/v1"), "llm.example.org"),
        (Model("openai/x", api_base="llm.example.org/v1"), "llm.example.org"),
        (Model("some_new_one/x", api_base="https://llm.example.org"), "llm.example.org"),
        (Model("ollama_chat/llama3"), "localhost"),
        (Model("local/tiny"), None),
    ],
)
def test_where_items_go_is_known_beforehand(model, host):
    assert host_of(model) == host


def test_an_address_in_the_environment_is_where_items_go(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example.org/v1")

    assert host_of(Model("openai/gpt-4o-mini")) == "gateway.example.org"


@pytest.mark.parametrize("model", [Model("nosuch/x"), Model("no-such-model"), Model("hosted_vllm/x")])
def test_an_unknown_place_is_an_error_and_not_a_guess(model):
    with pytest.raises(KeyError, match="api_base"):
        host_of(model)


@pytest.mark.parametrize(
    "secret",
    [
        "sk-abcdefghij1234567890",
        "sk-proj-abc_def-123456",
        "sk-abcd********wxyz",
        "sk-ant-api03-abcdefgh",
        "gsk_abcdefghijklmnop",
        "AIzaSyA1234567890abcdefghij",
        "hf_abcdefghijklmnop",
    ],
)
def test_whatever_looks_like_a_key_is_taken_out(secret):
    assert redact(f"Incorrect key: {secret}.") in {"Incorrect key: [key].", "Incorrect key: [key]"}


def test_keys_in_headers_and_addresses_are_taken_out():
    assert redact("Authorization: Bearer abc.def sent") == "Authorization: [key] sent"
    assert redact("at https://host/v1?key=abc123&alt=json") == "at https://host/v1?key=[key]&alt=json"


def test_values_of_secret_variables_are_taken_out_whatever_they_look_like(monkeypatch):
    monkeypatch.setenv("TEAM_LLM_SECRET", "correct horse battery")

    assert redact("refused: correct horse battery!", "another one") == "refused: [key]!"
    assert redact("refused: another one!", "another one") == "refused: [key]!"


def test_ordinary_words_stay(monkeypatch):
    monkeypatch.setenv("SHORT_TOKEN", "the")

    said = "the task-specific risk-based desk-top max_tokens of key-value pairs is too large"

    assert redact(said) == said
