"""A run travels as one archive: the same bytes for the same run, without paths and keys, and replayable."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from model_server import ModelServer
from walking import plan_of, walk_recipe, write_recipe

from act_spec.documents.replayed import Replayed
from act_spec.errors import StoreError
from act_spec.plan.compile import compile_plan, run_folder
from act_spec.recipe.load import load_recipe
from act_spec.run.bundle import write_bundle
from act_spec.run.replay import replay
from act_spec.run.unpack import home_at, unpacked

SECRET = "sk-test-0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody's


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run, asked with a key."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    folder = tmp_path / "machine-of-mine" / "project"
    folder.mkdir(parents=True)
    with ModelServer({"invalid": 0.2}, seed=1) as server:
        recipe = write_recipe(folder, server.url, items=30)
        walk_recipe(recipe)
    return recipe


def bundled(recipe: Path, output: Path, *, with_items: bool = True) -> bytes:
    plan = plan_of(recipe)
    write_bundle(plan, run_folder(plan), output, with_items=with_items)
    return output.read_bytes()


def replayed(bundle: Path, to: Path) -> Replayed:
    with unpacked(bundle) as found, home_at(found.home):
        found.refuse_files_outside()
        return replay(compile_plan(load_recipe(found.recipe, found.settings)), found.run, to)


def test_the_same_run_gives_the_same_bytes(finished, tmp_path):
    first = bundled(finished, tmp_path / "a.zip")
    moved = tmp_path / "elsewhere"
    shutil.copytree(finished.parent, moved)

    assert bundled(moved / finished.name, tmp_path / "a.zip") == first


def test_it_is_rebuilt_from_the_archive_alone(finished, tmp_path):
    bundled(finished, tmp_path / "a.zip")
    run = run_folder(plan_of(finished))
    report, labels = (run / "report.html").read_bytes(), (run / "METHODS.md").read_bytes()
    shutil.rmtree(finished.parent)

    done = replayed(tmp_path / "a.zip", tmp_path / "rebuilt")

    assert done.equal
    assert (tmp_path / "rebuilt" / "report.html").read_bytes() == report
    assert (tmp_path / "rebuilt" / "METHODS.md").read_bytes() == labels


def test_the_command_replays_it_on_a_machine_without_keys(finished, tmp_path):
    bundled(finished, tmp_path / "a.zip")
    shutil.rmtree(finished.parent)
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}

    done = subprocess.run(
        [sys.executable, "-c", "from act_spec.cli import main; main()", "replay", "a.zip"],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "figures equal." in done.stdout
    assert "nothing was called" in done.stdout


@pytest.mark.parametrize("with_items", [True, False])
def test_neither_keys_nor_paths_of_the_machine_go_in(finished, tmp_path, with_items):
    archive = zipfile.ZipFile(io.BytesIO(bundled(finished, tmp_path / "a.zip", with_items=with_items)))
    everything = b"".join(archive.read(name) for name in archive.namelist())

    assert SECRET.encode() not in everything
    assert b"machine-of-mine" not in everything


def test_without_items_no_text_of_an_item_is_left_and_the_figures_are(finished, tmp_path):
    archive = zipfile.ZipFile(io.BytesIO(bundled(finished, tmp_path / "a.zip", with_items=False)))
    everything = b"".join(archive.read(name) for name in archive.namelist())
    rows = [json.loads(line) for line in archive.read("tables/history.metrics.jsonl").splitlines()]

    assert b"text number" not in everything
    assert "machine_accuracy" in [row["name"] for row in rows]
    assert len(archive.read("tables/history.annotations.jsonl").splitlines()) == 30
    with pytest.raises(StoreError, match="its items were left out"), unpacked(tmp_path / "a.zip"):
        pass


def test_a_changed_file_is_named(finished, tmp_path):
    data = bundled(finished, tmp_path / "a.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["project/data.csv"] = files["project/data.csv"].replace(b"text number 3", b"text number 4")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)

    with pytest.raises(StoreError, match=r"project/data.csv: it is not what bundle.json says"):
        replayed(tmp_path / "a.zip", tmp_path / "rebuilt")


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/outside.csv", "a/../../b", "C:/b", "a\\b"])
def test_a_path_outside_the_archive_is_refused(finished, tmp_path, name):
    data = bundled(finished, tmp_path / "a.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    index = json.loads(files["bundle.json"])
    index["files"][name] = "0" * 64
    files["bundle.json"] = json.dumps(index).encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for one, content in files.items():
            archive.writestr(one, content)

    with pytest.raises(StoreError, match="it leads outside the bundle"), unpacked(tmp_path / "a.zip"):
        pass


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bundle_is_refused(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)

    with pytest.raises(StoreError, match="no bundle of act-spec, or damaged"), unpacked(tmp_path / "a.zip"):
        pass


INDEX = {"act_bundle": 1, "recipe": "a", "settings": {}, "items": True, "files": {}}


@pytest.mark.parametrize(
    "said",
    [
        [],
        {"act_bundle": 1},
        {**INDEX, "act_bundle": "1"},
        {**INDEX, "files": ["a"]},
        {**INDEX, "files": {"a": 1}},
        {**INDEX, "recipe": 5},
        {**INDEX, "settings": None},
    ],
)
def test_a_list_of_files_of_another_form_is_refused(tmp_path, said):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("bundle.json", json.dumps(said))

    with pytest.raises(StoreError, match="no bundle of act-spec, or damaged"), unpacked(tmp_path / "a.zip"):
        pass


def test_data_above_the_recipe_keep_their_place(finished, tmp_path):
    """The recipe stands in a folder of its own, and names ../data.csv."""
    folder = finished.parent / "recipes"
    folder.mkdir()
    recipe = folder / "walked.act.yaml"
    recipe.write_text(finished.read_text().replace("source: data.csv", "source: ../data.csv"))
    shutil.move(finished.parent / "runs", folder / "runs")
    with ModelServer({"invalid": 0.2}, seed=1):
        walk_recipe(recipe)
    data = bundled(recipe, tmp_path / "b.zip")

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {"project/data.csv", "project/in/walked.act.yaml"} <= set(archive.namelist())
    assert replayed(tmp_path / "b.zip", tmp_path / "rebuilt").equal


def test_a_whole_path_of_the_machine_is_refused(finished, tmp_path):
    text = finished.read_text().replace("source: data.csv", f"source: {finished.parent / 'data.csv'}")
    finished.write_text(text)
    walk_recipe(finished)

    with pytest.raises(StoreError, match="names files by their whole path"):
        bundled(finished, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
