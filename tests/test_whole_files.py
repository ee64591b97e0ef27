import ast
from pathlib import Path

import pytest

import act_spec
from act_spec.whole_files import whole, write_new_whole, write_whole

PACKAGE = Path(act_spec.__file__).parent
LEND = {
    "whole_files.py": "the one place",
    "packs/install.py": "into a folder that is renamed as a whole",
    "run/unpack.py": "into a scratch folder, for a replay",
    "store/export.py": "to the name that it was lent",
}


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("lasting", [True, False])
def test_what_is_interrupted_leaves_what_was_there(tmp_path, lasting):
    file = tmp_path / "labels.csv"
    write_whole(file, b"before", lasting=lasting)

    def stop_half_way() -> None:
        with whole(file, lasting=lasting) as partial:
            partial.write_bytes(b"hal")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()

    assert file.read_bytes() == b"before"
    assert listed(tmp_path) == ["labels.csv"]


def test_what_a_kill_left_is_in_nobodys_way(tmp_path):
    (tmp_path / ".encoder.partial").mkdir()
    (tmp_path / ".encoder.partial" / "half").write_bytes(b"hal")
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "old").write_bytes(b"old")

    with whole(tmp_path / "encoder") as partial:
        partial.mkdir()
        (partial / "new").write_bytes(b"new")

    assert listed(tmp_path) == ["encoder"]
    assert listed(tmp_path / "encoder") == ["new"]


def test_a_new_file_takes_nobodys_place(tmp_path):
    write_new_whole(tmp_path / "mine", b"1")
    with pytest.raises(FileExistsError):
        write_new_whole(tmp_path / "mine", b"2")

    assert (tmp_path / "mine").read_bytes() == b"1"
    assert listed(tmp_path) == ["mine"]


def test_without_links_a_new_file_takes_nobodys_place_either(tmp_path, monkeypatch):
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    test_a_new_file_takes_nobodys_place(tmp_path)


def writes(node: ast.AST) -> bool:
    """Whether it is a call such as path.write_text(…) or path.open("w")."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in {"write_text", "write_bytes"}:
        return len(node.args) == 1  # a run's Folder takes the name, too
    mode = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
    return node.func.attr == "open" and isinstance(mode, str) and bool(set("wax+") & set(mode[:3]))


def test_nothing_else_in_the_package_writes_files():
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any(map(writes, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
    }

    assert found == set(LEND)
