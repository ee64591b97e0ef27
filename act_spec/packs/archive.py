"""A pack as a zip file: the same files give the same bytes, and a file that was meddled with is refused by name."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from pathlib import Path
from zlib import error as ZlibError  # noqa: N812 - it is an error's class

from act_spec.errors import Problem, RecipeError
from act_spec.library import MANIFEST
from act_spec.packs.build import checked
from act_spec.packs.contents import (
    MOST_BYTES,
    MOST_BYTES_A_FILE,
    MOST_FILES,
    kind_fault,
    path_fault,
)
from act_spec.packs.pack import About, Manifest, Pack, read_manifest
from act_spec.whole_files import write_whole

MOST_ARCHIVE_BYTES = 100 << 20
_START = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1


def pack_bytes(pack: Pack) -> bytes:
    """
    The archive: sorted, without times or owners, and uncompressed.

    Compression would depend on the machine's library; what a pack holds is small.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, data in [(MANIFEST, pack.manifest_bytes), *sorted(pack.files.items())]:
            entry = zipfile.ZipInfo(path, _START)
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    return out.getvalue()


def read_pack(data: bytes, where: str) -> Pack:
    """
    A pack from its archive, every file held against the manifest.

    Args:
        data: The archive.
        where: Its name, for messages.

    Raises:
        RecipeError: With every reason to refuse it.
    """
    if len(data) > MOST_ARCHIVE_BYTES:
        what = f"larger than {MOST_ARCHIVE_BYTES:,} bytes; that is no pack."
        raise RecipeError([Problem(where, 0, 0, "", what)])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _refuse(_entry_faults(entries, where))
            files = _read_all(archive, entries, where)
    except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        what = "this is no archive of a pack, or it is damaged."
        raise RecipeError(
            [Problem(where, 0, 0, "", what, "Build one with `act-spec pack build`.")]
        ) from error
    manifest = files.pop(MANIFEST, None)
    if manifest is None:
        what = f"there is no {MANIFEST} in it."
        raise RecipeError([Problem(where, 0, 0, "", what, "Build the pack with `act-spec pack build`.")])
    said = read_manifest(manifest, where)
    _refuse(_tampered(said, files, where))
    pack = checked(About(name=said.name, version=said.version, about=said.about), files, where)
    if pack.manifest != said:
        what = f"{MANIFEST} does not tell of the recipes that are there."
        raise RecipeError([Problem(where, 0, 0, "", what)])
    return pack


def _entry_faults(entries: list[zipfile.ZipInfo], where: str) -> list[Problem]:
    problems = []
    if len(entries) > MOST_FILES + 1:
        problems.append(
            Problem(where, 0, 0, "", f"{len(entries):,} files; a pack holds at most {MOST_FILES:,}.")
        )
    seen: set[str] = set()
    for entry in entries[: MOST_FILES + 1]:
        if fault := _entry_fault(entry, seen):
            problems.append(Problem(f"{where}: {entry.filename[:200]}", 0, 0, "", f"{fault}."))
        seen.add(entry.filename)
    return problems


def _entry_fault(entry: zipfile.ZipInfo, seen: set[str]) -> str:
    """Why an entry is refused, as the end of a sentence; empty if it is not."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    faults = {
        # What `filename` cuts off at a NUL byte, `orig_filename` still has.
        "its path has a NUL byte": "\0" in entry.orig_filename,
        "it is a symlink": kind == stat.S_IFLNK,
        "it is no ordinary file": kind not in (0, stat.S_IFREG, stat.S_IFLNK),
        "it is encrypted": bool(entry.flag_bits & _ENCRYPTED),
        "it stands in the archive twice": entry.filename in seen,
    }
    found = next((fault for fault, is_so in faults.items() if is_so), "")
    if found or entry.filename == MANIFEST:
        return found
    return path_fault(entry.filename) or kind_fault(entry.filename)


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], where: str) -> dict[str, bytes]:
    """Every file's bytes; what an entry claims of its size is not believed."""
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    for entry in entries:
        most = min(left, MOST_BYTES_A_FILE)
        with archive.open(entry) as file:
            data = file.read(most + 1)
        if len(data) > most:
            what = f"unpacked it is larger than {most:,} bytes; a pack is small."
            raise RecipeError([Problem(f"{where}: {entry.filename}", 0, 0, "", what)])
        left -= len(data)
        files[entry.filename] = data
    return files


def _tampered(manifest: Manifest, files: dict[str, bytes], where: str) -> list[Problem]:
    problems = []
    for path in sorted(manifest.files.keys() | files.keys()):
        said, data = manifest.files.get(path), files.get(path)
        if said is None:
            fault = "it is not in the manifest"
        elif data is None:
            fault = "the manifest names it, and it is not there"
        elif hashlib.sha256(data).hexdigest() != said.sha256 or len(data) != said.bytes:
            fault = "it is not what the manifest says; it was changed after the pack was built"
        else:
            continue
        problems.append(Problem(f"{where}: {path}", 0, 0, "", f"{fault}."))
    return problems


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RecipeError(problems)


def archive_sha256(data: bytes) -> str:
    """What a pack is named by where it must be this one and no other."""
    return hashlib.sha256(data).hexdigest()


def write_archive(path: Path, data: bytes) -> None:
    """
    Write an archive whole or not at all.

    Raises:
        RecipeError: If it cannot be written.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        raise RecipeError([Problem(str(path), 0, 0, "", f"cannot be written: {error.strerror}.")]) from error
