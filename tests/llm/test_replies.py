from __future__ import annotations

import pytest

from act_spec.llm.replies import read_reply

SCHEMA = {
    "type": "object",
    "properties": {
        "label": {"enum": ["Positive", "Negative", "1"]},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "topics": {"type": "array", "items": {"enum": ["price", "battery life"]}},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "required": ["label"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text",
    [
        '{"label": "Positive"}',
        '```json\n{"label": "Positive"}\n```',
        'I think so: {"label": "Positive"} as {said} above.',
        '<think>{"label": "Negative"}?</think>{"label": "Positive"}',
        'With {curly} words first. {"label": "Positive"}',
        '{"label": "Positive"} {"label": "Negative"}',
        '{"label": " positive "}',
    ],
)
def test_the_first_object_is_found_whatever_stands_around_it(text):
    assert read_reply(text, SCHEMA) == {"label": "Positive"}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ('"label": "NEGATIVE"', {"label": "Negative"}),
        ('"label": 1', {"label": "1"}),
        ('"label": "1", "confidence": " 0.75 "', {"label": "1", "confidence": 0.75}),
        ('"label": "1", "topics": ["Battery Life"]', {"label": "1", "topics": ["battery life"]}),
        ('"label": "1", "note": null', {"label": "1", "note": None}),
        ('"label": "1", "note": "12"', {"label": "1", "note": "12"}),
    ],
)
def test_slips_of_form_are_forgiven(given, read):
    assert read_reply(f"{{{given}}}", SCHEMA) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Positive", "no JSON object"),
        ("", "no JSON object"),
        ("{label: Positive}", "no valid JSON object"),
        ('{"label": "Positive"', "not closed"),
        ('{"label": "Posi', "not closed"),
        ('{"detail": {"label": "Positive"}', "not closed"),
        ("{}", "'label' is a required property"),
        ('{"label": "neutral"}', "label: 'neutral' is not one of"),
        ('{"label": "1", "confidence": 75}', "confidence: 75 is greater than the maximum"),
        ('{"label": "1", "confidence": "75%"}', "confidence: '75%' is not of type 'number'"),
        ('{"label": "1", "confidence": NaN}', "NaN is not a JSON number"),
        ('{"label": "1", "score": 1}', "'score' was unexpected"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_a_reply_that_cannot_be_used_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_reply(text, SCHEMA)


def test_an_enum_value_that_two_labels_resemble_is_not_guessed():
    schema = {"type": "object", "properties": {"label": {"enum": ["It", "IT"]}}}

    with pytest.raises(ValueError, match="is not one of"):
        read_reply('{"label": "it"}', schema)


def test_a_reason_stays_short_however_long_the_reply():
    with pytest.raises(ValueError, match="label") as caught:
        read_reply(f'{{"label": "{"x" * 10_000}"}}', SCHEMA)

    assert len(str(caught.value)) < 350
