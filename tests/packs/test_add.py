"""Packs from files, git and Python packages are installed, found by name, extended and copied; nothing runs."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from act_spec.errors import RecipeError
from act_spec.library import find_recipe, installed
from act_spec.packs.archive import archive_sha256, pack_bytes
from act_spec.packs.build import read_folder
from act_spec.packs.fetch import fetch
from act_spec.packs.install import install
from act_spec.plan.compile import compile_plan
from act_spec.plan.inputs import inputs
from act_spec.recipe.load import load_recipe
from act_spec.starter.begin import begin
from act_spec.starter.gallery import known_recipes

MINE = """\
act: 1
name: mine
extends: {extends}
data: {{source: mine.csv, id: id, show: [text]}}
"""


def added(desk: Path, version: str = "1.0.0") -> Path:
    (desk / "pack.yaml").write_text(f"name: desk\nversion: {version}\n")
    folder, _ = install(read_folder(desk))
    return folder


def mine(folder: Path, extends: str = "desk/base@1.0.0") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "mine.csv").write_text("id,text\n1,Hello\n")
    (folder / "mine.act.yaml").write_text(MINE.format(extends=extends))
    return folder / "mine.act.yaml"


def test_a_file_is_added_and_found_again(desk, tmp_path):
    archive = tmp_path / "desk.zip"
    archive.write_bytes(pack_bytes(read_folder(desk)))
    folder, is_new = install(fetch(str(archive)).pack)

    assert is_new
    assert [(one.name, one.version, one.folder) for one in installed()] == [("desk", "1.0.0", folder)]
    assert find_recipe("desk/base") == folder / "base.act.yaml"
    assert (folder / "sample" / "messages.csv").read_bytes() == (
        desk / "sample" / "messages.csv"
    ).read_bytes()
    assert install(fetch(str(archive)).pack) == (folder, False)


def test_other_content_under_the_same_version_is_refused(desk):
    added(desk)
    (desk / "README.md").write_text("Other words.\n")

    with pytest.raises(
        RecipeError, match="desk 1.0.0 is installed already, with other content. Raise the version"
    ):
        added(desk)


def test_a_wrong_hash_is_refused(desk, tmp_path):
    archive = tmp_path / "desk.zip"
    archive.write_bytes(pack_bytes(read_folder(desk)))

    assert fetch(str(archive), archive_sha256(archive.read_bytes())).pack.about.name == "desk"
    with pytest.raises(RecipeError, match="Do not use it"):
        fetch(str(archive), "0" * 64)


@pytest.mark.parametrize(
    "address", ["http://example.org/p.zip", "ftp://example.org/p.zip", "file:///etc/passwd"]
)
def test_only_https_is_downloaded(address):
    with pytest.raises(RecipeError, match="https addresses only"):
        fetch(address)


def test_an_address_with_a_password_is_refused_and_not_repeated():
    with pytest.raises(RecipeError) as caught:
        fetch("https://me:geheim@example.org/p.zip")

    assert "geheim" not in str(caught.value)


def test_the_newest_version_that_fits_is_found(desk):
    for version in ("1.0.0", "1.2.0", "1.10.1", "2.0.0"):
        added(desk, version)

    assert {
        said: find_recipe(f"desk/base{said}").parent.name for said in ("", "@1", "@1.2", "@1.2.0", "@2")
    } == {"": "2.0.0", "@1": "1.10.1", "@1.2": "1.2.0", "@1.2.0": "1.2.0", "@2": "2.0.0"}
    with pytest.raises(
        ValueError, match="not installed in version 3. Installed: 2.0.0, 1.10.1, 1.2.0, 1.0.0."
    ):
        find_recipe("desk/base@3")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("dsk/base", r"no pack 'dsk' is installed. Did you mean 'desk'\?"),
        ("desk/bas", r"the pack desk 1.0.0 has no recipe 'bas'. Did you mean 'base'\?"),
    ],
)
def test_what_is_not_there_offers_the_nearest(desk, tmp_path, reference, said):
    added(desk)

    with pytest.raises(RecipeError, match=said):
        load_recipe(mine(tmp_path / "mine", reference))


def test_a_recipe_extends_one_of_a_pack(desk, tmp_path):
    """The pack's label file is read from the pack, the data from beside the recipe."""
    added(desk)
    loaded = load_recipe(mine(tmp_path / "mine"))
    plan = compile_plan(loaded)

    assert [one.name for one in plan.task.definitions] == ["billing", "parcel"]
    assert plan.data.items == 1
    assert [(one.what, one.name) for one in inputs(plan)] == [
        ("recipe", "mine.act.yaml"),
        ("data", "mine.csv"),
        ("recipe", "pack:desk/1.0.0/base.act.yaml"),
        ("recipe", "pack:desk/1.0.0/desks.csv"),
    ]


def test_a_recipe_of_a_pack_reads_no_file_outside_it_however_it_came_there(desk, tmp_path):
    """Even if somebody writes to the installed files; the recipe that extends it may name what it likes."""
    folder = added(desk)
    secret = tmp_path / "secret.csv"
    secret.write_text("name,definition\na,b\n")
    base = folder / "base.act.yaml"
    base.write_text(base.read_text().replace("desks.csv", str(secret)))
    recipe = mine(tmp_path / "mine")

    with pytest.raises(RecipeError, match=r"base.act.yaml:4:.*'.*secret.csv' is outside the pack"):
        load_recipe(recipe)


def test_a_recipe_of_a_pack_is_copied_with_what_it_names(desk, tmp_path):
    added(desk)
    made = begin(tmp_path / "mine", gallery="desk/sample").recipe

    assert made == tmp_path / "mine" / "mine.act.yaml"
    assert sorted(
        one.relative_to(made.parent).as_posix() for one in made.parent.rglob("*") if one.is_file()
    ) == [
        "base.act.yaml",
        "desks.csv",
        "mine.act.yaml",
        "sample/messages.csv",
    ]
    assert load_recipe(made).recipe.name == "desk-sample"
    assert compile_plan(load_recipe(made)).data.items == 2


def test_a_base_is_no_recipe_to_begin_with(desk, tmp_path):
    added(desk)

    with pytest.raises(RecipeError, match="is a base for others.*Write `extends: desk/base`"):
        begin(tmp_path / "mine", gallery="desk/base")


def test_the_list_of_recipes_has_the_gallery_and_the_newest_of_each_pack(desk):
    added(desk, "1.0.0")
    added(desk, "1.1.0")
    found = {one.name: one for one in known_recipes()}

    assert found["demo"].pack == ""
    assert (found["desk/sample"].version, found["desk/sample"].partial) == ("1.1.0", False)
    assert found["desk/base"].partial


def test_a_commit_of_a_git_repository_is_added_without_running_its_hooks(desk, tmp_path):
    repository = tmp_path / "repository"
    (repository / "packs").mkdir(parents=True)
    desk.rename(repository / "packs" / "desk")
    hook = repository / ".git" / "hooks" / "post-checkout"
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "A pack"]):
        subprocess.run([*git, *words], check=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()

    fetched = fetch(f"git+file://{repository}@{commit}#packs/desk")

    assert fetched.pack.title == "desk 1.0.0"
    assert not (tmp_path / "ran").exists()
    with pytest.raises(RecipeError, match="a commit must be pinned, by its whole hash"):
        fetch(f"git+file://{repository}@main#packs/desk")
    with pytest.raises(RecipeError, match="there is no pack.yaml there"):
        fetch(f"git+file://{repository}@{commit}")


@pytest.mark.parametrize("address", ["git+ext::sh -c id@" + "a" * 40, "git+--upload-pack=id@" + "a" * 40])
def test_a_git_address_that_would_run_something_is_refused(address):
    with pytest.raises(RecipeError):
        fetch(address)


def test_a_pack_of_a_python_package_is_added_without_importing_it(desk, tmp_path, monkeypatch):
    package = tmp_path / "site" / "desk_recipes"
    package.mkdir(parents=True)
    desk.rename(package / "desk")
    (package / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    info = tmp_path / "site" / "desk_recipes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: desk-recipes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[act_spec.packs]\nservice-desk = desk_recipes.desk\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    assert [point.name for point in metadata.entry_points(group="act_spec.packs")] == ["service-desk"]
    assert fetch("python:service-desk").pack.title == "desk 1.0.0"
    assert not (tmp_path / "ran").exists()
    assert "desk_recipes" not in sys.modules
    with pytest.raises(RecipeError, match=r"no installed Python package brings a pack 'dsk'"):
        fetch("python:dsk")
