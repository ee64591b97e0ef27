import pytest
from documents.hostile import HOSTILE

from act_spec.documents.printable import printable, visible, visible_places

ACTING = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "one-byte control sequence": "\x9b31mred",
    "hyperlink": "\x1b]8;;https://example.org\x1b\\text\x1b]8;;\x1b\\",
    "carriage return": "right\rwrong",
    "backspace": "bad\b\b\bgood",
    "bell and NUL": "\x07\x00",
    "override": "\u202egnp.exe",
    "isolate": "\u2066a\u2069",
    "line separator": "a\u2028b\u2029c",
    "byte order mark": "\ufeffa",
    "tags": "a\U000e0041b",
    "surrogate": "a\udc80b",
    "zero width": "a\u200bb",
}


@pytest.mark.parametrize("text", ACTING.values(), ids=ACTING.keys())
def test_nothing_that_acts_is_left(text):
    shown = visible(text)

    assert shown.isprintable()
    assert shown.encode("utf-8")


def test_what_was_there_can_be_seen():
    assert visible("\x1b[31mred") == "␛[31mred"
    assert visible("\u202eabc") == "<U+202E>abc"
    assert visible("one\r\n\ttwo") == "one two"


def test_ordinary_text_of_any_script_is_unchanged():
    for text in ("naïve café", "שלום עולם", "नमस्ते", "ภาษาไทย", "👩‍💻 ok", "面白い"):
        assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("面白い", 6, "面白い"),
        ("面白い", 5, "面白…"),
        ("面白い", 4, "面…"),
        ("ab", 1, "…"),
        ("", 3, ""),
        ("as long as it is", None, "as long as it is"),
    ],
)
def test_text_is_cut_to_terminal_columns(text, width, expected):
    assert printable(text, width) == expected


def test_a_tower_of_marks_is_levelled():
    assert len(printable("a" + "\u0301" * 100_000, 10)) < 10


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), "\ufeffno\u200b no\u00ad no", "a\r\nb\rc\td", "z" + "\u0301" * 20]
)
def test_where_places_count_one_character_shows_for_each(text):
    shown = visible_places(text)

    assert len(shown) == len(text)
    assert visible_places(shown) == shown
    assert all(now == before for now, before in zip(shown, text, strict=True) if before.isalnum())
