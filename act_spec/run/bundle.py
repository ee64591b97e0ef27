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
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from zlib import error as ZlibError  # noqa: N812 - it is an error's class

from pydantic import BaseModel, ConfigDict, ValidationError

from act_spec.errors import StoreError
from act_spec.library import MANIFEST, pack_of, packs_folder
from act_spec.plan.inputs import inputs
from act_spec.plan.media import media_paths
from act_spec.plan.model import Plan
from act_spec.run.lock import NAME, read_lock
from act_spec.run.replay import DOCUMENTS
from act_spec.run.stage import Folder
from act_spec.store import recording
from act_spec.store.database import Store
from act_spec.store.table_files import read_table, table_names, write_table
from act_spec.whole_files import whole

FORMAT = 1
_START = (1980, 1, 1, 0, 0, 0)
_INDEX = "bundle.json"
_WITHOUT_ITEMS = (NAME, "METHODS.md", "report.html")
_PATH = re.compile(r"[^/\\:\0]+(/[^/\\:\0]+)*")
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


@dataclass(frozen=True)
class Unpacked:
    """A bundle laid out: the recipe, how its parameters were set, the run, and a home with the packs."""

    recipe: Path
    settings: Mapping[str, str]
    run: Path
    home: Path


@contextmanager
def unpacked(bundle: Path) -> Iterator[Unpacked]:
    """
    A bundle's run, made again in a folder that is gone afterwards.

    Raises:
        StoreError: If this is no bundle, one without items, or a file in it is
            not what its list says.
    """
    with TemporaryDirectory(prefix="act-spec-") as scratch:
        folder = Path(scratch)
        try:
            with zipfile.ZipFile(bundle) as archive:
                said = _checked_index(archive, bundle)
                for name, digest in said.files.items():
                    _extract(archive, name, digest, folder, bundle)
        except (
            zipfile.BadZipFile,
            ZlibError,
            EOFError,
            KeyError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise StoreError(f"{bundle}: no bundle of act-spec, or damaged.") from error
        with Store.open(folder / "run" / "run.duckdb") as store:
            for table in table_names(store):
                path = folder / "tables" / f"{table}.jsonl"
                if path.is_file() and table != "meta":
                    with path.open("rb") as lines:
                        read_table(store, table, lines)
            _meta(store, folder / "tables" / "meta.jsonl")
        yield Unpacked(folder / said.recipe, said.settings, folder / "run", folder / "home")


@contextmanager
def home_at(folder: Path) -> Iterator[None]:
    """Look for packs in this home, for as long as it lasts."""
    before = os.environ.get("ACT_SPEC_HOME")
    os.environ["ACT_SPEC_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["ACT_SPEC_HOME"]
        else:
            os.environ["ACT_SPEC_HOME"] = before


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
        with self._open(_INDEX) as out:
            out.write(f"{text}\n".encode())

    def _open(self, name: str) -> IO[bytes]:
        entry = zipfile.ZipInfo(name, _START)
        entry.create_system = 3
        entry.external_attr = (stat.S_IFREG | 0o644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        return self._archive.open(entry, "w", force_zip64=True)


class _Said(BaseModel):
    """What `bundle.json` says, checked in form."""

    model_config = ConfigDict(strict=True)

    act_bundle: int
    recipe: str
    settings: dict[str, str]
    items: bool
    files: dict[str, str]


def _checked_index(archive: zipfile.ZipFile, bundle: Path) -> _Said:
    try:
        said = _Said.model_validate_json(archive.read(_INDEX))
    except ValidationError as error:
        raise StoreError(f"{bundle}: no bundle of act-spec, or damaged.") from error
    if said.act_bundle > FORMAT:
        raise StoreError(f"{bundle}: written by a newer act-spec. Install that version to replay it.")
    for name in [*said.files, said.recipe]:
        if not _PATH.fullmatch(name) or {".", ".."} & set(name.split("/")):
            raise StoreError(f"{bundle}: {name[:200]}: it leads outside the bundle.")
    if not said.items:
        raise StoreError(
            f"{bundle}: its items were left out, so there is nothing to rebuild it from. "
            "Its tables can be read as they are: tables/*.jsonl."
        )
    return said


def _extract(archive: zipfile.ZipFile, name: str, digest: str, folder: Path, bundle: Path) -> None:
    target = folder.joinpath(*name.split("/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, _CHUNK)
    with target.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise StoreError(f"{bundle}: {name}: it is not what bundle.json says; it was changed afterwards.")


def _meta(store: Store, path: Path) -> None:
    """What the run says of itself, but for the version of its tables, which is this program's."""
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if said["key"] != "schema_version":
            store.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [said["key"], said["value"]])
