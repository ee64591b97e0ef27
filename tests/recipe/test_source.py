from __future__ import annotations

import os
from pathlib import Path

import pytest

from act_spec.errors import RecipeError
from act_spec.recipe.load import load_recipe
from act_spec.recipe.source import MAX_BYTES, read_text


def problem_of(path: Path) -> str:
    with pytest.raises(RecipeError) as caught:
        read_text(path)
    return str(caught.value)


def test_a_byte_order_mark_is_accepted(tmp_path, good):
    path = tmp_path / "r.act.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + good.encode())

    assert load_recipe(path).recipe.name == "topics"


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ("act: 1\n".encode("utf-16"), ":1:1: ", ["UTF-16", "Save it as UTF-8"]),
        (b"act: 1\nname: caf\xe9\n", ":2:10: ", ["0xE9", "offset 16", "Latin-1"]),
        (b"act: 1\nna\0me: x\n", ":2:3: ", ["NUL byte at offset 9"]),
        (b"act: 1\nname: \x1b[31m\n", ":2:7: ", ["U+001B"]),
        (b"act: 1\nname: x\xef\xbb\xbf\n", ":2:8: ", ["U+FEFF"]),
    ],
)
def test_what_is_no_text_is_named_with_its_offset(tmp_path, data, place, words):
    path = tmp_path / "r.act.yaml"
    path.write_bytes(data)

    message = problem_of(path)

    assert f"r.act.yaml{place}" in message
    for word in words:
        assert word in message


def test_a_missing_file_is_named(tmp_path):
    assert "no such file" in problem_of(tmp_path / "r.act.yaml")


def test_a_folder_is_no_recipe(tmp_path):
    assert "this is a folder" in problem_of(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert "not an ordinary file" in problem_of(tmp_path / "pipe")


def test_a_huge_file_is_refused(tmp_path):
    path = tmp_path / "r.act.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))

    assert "larger than 1,048,576 bytes" in problem_of(path)
