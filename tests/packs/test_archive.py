"""An archive that was meddled with is refused, and the file is named."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable

import pytest

from act_spec.errors import RecipeError
from act_spec.packs.archive import pack_bytes, read_pack
from act_spec.packs.build import read_folder

Change = Callable[[dict[str, bytes]], None]


def again(data: bytes, change: Change, compression: int = zipfile.ZIP_STORED) -> bytes:
    """The archive with its files changed, as a meddler would write it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def listed(files: dict[str, bytes], name: str, content: bytes) -> None:
    """Add a file, and write it into the manifest as the program would."""
    files[name] = content
    manifest = json.loads(files["pack.json"])
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    files["pack.json"] = json.dumps(manifest).encode()


def refused(data: bytes) -> str:
    with pytest.raises(RecipeError) as caught:
        read_pack(data, "desk.zip")
    return str(caught.value)


@pytest.fixture
def built(desk) -> bytes:
    return pack_bytes(read_folder(desk))


def test_a_tampered_file_is_named(built):
    changed = again(built, lambda files: files.update({"desks.csv": b"name,definition\nbilling,All.\n"}))

    assert "desk.zip: desks.csv: it is not what the manifest says" in refused(changed)


def test_a_file_that_was_slipped_in_or_taken_out_is_named(built):
    def change(files: dict[str, bytes]) -> None:
        files["more.csv"] = b"a\n"
        del files["README.md"]

    said = refused(again(built, change))

    assert "more.csv: it is not in the manifest" in said
    assert "README.md: the manifest names it, and it is not there" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../outside.csv", "../outside.csv: it leads outside the pack"),
        ("/etc/cron.d/x.csv", "it leads outside the pack"),
        ("a/../../b.csv", "it leads outside the pack"),
        ("C:/x.csv", "it leads outside the pack"),
        ("a\\..\\b.csv", "it leads outside the pack"),
        ("setup.py", "no file of this kind"),
        ("a" * 300 + ".csv", "its path is longer than 200 characters"),
        (".hidden.csv", "characters or names that are not the same everywhere"),
    ],
)
def test_a_path_outside_itself_is_named_though_the_manifest_lists_it(built, name, said):
    assert said in refused(again(built, lambda files: listed(files, name, b"a\n1\n")))


def test_a_symlink_is_named(built):
    out = io.BytesIO(built)
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert "desk.zip: link.csv: it is a symlink." in refused(out.getvalue())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_stands_twice_is_named(built):
    out = io.BytesIO(built)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("desks.csv", "name\nother\n")

    assert "desks.csv: it stands in the archive twice" in refused(out.getvalue())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("evil.act.yaml", "act: 1\nname: !!python/object/apply:os.system [id]\n", "evil.act.yaml:2:7"),
        (
            "evil.act.yaml",
            "act: 1\nname: evil\ndata: {source: /etc/passwd}\n",
            "'/etc/passwd' is outside the pack",
        ),
        (
            "evil.v1.md.j2",
            "{{ title.__class__.__mro__ }}",
            "evil.v1.md.j2:1:1: template: it reaches for '__class__'",
        ),
    ],
)
def test_tags_paths_and_template_attacks_are_refused_whatever_the_manifest_says(built, name, text, said):
    assert said in refused(again(built, lambda files: listed(files, name, text.encode())))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(built):
    """60 MB of zeros in 60 kB; what an entry claims of its size is not believed."""
    changed = again(
        built, lambda files: listed(files, "bomb.csv", b"0" * (60 << 20)), compression=zipfile.ZIP_DEFLATED
    )

    assert len(changed) < 200_000
    assert "bomb.csv: unpacked it is larger than 52,428,800 bytes" in refused(changed)


def test_too_many_files_are_refused(built):
    def change(files: dict[str, bytes]) -> None:
        files.update({f"n{number}.csv": b"" for number in range(2_500)})

    assert "a pack holds at most 2,000" in refused(again(built, change))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", b"act: 1\n"])
def test_what_is_no_archive_is_refused(data):
    assert "desk.zip: this is no archive of a pack, or it is damaged." in refused(data)


def test_a_damaged_archive_is_refused(built):
    middle = built.index(b"billing,Money.")

    assert "damaged" in refused(built[:middle] + b"X" + built[middle + 1 :])


def test_a_manifest_that_lies_about_its_recipes_is_refused(built):
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["pack.json"])
        manifest["recipes"][0]["file"] = "../../elsewhere.act.yaml"
        files["pack.json"] = json.dumps(manifest).encode()

    assert "pack.json does not tell of the recipes that are there" in refused(again(built, change))


@pytest.mark.parametrize("name", ["../../evil", "a/b", "UPPER", ""])
def test_a_name_that_is_no_folder_is_refused(built, name):
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["pack.json"])
        manifest["name"] = name
        files["pack.json"] = json.dumps(manifest).encode()

    assert "pack.json: name:" in refused(again(built, change))


def test_a_pack_of_a_newer_program_says_so(built):
    def change(files: dict[str, bytes]) -> None:
        files["pack.json"] = json.dumps(json.loads(files["pack.json"]) | {"act_pack": 99}).encode()

    assert "this pack was built by a newer act-spec." in refused(again(built, change))
