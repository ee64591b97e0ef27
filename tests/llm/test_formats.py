from __future__ import annotations

import json

import pytest

from act_spec.llm.formats import is_strict, messages_for, response_format
from act_spec.llm.model import Model

SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["a", "b"]}},
    "required": ["label"],
    "additionalProperties": False,
}
MESSAGES = ({"role": "system", "content": "Label."}, {"role": "user", "content": "Text"})


def test_a_model_that_takes_a_schema_gets_the_messages_unchanged():
    model = Model("openai/x", reply_format="schema")

    assert messages_for(model, MESSAGES, SCHEMA) == MESSAGES
    assert response_format(model, SCHEMA) == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "schema": SCHEMA, "strict": True},
    }


@pytest.mark.parametrize(("reply_format", "sent"), [("object", {"type": "json_object"}), ("text", None)])
def test_other_models_are_told_the_schema_in_the_system_message(reply_format, sent):
    model = Model("openai/x", reply_format=reply_format)

    system, user = messages_for(model, MESSAGES, SCHEMA)

    assert system["content"].startswith("Label.\n\n")
    assert json.loads(system["content"].splitlines()[-1]) == SCHEMA
    assert user == MESSAGES[1]
    assert response_format(model, SCHEMA) == sent


def test_a_conversation_without_a_system_message_gets_one():
    system, user = messages_for(Model("x/y"), MESSAGES[1:], SCHEMA)

    assert system["role"] == "system"
    assert user == MESSAGES[1]


def test_a_system_message_in_parts_gets_one_more():
    parts = ({"role": "system", "content": [{"type": "text", "text": "Label."}]},)

    (system,) = messages_for(Model("x/y"), parts, SCHEMA)

    assert [part["type"] for part in system["content"]] == ["text", "text"]
    assert parts[0]["content"] == [{"type": "text", "text": "Label."}]


@pytest.mark.parametrize(
    ("change", "strict"),
    [
        ({}, True),
        ({"additionalProperties": True}, False),
        ({"required": []}, False),
        ({"properties": {"label": {"type": "string", "maxLength": 3}}}, False),
        ({"properties": {"label": {"type": "array", "items": {"type": "object"}}}}, False),
        ({"properties": {"label": {"anyOf": [{"type": "null"}, {"type": "string"}]}}}, True),
    ],
)
def test_strict_mode_is_asked_for_only_where_it_is_taken(change, strict):
    assert is_strict(SCHEMA | change) is strict
