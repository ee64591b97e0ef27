"""What is plain to see, held against a whole validator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from act_spec.llm.quick_check import quick_check

LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "integer", "minimum": -2, "maximum": 3},
        {"type": "boolean"},
        {"enum": ["a", None]},
        {"type": ["string", "null"]},
        {"type": "string", "maxLength": 1},
        {},
    ]
)


def _of_parts(parts):
    names = st.lists(st.sampled_from(["x", "y", "z"]), unique=True)
    objects = st.builds(
        lambda properties, required, closed: {
            "type": "object",
            "properties": properties,
            "required": required,
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(st.sampled_from(["x", "y"]), parts),
        names,
        st.booleans(),
    )
    arrays = st.builds(
        lambda each, least: {"type": "array", "items": each, "minItems": least}, parts, st.integers(0, 2)
    )
    return objects | arrays


SCHEMAS = st.recursive(LEAVES, _of_parts, max_leaves=5)
VALUES = st.recursive(
    st.sampled_from(["a", "b", "c", "", 0, 1, 2, 0.5, 1.0, -3, True, False, None, float("nan")]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "z"]), parts),
    max_leaves=6,
)


@given(SCHEMAS, VALUES)
def test_what_it_takes_the_validator_takes(schema, value):
    assert not quick_check(schema)(value) or Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ({"label": "a", "p": 0.5}, True),
        ({"label": "a", "p": 1}, True),
        ({"label": "c", "p": 0.5}, False),
        ({"label": "a"}, False),
        ({"label": "a", "p": True}, False),
        ({"label": "a", "p": 0.5, "more": 1}, False),
    ],
)
def test_it_is_sure_of_the_replies_that_we_ask_for(value, taken):
    schema = {
        "type": "object",
        "properties": {
            "label": {"type": "string", "enum": ["a", "b"]},
            "p": {"type": "number", "minimum": 0, "maximum": 1},
        },
        "required": ["label", "p"],
        "additionalProperties": False,
    }

    assert quick_check(schema)(value) == taken
