import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from act_spec.starter.yaml_text import can_be_written, scalar

AWKWARD = [
    "", " ", "yes", "No", "null", "~", "1", "1e5", "00417", "2026-11-23", "1:30", ".inf", "0x1F",
    "a: b", "a, b", "a #b", "#a", "- a", "-", "?", "? a", ": a", "%a", "@a", "`a", "*a", "&a", "!a", "|", ">",
    "[a", "{a}", "it's", 'say "a"', "back\\slash", "two\nlines", "tab\there", " a ", "<<", "---", "...",
    "näher", "日本語", "😀", "\u2028", "\x85", "\ufeff", "\xa0", "\x7f", "a:b", "a" * 200,
]  # fmt: skip


def read(text: str, version: tuple[int, int]) -> object:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(text)


@pytest.mark.parametrize("version", [(1, 1), (1, 2)])
@pytest.mark.parametrize("text", AWKWARD)
def test_a_text_is_read_back_as_value_key_and_list_member(text, version):
    written = scalar(text)

    assert "\n" not in written
    assert read(f"key: {written}\n", version) == {"key": text}
    assert read(f"{written}: key\n", version) == {text: "key"}
    assert read(f"[{written}, {written}]\n", version) == [text, text]
    assert read(f"{{{written}: {written}}}\n", version) == {text: text}


@given(st.text().filter(can_be_written))
def test_any_text_that_can_be_written_is_read_back(text):
    assert read(f"[{scalar(text)}]", (1, 1)) == [text]


@pytest.mark.parametrize("text", ["battery_life", "Body text", "../my.csv", "größe", "data/part-1.csv"])
def test_plain_words_and_paths_stay_bare(text):
    assert scalar(text) == text


@pytest.mark.parametrize("text", ["\x00", "a\rb", "\x1b[0m", "\ud800"])
def test_control_characters_and_halves_of_characters_cannot_be_written(text):
    assert not can_be_written(text)
