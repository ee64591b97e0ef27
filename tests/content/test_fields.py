import pytest
from scripted import SENTIMENT, Shown, prompts_for

from act_spec.content.fields import message_parts, plain_fields
from act_spec.records import Item

ITEM = Item("1", {"body": "Short.", "title": "Fine", "secret": "gold"})


def test_shows_the_fields_that_the_recipe_names_in_its_order():
    show = {"title": Shown(), "body": Shown()}

    text = "".join(part["text"] for part in message_parts(ITEM, show))

    assert text == '<field name="title">\nFine\n</field>\n<field name="body">\nShort.\n</field>'
    assert plain_fields(ITEM, show) == {"title": "Fine", "body": "Short."}


def test_a_missing_field_is_shown_empty():
    [part] = message_parts(ITEM, {"note": Shown()})

    assert part["text"] == '<field name="note">\n\n</field>'


def test_an_unknown_modality_is_named():
    with pytest.raises(KeyError, match="smell"):
        message_parts(ITEM, {"body": Shown("smell")})


def test_text_fields_make_one_plain_message():
    messages = prompts_for(SENTIMENT, "title", "body").messages("annotate_direct.v1", ITEM, confidence=False)

    assert isinstance(messages[1]["content"], str)
    assert messages[1]["content"].count("</field>") == 2
    assert "gold" not in str(messages)


def test_template_syntax_in_an_item_stays_text():
    item = Item("1", {"text": "{{ task.question }} {% raw %} [[0]]"})

    user = prompts_for(SENTIMENT).messages("annotate_direct.v1", item, confidence=False)[1]["content"]

    assert "{{ task.question }} {% raw %} [[0]]" in user
