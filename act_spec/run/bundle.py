"""
A run as one archive for whoever checks it: the recipe, the data, every table as lines of JSON, the documents.

    README.txt, bundle.json        what this is; every file with its hash
    project/…                      recipe, data and whatever else went in
    home/packs/…                   packs that the recipe extends
    run/…                          act.lock and the documents
    tables/….jsonl                 every table of the run

`act-spec replay` rebuilds the run from it. Without items, what quotes them is
left out, and nothing can be rebuilt; labels, probabilities, draws and figures
can still be looked at. No key and no path of the machine goes in.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from act_spec.errors import StoreError
from act_spec.library import MANIFEST, pack_of, packs_folder
from act_spec.plan.inputs import inputs
from act_spec.plan.media import media_paths
from act_spec.plan.model import Plan
from act_spec.run.lock import NAME, read_lock
from act_spec.run.replay import DOCUMENTS
from act_spec.run.stage import Folder
from act_spec.run.unpack import FORMAT, INDEX
from act_spec.store import recording
from act_spec.store.table_files import table_names, write_table
from act_spec.whole_files import whole

_START = (1980, 1, 1, 0, 0, 0)
_WITHOUT_ITEMS = (NAME, "METHODS.md", "report.html")
_CHUNK = 1 << 20
_README = """\
A run of act-spec, to be checked: {name}, plan {plan}.

{what}

project/   the recipe and what went in
run/       act.lock, which pins what decided the result, and the documents
tables/    every table of the run, a line of JSON a row
bundle.json lists every file with its SHA-256.
"""
_REBUILD = "With act_spec {version} installed, and no key:  act-spec replay {file}"
_LOOK = (
    "Item texts, model replies and notes of reviewers are left out, so the run cannot be rebuilt from it.\n"
    "Labels, error probabilities, draws, weights and figures are all there."
)


@dataclass(frozen=True)
class Bundled:
    """An archive as written: its files, bytes and hash."""

    files: int
    size: int
    sha256: str


def write_bundle(plan: Plan, run: Path, output: Path, *, with_items: bool = True) -> Bundled:
    """
    Write the archive; the same run gives the same bytes.

    Raises:
        StoreError: If the run is not finished, names files by a path of this
            machine, or quotes items where none shall be; or on a write error.
    """
    lock = read_lock(Folder(run))
    if lock is None:
        raise StoreError(f"{run}: there is no act.lock yet. Walk the recipe with `act-spec run` first.")
    if not with_items and plan.task.quotes:
        raise StoreError(
            f"{run}: labels of kind {plan.task.kind} quote the items, so items cannot be left out."
        )
    files = _files(plan, run, with_items=with_items)
    try:
        with (
            whole(output) as partial,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        ):
            index = _Index(archive)
            said = {"name": plan.name, "plan": plan.hash[:8], "what": _LOOK}
            if with_items:
                said["what"] = _REBUILD.format(version=lock["versions"]["act_spec"], file=output.name)
            index.add_bytes("README.txt", _README.format(**said).encode())
            for name, path in sorted(files.items()):
                index.add_file(name, path)
            with recording.copy_of(run / "run.duckdb") as store:
                for table in table_names(store):
                    index.add_lines(f"tables/{table}.jsonl", write_table(store, table, with_items=with_items))
            index.close(
                {
                    "act_bundle": FORMAT,
                    "name": plan.name,
                    "plan": plan.hash,
                    "recipe": _inside(plan, plan.recipe_path),
                    "settings": dict(plan.settings),
                    "items": with_items,
                }
            )
    except OSError as error:
        raise StoreError(f"{output}: cannot be written: {error.strerror or error}.") from error
    with output.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Bundled(len(index.hashes), output.stat().st_size, digest)


def _files(plan: Plan, run: Path, *, with_items: bool) -> dict[str, Path]:
    """Name in the archive to file."""
    found: dict[str, Path] = {}
    for one in inputs(plan):
        pack = pack_of(one.path)
        if pack is not None:
            # The manifest too: by it the pack is found again.
            for path in (one.path.resolve(), pack / MANIFEST):
                found[f"home/packs/{path.relative_to(packs_folder().resolve()).as_posix()}"] = path
        elif with_items or one.what in ("recipe", "templates"):
            paths = (
                sorted(path for path in one.path.rglob("*") if path.is_file())
                if one.path.is_dir()
                else [one.path]
            )
            found |= {_inside(plan, path): path for path in paths}
    if with_items:
        found |= {_inside(plan, path): path for path in media_paths(plan)}
    for name in DOCUMENTS if with_items else _WITHOUT_ITEMS:
        if (run / name).is_file():
            found[f"run/{name}"] = run / name
    return found


def _inside(plan: Plan, path: Path) -> str:
    """
    Where a file of the project stands in the archive: as seen from the recipe.

    Files above the recipe's folder keep their place, so the recipe stands as
    many folders deep as the highest of them is above it.
    """
    folder = plan.recipe_path.parent.resolve()
    names = [one.name for one in inputs(plan) if not one.name.startswith("pack:")]
    depth = max(name.split("/").count("..") for name in names)
    seen = Path(os.path.relpath(path.resolve(), folder)).as_posix()
    inner = posixpath.normpath(posixpath.join(*("in" for _ in range(depth)), seen) if depth else seen)
    if inner.startswith(("..", "/")) or _names_root(plan):
        raise StoreError(
            f"{plan.recipe_path}: names files by their whole path, and these would not be found elsewhere. "
            "Write them from the recipe's folder."
        )
    return f"project/{inner}"


def _names_root(plan: Plan) -> bool:
    return Path(plan.data.query.source.name).is_absolute()


class _Index:
    """Adds files to an archive without times or owners, and remembers their hashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.hashes: dict[str, str] = {}

    def add_bytes(self, name: str, data: bytes) -> None:
        self.add_lines(name, iter([data]))

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self.add_lines(name, iter(lambda: file.read(_CHUNK), b""))

    def add_lines(self, name: str, pieces: Iterator[bytes]) -> None:
        digest = hashlib.sha256()
        with self._open(name) as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
        self.hashes[name] = digest.hexdigest()

    def close(self, said: Mapping[str, Any]) -> None:
        text = json.dumps({**said, "files": self.hashes}, indent=1, ensure_ascii=False, sort_keys=True)
        with self._open(INDEX) as out:
            out.write(f"{text}\n".encode())

    def _open(self, name: str) -> IO[bytes]:
        entry = zipfile.ZipInfo(name, _START)
        entry.create_system = 3
        entry.external_attr = (stat.S_IFREG | 0o644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        return self._archive.open(entry, "w", force_zip64=True)
