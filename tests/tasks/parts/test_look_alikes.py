import pytest

from act_spec.tasks.parts.look_alikes import skeleton, strange_character


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("price", "pri\u0441e"),  # Cyrillic es
        ("OTHER", "\u041eTHER"),  # Cyrillic capital O
        ("Tax", "\u03a4ax"),  # Greek capital tau
        ("e-mail", "e\u2013mail"),  # en dash
        ("can't", "can\u2019t"),
        ("good", "go\u200bod"),  # zero-width space
        ("ok", "\uff4f\uff4b"),  # full width
        ("Ja", " JA "),
    ],
)
def test_what_looks_the_same_has_one_skeleton(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"), [("yes", "no"), ("naïve", "naive"), ("level_1", "level_l"), ("да", "нет")]
)
def test_what_looks_different_has_not(one, other):
    assert skeleton(one) != skeleton(other)


def test_the_strange_character_is_named():
    assert strange_character("pri\u0441e", "price") == "CYRILLIC SMALL LETTER ES"
    assert strange_character("Price", "price") == ""
