"""Every file that is written goes through here: it is under its name whole and on the disk, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path, *, lasting: bool = True) -> Iterator[Path]:
    """
    Lend a name beside `path` to write a file or a folder to; it takes the place of what is at `path` at the end.

    Whenever the process or the machine stops, `path` is what it was before or
    all of what it shall be; what a kill leaves beside it is overwritten by the
    next attempt. A folder that is there is first removed.

    Args:
        path: The file's name.
        lasting: Wait until it is on the disk; False for what nobody needs after a power cut.

    Raises:
        OSError: If it cannot be written; nothing is left beside it then.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        if partial.is_dir():
            shutil.rmtree(partial)
        yield partial
        if lasting:
            to_disk(partial)
        if partial.is_dir() and path.is_dir():
            shutil.rmtree(path)
        partial.replace(path)
    except BaseException:
        _remove(partial)
        raise
    if lasting:
        _folder_to_disk(path.parent)


def write_whole(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """
    Write a file whole or not at all; see `whole`.

    Raises:
        OSError: If it cannot be written.
    """
    with whole(path, lasting=lasting) as partial:
        partial.write_bytes(data)


def write_new_whole(path: Path, data: bytes) -> None:
    """
    Write a file that must not be there yet, whole or not at all.

    Raises:
        FileExistsError: If something is there, which is left as it is.
        OSError: If it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(data)
        to_disk(partial)
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            raise
        except OSError:
            # Some file systems have no links: the name is claimed first, and its file replaced at once.
            path.open("xb").close()
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _folder_to_disk(path.parent)


def to_disk(path: Path) -> None:
    """
    Wait until a file, or every file of a folder, is on the disk.

    Raises:
        OSError: If the disk refuses.
    """
    if path.is_dir():
        for inner in path.iterdir():
            to_disk(inner)
        _folder_to_disk(path)
        return
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """A new name is on the disk once its folder is; Windows keeps no such order and opens no folders."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.unlink(missing_ok=True)
