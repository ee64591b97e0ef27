from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_spec.recipe.nodes import plain
from act_spec.recipe.tree import MAX_DEPTH, read_tree


def read(text: str) -> Any:
    tree = read_tree(text, "r.act.yaml")
    assert not tree.problems
    assert tree.root is not None
    return plain(tree.root)


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "1", "1.10", "00417", "0x1F", "2026-11-23", "12:30:45", "1e3", "true"]
)
def test_a_scalar_is_read_as_written(word):
    assert read(f"a: {word}\n") == {"a": word}


@pytest.mark.parametrize("word", ["yes", "1.10", "12%", "n"])
def test_quoting_does_not_change_what_is_given(word):
    assert read(f"a: '{word}'\n") == read(f'a: "{word}"\n') == read(f"a: {word}\n")


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_a_plain_nothing_is_not_given(nothing):
    assert read(f"a: {nothing}\nb: 1\n") == {"b": "1"}


@pytest.mark.parametrize("text", ['""', "'null'", '"~"'])
def test_a_quoted_nothing_is_a_text(text):
    assert read(f"a: {text}\n") == {"a": text.strip("\"'")}


def test_null_in_a_list_is_a_word():
    assert read("a: [null, x]\n") == {"a": ["null", "x"]}


def test_anchors_under_x_keys_can_be_used_and_merged():
    text = "x-common: &common {model: m, strategy: cot}\na: *common\nb: {<<: *common, strategy: direct}\n"

    read_values = read(text)

    assert read_values["a"] == {"model": "m", "strategy": "cot"}
    assert read_values["b"] == {"model": "m", "strategy": "direct"}


def test_an_alias_bomb_is_refused_at_once():
    lines = ["x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    start = time.process_time()

    tree = read_tree("\n".join(lines), "r.act.yaml")

    assert tree.root is None
    assert "more than 100,000 values" in tree.problems[0].message
    assert time.process_time() - start < 60  # all of it would take days


def test_an_anchor_cannot_hold_itself():
    tree = read_tree("x-a: &a [*a]\n", "r.act.yaml")

    assert "refers to an anchor that there is not" in tree.problems[0].message


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_deep_nesting_is_refused(opening):
    tree = read_tree("a: " + opening * 3000 + "\n", "r.act.yaml")

    assert tree.root is None
    assert f"more than {MAX_DEPTH} levels" in tree.problems[0].message


def test_control_characters_cannot_be_escaped_in():
    tree = read_tree('a: "x\\0"\n', "r.act.yaml")

    assert "U+0000" in tree.problems[0].message


@given(st.text(alphabet="ab:,[]{}&*!|>'\"%@`#-? \n\t~<\\", max_size=40))
@settings(max_examples=300)
def test_any_text_is_read_or_named_with_its_place(text):
    tree = read_tree(text, "r.act.yaml")

    assert tree.root is not None or tree.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in tree.problems)
