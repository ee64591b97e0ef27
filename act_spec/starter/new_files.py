"""Writing files that are not there yet: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from act_spec.errors import Problem, RecipeError
from act_spec.whole_files import write_new_whole


def refuse_existing(paths: Iterable[Path]) -> None:
    """
    Make sure that nothing would be overwritten.

    Raises:
        RecipeError: If one of the files is there already, or can never be.
    """
    for path in paths:
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise RecipeError([_cannot_write(path, error)]) from error
        raise RecipeError([_there_already(path)])


def write_new(files: Mapping[Path, bytes]) -> None:
    """
    Write the files in their order, with the folders they need; after a failure none is left.

    Raises:
        RecipeError: If one is there already, or cannot be written.
    """
    written: list[Path] = []
    folders: list[Path] = []
    try:
        for path, content in files.items():
            folders += _make_folders(path.parent)
            write_new_whole(path, content)
            written.append(path)
    except BaseException as error:
        _take_back(written, folders)
        if isinstance(error, OSError):
            raise RecipeError([_cannot_write(path, error)]) from error
        raise


def _make_folders(folder: Path) -> list[Path]:
    """Make the missing folders; returns them, outermost first."""
    missing = [one for one in (folder, *folder.parents) if not os.path.lexists(one)][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _take_back(written: Iterable[Path], folders: list[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)
    for folder in reversed(folders):
        # Somebody else may have put something there in the meantime.
        with suppress(OSError):
            folder.rmdir()


def _cannot_write(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileExistsError) and os.path.lexists(path):
        return _there_already(path)
    return Problem(str(path), 0, 0, "", f"cannot be written: {error.strerror}.")


def _there_already(path: Path) -> Problem:
    return Problem(
        str(path), 0, 0, "", "this file is there already.", "Name another folder, or move it away."
    )
