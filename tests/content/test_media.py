"""Files are read from the folder that the recipe names, and from nowhere else."""

from __future__ import annotations

import os

import pytest
from media_files import write

from act_spec.content.media import MediaError, file_bytes, names_in


@pytest.fixture
def root(tmp_path):
    write(
        tmp_path,
        {"in/a.png": b"inside", "out/b.png": b"outside", "in/deep/c.png": b"deep", "in/empty.png": b""},
    )
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out" / "b.png")
    (tmp_path / "in" / "fine.png").symlink_to("a.png")
    (tmp_path / "in" / "door").symlink_to(tmp_path / "out")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    return tmp_path / "in"


@pytest.mark.parametrize("name", ["a.png", "deep/c.png", "./a.png", "deep/../a.png", "fine.png"])
def test_inside_is_read(root, name):
    assert file_bytes(name, root, 100) in {b"inside", b"deep"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../out/b.png", "outside the folder"),
        ("/etc/passwd", "outside the folder"),
        ("link.png", "outside the folder"),
        ("door/b.png", "outside the folder"),
        ("nothing.png", "no such file"),
        ("deep", "not an ordinary file"),
        ("pipe.png", "not an ordinary file"),
        ("empty.png", "empty"),
        ("a\0.png", "not the name of a file"),
        ("https://example.org/a.png", "an address, and nothing is fetched"),
        ("file:///etc/passwd", "an address"),
        ("data:image/png;base64,AA", "an address"),
        ("deep/c.png" * 500, "not the name of a file"),
    ],
)
def test_all_else_is_refused(root, name, reason):
    with pytest.raises(MediaError, match=reason):
        file_bytes(name, root, 100)


def test_a_large_file_is_not_read_whole(root):
    with pytest.raises(MediaError, match="larger than"):
        file_bytes("a.png", root, 3)


def test_a_cell_names_one_file_or_a_list_of_them():
    assert names_in("a.png") == ["a.png"]
    assert names_in('["a.png", "b c.png"]') == ["a.png", "b c.png"]
    assert names_in("[odd].png") == ["[odd].png"]
    assert names_in("") == names_in(None) == []
    assert names_in([{"file": "a.png", "sha256": "x"}]) == ["a.png"]
    with pytest.raises(MediaError, match="at most"):
        names_in(str(["x"] * 51).replace("'", '"'))
