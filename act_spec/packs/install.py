"""Putting a checked pack where recipes find it: whole or not at all, and never over another."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from act_spec.errors import Problem, RecipeError
from act_spec.library import MANIFEST, packs_folder
from act_spec.packs.pack import Pack
from act_spec.whole_files import to_disk


def install(pack: Pack) -> tuple[Path, bool]:
    """
    Write a pack's files; nothing of them is run.

    Returns:
        Where it lies, and whether it is new there.

    Raises:
        RecipeError: If other content is installed under this name and version,
            or it cannot be written.
    """
    folder = packs_folder() / pack.about.name / pack.about.version
    if folder.exists():
        return folder, _same(pack, folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix=".adding-", dir=folder.parent))
        try:
            for path, data in {**pack.files, MANIFEST: pack.manifest_bytes}.items():
                target = scratch.joinpath(*path.split("/"))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            scratch.chmod(0o755)
            to_disk(scratch)
            os.replace(scratch, folder)  # noqa: PTH105 - the rename that is one step
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
    except OSError as error:
        if folder.exists():
            return folder, _same(pack, folder)
        raise RecipeError(
            [Problem(str(folder), 0, 0, "", f"cannot be written: {error.strerror}.")]
        ) from error
    return folder, True


def _same(pack: Pack, folder: Path) -> bool:
    """False, for it is there already; an error if what is there is something else."""
    try:
        there = (folder / MANIFEST).read_bytes()
    except OSError:
        there = b""
    if there == pack.manifest_bytes:
        return False
    what = f"{pack.title} is installed already, with other content."
    hint = f"Raise the version in pack.yaml, or remove {folder}."
    raise RecipeError([Problem(pack.title, 0, 0, "", what, hint)])
