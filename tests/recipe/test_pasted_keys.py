from __future__ import annotations

import pytest

PIECES = [
    ("sk-proj-", "Ab3dEf6hIj9lMn2p"),
    ("sk-ant-api03-", "Ab3dEf6hIj9lMn2p"),
    ("AIza", "SyAb3dEf6hIj9lMn2pQr5tUv8x"),
    ("hf_", "AbcdEfghIjklMnopQrstUvwx"),
    ("Bearer ", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
]
# Put together here, so that no scanner takes this file for a leak.
KEYS = ["".join(pieces) for pieces in PIECES]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("local/tiny}", "local/tiny, api_key_env: {}}}"),
        ("local/tiny}", "local/tiny, api_key: {}}}"),
        ("local/tiny}", "local/tiny, {}: x}}"),
        ("name: topics", "name: topics  # {}"),
        ("Which topic?", "Which of {}?"),
    ],
)
def test_a_pasted_key_is_refused_and_never_repeated(good, faults, key, old, new):
    found = faults(good.replace(old, new.format(key), 1))

    assert any("keys never stand in a recipe" in problem.message for problem in found)
    assert not any(key in f"{problem} {problem.as_json()}" for problem in found)


@pytest.mark.parametrize("token", ["9f86d081884c7d659a2feaa0c55ad015", "abc-def", "a b"])
def test_what_is_no_variable_is_not_repeated(good, faults, token):
    found = faults(good.replace("local/tiny}", f"local/tiny, api_key_env: {token}}}", 1))

    assert [problem.path for problem in found] == ["annotator.api_key_env"]
    assert token not in str(found[0])
    assert "OPENAI_API_KEY" in found[0].hint


def test_a_password_in_an_address_is_not_repeated(good, faults):
    found = faults(good.replace("local/tiny}", "local/tiny, api_base: https://me:geheim@host/v1}", 1))

    assert "geheim" not in str(found[0])


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "my_team_key_2", "KEY2"])
def test_the_name_of_a_variable_is_taken(good, load, name):
    loaded = load(good.replace("local/tiny}", f"local/tiny, api_key_env: {name}}}", 1))

    assert loaded.recipe.annotator.api_key_env == name


def test_ordinary_words_are_no_keys(good, load):
    load(
        good.replace("Which topic?", "Is it a risk-averse-customer-of-the-bank, a task-oriented-person-here?")
    )
