"""
A bundle laid out again, to be replayed: within bounds, and nothing of it outside its own folder.

Whoever sends a bundle decides what is in it. What it claims of itself is
checked before it is used: names, kinds, sizes, hashes, tables, and which files
its recipe reads.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import error as ZlibError  # noqa: N812 - it is an error's class

from pydantic import BaseModel, ConfigDict, ValidationError

from act_spec.errors import Problem, RecipeError, StoreError
from act_spec.recipe.file_paths import named_files
from act_spec.recipe.load import load_recipe
from act_spec.recipe.nodes import shown
from act_spec.store.database import Store
from act_spec.store.table_files import read_meta, read_table, table_names

FORMAT = 1
INDEX = "bundle.json"
MOST_FILES = 1_000_000
MOST_INDEX_BYTES = 256 << 20
MOST_TIMES = 200
"""How often its own size a bundle may unpack to: tables of real runs come to 5 to 30 times."""
ALWAYS_BYTES = 64 << 20
_PATH = re.compile(r"[^/\\:\0]+(/[^/\\:\0]+)*")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Unpacked:
    """A bundle laid out: its folder, the recipe, how its parameters were set, the run, and a home with the packs."""

    folder: Path
    recipe: Path
    settings: Mapping[str, str]
    run: Path
    home: Path

    def refuse_files_outside(self) -> None:
        """
        Make sure that the recipe reads nothing but what came in the bundle.

        Raises:
            RecipeError: With every file of it that lies elsewhere.
        """
        loaded = load_recipe(self.recipe, self.settings)
        home = self.folder.resolve()
        problems = [
            Problem(
                *node.place,
                shown(path),
                f"'{node.text}' is outside the bundle, which reads only its own files.",
            )
            for path, node in named_files(loaded.tree)
            if not (loaded.path.parent / node.text).resolve().is_relative_to(home)
        ]
        problems += [
            Problem(str(path), 0, 0, "extends", "it is outside the bundle, which reads only its own files.")
            for path in loaded.files
            if not path.resolve().is_relative_to(home)
        ]
        if problems:
            raise RecipeError(problems)


class _Said(BaseModel):
    """What `bundle.json` says, checked in form."""

    model_config = ConfigDict(strict=True)

    act_bundle: int
    recipe: str
    settings: dict[str, str]
    items: bool
    files: dict[str, str]


@contextmanager
def unpacked(bundle: Path) -> Iterator[Unpacked]:
    """
    A bundle's run, made again in a folder that is gone afterwards.

    Raises:
        StoreError: If this is no bundle, one without items, one that unpacks to
            too much, or a file in it is not what its list says.
    """
    with TemporaryDirectory(prefix="act-spec-") as scratch:
        folder = Path(scratch)
        try:
            with zipfile.ZipFile(bundle) as archive:
                said = _checked_index(archive, bundle)
                _extract_all(archive, said.files, folder, bundle)
            _rebuild(folder, bundle)
        except (
            zipfile.BadZipFile,
            ZlibError,
            EOFError,
            OSError,
            KeyError,
            TypeError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise StoreError(f"{bundle}: no bundle of act-spec, or damaged.") from error
        with _named_by(bundle, folder):
            yield Unpacked(folder, folder / said.recipe, said.settings, folder / "run", folder / "home")


@contextmanager
def _named_by(bundle: Path, folder: Path) -> Iterator[None]:
    """Faults of files in the bundle under the bundle's name, and not that of a folder which is gone."""
    before, after = f"{folder}{os.sep}", f"{bundle}: "
    try:
        yield
    except RecipeError as error:
        problems = [replace(one, file=one.file.replace(before, after)) for one in error.problems]
        raise RecipeError(problems) from error
    except StoreError as error:
        raise StoreError(str(error).replace(before, after)) from error


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


def _checked_index(archive: zipfile.ZipFile, bundle: Path) -> _Said:
    with archive.open(INDEX) as file:
        text = file.read(MOST_INDEX_BYTES + 1)
    if len(text) > MOST_INDEX_BYTES:
        raise StoreError(
            f"{bundle}: {INDEX}: larger than {MOST_INDEX_BYTES:,} bytes; that is no list of a bundle."
        )
    try:
        said = _Said.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(f"{bundle}: no bundle of act-spec, or damaged.") from error
    if said.act_bundle > FORMAT:
        raise StoreError(f"{bundle}: written by a newer act-spec. Install that version to replay it.")
    if fault := _names_fault([*said.files, said.recipe], archive.infolist()):
        raise StoreError(f"{bundle}: {fault}.")
    if not said.items:
        raise StoreError(
            f"{bundle}: its items were left out, so there is nothing to rebuild it from. "
            "Its tables can be read as they are: tables/*.jsonl."
        )
    return said


def _names_fault(named: Sequence[str], entries: Sequence[zipfile.ZipInfo]) -> str:
    """Why a name in the list or in the archive is refused; empty if none is."""
    if len(entries) > MOST_FILES:
        return f"{len(entries):,} files; a bundle holds at most {MOST_FILES:,}"
    seen: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name, other = entry.filename, seen.setdefault(entry.filename.casefold(), entry)
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            return f"{name[:200]}: it is a link or a device, and no ordinary file"
        if other is not entry and other.filename == name:
            return f"{name[:200]}: it stands in the archive twice"
        if other is not entry:
            return f"{name[:200]}: some systems take it and {other.filename[:200]} for one file"
    for name in named:
        if not _PATH.fullmatch(name) or {".", ".."} & set(name.split("/")):
            return f"{name[:200]}: it leads outside the bundle"
    return ""


def _extract_all(archive: zipfile.ZipFile, files: Mapping[str, str], folder: Path, bundle: Path) -> None:
    """Every file of the list, its bytes held against the hash; what an entry claims of its size is not believed."""
    left = min(max(ALWAYS_BYTES, MOST_TIMES * bundle.stat().st_size), shutil.disk_usage(folder).free)
    for name, said in files.items():
        target = folder.joinpath(*name.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with archive.open(name) as source, target.open("xb") as out:
            while piece := source.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise StoreError(
                        f"{bundle}: {name}: with it the bundle unpacks to more than {MOST_TIMES} times its size, "
                        "or than the disk has room for."
                    )
                digest.update(piece)
                out.write(piece)
        if digest.hexdigest() != said:
            raise StoreError(f"{bundle}: {name}: it is not what {INDEX} says; it was changed afterwards.")


def _rebuild(folder: Path, bundle: Path) -> None:
    """The run's database from its tables; one that came along would be opened as it is, and is refused."""
    database = folder / "run" / "run.duckdb"
    if database.exists():
        raise ValueError("a bundle holds tables, and no database")
    database.parent.mkdir(exist_ok=True)
    with Store.open(database) as store:
        try:
            for table in table_names(store):
                path = folder / "tables" / f"{table}.jsonl"
                if path.is_file() and table != "meta":
                    with path.open("rb") as lines:
                        read_table(store, table, lines)
            with (folder / "tables" / "meta.jsonl").open("rb") as lines:
                read_meta(store, lines)
        except StoreError as error:
            raise StoreError(f"{bundle}: {error}") from error
