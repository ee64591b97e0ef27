"""What a stranger's bundle may be: names, kinds, numbers and sizes, each refused before anything is made of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from act_spec.errors import StoreError
from act_spec.run import unpack


def archive(path: Path, entries: list[tuple[zipfile.ZipInfo | str, bytes]], listed: list[str]) -> Path:
    """A bundle as a stranger writes it; its list says the right hashes."""
    held = {entry if isinstance(entry, str) else entry.filename: data for entry, data in entries}
    files = {name: hashlib.sha256(held.get(name, b"")).hexdigest() for name in listed}
    said = {"act_bundle": 1, "recipe": "project/r.act.yaml", "settings": {}, "items": True, "files": files}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of names that stand twice
        made.writestr("bundle.json", json.dumps(said))
        for entry, data in entries:
            made.writestr(entry, data)
    return path


def of_kind(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (kind | 0o777) << 16
    return entry


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught, unpack.unpacked(path):
        pytest.fail("it was taken")
    return str(caught.value)


@pytest.mark.promise("code")
@pytest.mark.parametrize(
    ("entries", "listed", "reason"),
    [
        ([("../out", b"x")], ["../out"], "../out: it leads outside"),
        ([("a/../../out", b"x")], ["a/../../out"], "it leads outside"),
        ([("/etc/out", b"x")], ["/etc/out"], "/etc/out: it leads outside"),
        ([("C:/out", b"x")], ["C:/out"], "C:/out: it leads outside"),
        ([("a//b", b"x")], ["a//b"], "a//b: it leads outside"),
        ([("a", b"x"), ("a", b"y")], ["a"], "a: it stands in the archive twice"),
        ([("run/A", b"x"), ("run/a", b"y")], ["run/A", "run/a"], "run/a: some systems take it and run/A for one file"),
        ([(of_kind("a", stat.S_IFLNK), b"/etc/passwd")], ["a"], "a: it is a link or a device"),
        ([(of_kind("a", stat.S_IFCHR), b"")], ["a"], "a: it is a link or a device"),
        ([(of_kind("a", stat.S_IFIFO), b"")], ["a"], "a: it is a link or a device"),
        ([], ["a"], "no bundle of act-spec"),
    ],
)  # fmt: skip
def test_a_name_or_a_kind_that_could_do_harm_is_refused(tmp_path, entries, listed, reason):
    assert reason in refused(archive(tmp_path / "b.zip", entries, listed))
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


def test_a_bundle_unpacks_to_so_much_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "ALWAYS_BYTES", 1000)
    monkeypatch.setattr(unpack, "MOST_TIMES", 3)
    bomb = archive(tmp_path / "b.zip", [("a", b"0" * 5_000_000)], ["a"])

    assert "b.zip: a: with it the bundle unpacks to more than 3 times its size" in refused(bomb)


def test_a_bundle_larger_than_the_disk_has_room_for_is_refused(tmp_path, monkeypatch):
    full = type("Usage", (), {"free": 100})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)

    assert "than the disk has room for" in refused(archive(tmp_path / "b.zip", [("a", b"0" * 101)], ["a"]))


def test_a_list_without_an_end_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MOST_INDEX_BYTES", 50)

    assert "bundle.json: larger than 50 bytes" in refused(archive(tmp_path / "b.zip", [], []))


def test_more_files_than_any_run_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MOST_FILES", 3)

    assert "5 files; a bundle holds at most 3" in refused(
        archive(tmp_path / "b.zip", [(f"f{n}", b"") for n in range(4)], [])
    )
