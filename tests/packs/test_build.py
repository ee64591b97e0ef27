"""A folder becomes an archive that is the same for the same files, or every reason why not."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from act_spec.errors import RecipeError
from act_spec.packs.archive import pack_bytes, read_pack
from act_spec.packs.build import read_folder


def refused(folder: Path) -> str:
    with pytest.raises(RecipeError) as caught:
        read_folder(folder)
    return str(caught.value)


def test_the_same_files_give_the_same_bytes(desk, tmp_path):
    """On another path, with other times, permissions and order of writing."""
    first = pack_bytes(read_folder(desk))
    other = tmp_path / "elsewhere" / "copy"
    shutil.copytree(desk, other)
    for number, path in enumerate(sorted(other.rglob("*"), reverse=True)):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (number * 1000, number * 1000))

    assert pack_bytes(read_folder(other)) == first


def test_what_was_built_is_read_back_whole(desk, tmp_path):
    built = read_folder(desk)
    pack = read_pack(pack_bytes(built), "desk.zip")

    assert pack == built
    assert sorted(pack.files) == [
        "README.md",
        "base.act.yaml",
        "desks.csv",
        "sample.act.yaml",
        "sample/messages.csv",
        "templates/house.v1.md.j2",
    ]
    assert [(one.name, one.partial, one.about) for one in pack.manifest.recipes] == [
        ("base", True, "Which desk a message goes to: what all teams share."),
        ("sample", False, "Desk messages, with sample data."),
    ]


def test_any_program_can_open_it(desk, tmp_path):
    (tmp_path / "desk.zip").write_bytes(pack_bytes(read_folder(desk)))

    with zipfile.ZipFile(tmp_path / "desk.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "pack.json"


def test_runs_and_hidden_files_stay_at_home(desk):
    before = pack_bytes(read_folder(desk))
    for name in (".git/config", ".env", "runs/sample/run.duckdb", "desk-0.9.0.zip"):
        (desk / name).parent.mkdir(parents=True, exist_ok=True)
        (desk / name).write_text("mine")

    assert pack_bytes(read_folder(desk)) == before


def test_it_says_what_the_recipes_reach_for(desk):
    assert read_folder(desk).reach() == {
        "models": ["local/tiny", "openai/gpt-4o-mini"],
        "addresses": ["https://models.example.org/v1"],
        "variables": ["DESK_KEY"],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "name: desk\nversion: 1.0\n",
            "pack.yaml:2:10: version: 'version' cannot be used. Write three numbers",
        ),
        ("name: desk\n", "'version' is missing. Write three numbers"),
        ("name: Desk!\nversion: 1.0.0\n", "pack.yaml:1:7: name: 'name' cannot be used. Write a-z"),
        ("name: desk\nversion: 1.0.0\nauthor: me\n", "pack.yaml:3:1: author: 'author' is not a key"),
        ("name: desk\nversion: 1.0.0\nname: b\n", "'name'"),
        ("name: !!python/name:os.system x\nversion: 1.0.0\n", "tag"),
    ],
)
def test_a_faulty_description_is_told_with_its_place(desk, text, said):
    (desk / "pack.yaml").write_text(text)

    assert said in refused(desk)


def test_a_folder_without_a_description_says_what_to_write(desk):
    (desk / "pack.yaml").unlink()

    assert "there is no pack.yaml in this folder. Write one with `name: my-pack`" in refused(desk)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("run.py", "import os", "run.py: a pack holds recipes, data, templates, pictures and texts"),
        ("notes.html", "<script>", "notes.html: a pack holds recipes"),
        ("con.csv", "a\n1\n", "con.csv: its path has characters or names that are not the same everywhere"),
        ("two words?.csv", "a\n1\n", "its path has characters"),
        ("DESKS.csv", "a\n1\n", "for one file"),
        ("bad.act.yaml", "act: 1\nname: !!python/object:os.system x\n", "bad.act.yaml:2:7"),
        (
            "bad.act.yaml",
            "act: 1\ndata: {source: ../../secret.csv}\n",
            "'../../secret.csv' is outside the pack",
        ),
        ("bad.act.yaml", "act: 1\ndata: {source: /etc/passwd}\n", "'/etc/passwd' is outside the pack"),
        ("bad.act.yaml", "act: 1\ntrain: {test: nowhere.csv}\n", "the pack has no file 'nowhere.csv'"),
        ("bad.act.yaml", "act: 1\nextends: ../other.act.yaml\n", "'../other.act.yaml' is not in the pack"),
        ("bad.act.yaml", "act: 1\nextends: https://example.org/a.act.yaml\n", "is not in the pack"),
        (
            "bad.act.yaml",
            "act: 1\nannotator: {strategy: {name: recorded, source: ../m.csv}}\n",
            "outside the pack",
        ),
        ("bad.act.yaml", "act: 1\ndata: {show: {a: {image: f, root: ../../home}}}\n", "outside the pack"),
        ("x/sample.act.yaml", "act: 1\nname: b\n", "2 recipes are called 'sample'"),
    ],
)
def test_what_cannot_travel_is_refused_by_name(desk, name, text, said):
    path = desk / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)

    assert said in refused(desk)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ task.__class__ }}", "house.v2.md.j2:1:1: template: it reaches for '__class__'"),
        ("one\n{{ task['__class__'] }}", "house.v2.md.j2:2:1: template: it reaches for '__class__'"),
        ("{{ task|attr('__cla' ~ 'ss__') }}", "house.v2.md.j2:1:1: template: No filter named 'attr'"),
        ("{{ [task]|map(attribute='__class__')|list }}", "it reaches for '__class__'"),
        ("{% include '/etc/passwd' %}", "may not load another"),
        ("{% import 'a' as b %}", "may not load another"),
        ("{% for x in %}", "template"),
        ("{{ self._TemplateReference__context }}", "it reaches for '_TemplateReference__context'"),
    ],
)
def test_a_template_that_leads_out_is_refused_with_its_line(desk, text, said):
    (desk / "templates" / "house.v2.md.j2").write_text(text)

    assert said in refused(desk)


def test_a_symlink_is_refused(desk):
    (desk / "data.csv").symlink_to("/etc/passwd")

    assert "data.csv: a symlink cannot travel in a pack." in refused(desk)


def test_a_link_to_a_folder_is_refused(desk):
    (desk / "more").symlink_to("/etc")

    assert "more: a symlink cannot travel in a pack." in refused(desk)


def test_a_large_file_is_refused(desk):
    with (desk / "large.csv").open("wb") as file:
        file.truncate(60 << 20)

    assert "large.csv: 52,428,801 bytes; a file of a pack holds at most 52,428,800" in refused(desk)


def test_every_fault_is_named_at_once(desk):
    (desk / "run.py").write_text("x")
    (desk / "bad.act.yaml").write_text("act: 1\nact: 1\n")
    (desk / "link.csv").symlink_to("desks.csv")

    said = refused(desk)

    assert all(name in said for name in ("run.py", "bad.act.yaml", "link.csv"))
