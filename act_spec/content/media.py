"""
What modalities of files share: a file's bytes from where the data name them, and what becomes of them.

A file is read once, checked by what it holds, and made anew: what is kept,
sent and shown is never the file itself. Nothing is fetched, and nothing
outside the folder that the recipe names is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from act_spec.records import Part

STORED = "sha256:"
"""Begins the value of a cell that holds the bytes themselves, before their hash."""
MAX_FILES = 50
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|data:|mailto:|javascript:)", re.IGNORECASE)
_SHOWN_CHARS = 120


class MediaError(ValueError):
    """A file that cannot be used; its reason is recorded with the item."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are sent and shown: made by us, named by their hash."""

    sha256: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    What a file came to.

    Attributes:
        shown: What the item's content holds of it: hashes, sizes, text; JSON.
        blobs: The bytes that the hashes name.
    """

    shown: Mapping[str, Any]
    blobs: tuple[Blob, ...] = field(default=())


def sha256_of(data: bytes) -> str:
    """Hex SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def blob(data: bytes, mime: str) -> Blob:
    """Bytes under their hash."""
    return Blob(sha256_of(data), mime, data)


def names_in(value: Any) -> list[str]:
    """
    The files that a cell names: one, several as a JSON list, or none.

    Args:
        value: Text as the data have it; what was prepared before gives its names again.

    Raises:
        MediaError: If it names too many.
    """
    listed: Sequence[Any] = [value] if isinstance(value, str) else value or []
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            read = json.loads(value)
        except ValueError:
            read = None
        listed = read if isinstance(read, list) else listed
    names = [_name(one) for one in listed]
    names = [name for name in names if name]
    if len(names) > MAX_FILES:
        raise MediaError(f"{len(names)} files in one field; at most {MAX_FILES} are taken.")
    return names


def _name(one: Any) -> str:
    if isinstance(one, Mapping):
        return str(one.get("file") or "")
    return "" if one is None else str(one).strip()


def file_bytes(name: str, root: Path, most: int) -> bytes:
    """
    A file's bytes.

    Args:
        name: As the data have it, relative to the folder.
        root: The folder; links that lead out of it are not followed.
        most: Largest size, in bytes.

    Raises:
        MediaError: If it is an address, outside the folder, missing or too large.
    """
    path = file_path(name, root)
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise MediaError(f"it cannot be read: {error.strerror or error}.") from error
    if len(data) > most:
        raise MediaError(f"it is larger than {most // 2**20} MB.")
    if not data:
        raise MediaError("the file is empty.")
    return data


def file_path(name: str, root: Path) -> Path:
    """
    Where a named file is.

    Raises:
        MediaError: If it is an address, outside the folder, missing, or no ordinary file.
    """
    if _ADDRESS.match(name):
        raise MediaError("this is an address, and nothing is fetched. Download it, and name the file.")
    try:
        base = root.resolve()
        path = (base / name).resolve()
        inside = path.is_relative_to(base)
        exists, ordinary = path.exists(), path.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise MediaError("this is not the name of a file.") from error
    if not inside:
        raise MediaError("it lies outside the folder that data.show names as root.")
    if not exists:
        raise MediaError("there is no such file.")
    if not ordinary:
        raise MediaError("this is not an ordinary file.")
    return path


def fits_ending(name: str, endings: Sequence[str], what: str) -> None:
    """
    Hold a file's ending against what it holds; a name without one says nothing.

    Raises:
        MediaError: If they disagree.
    """
    written = ending(name)
    if written and written not in endings:
        raise MediaError(f"it ends in {written[:12]} and holds {what}. Give it its right name.")


def ending(name: str) -> str:
    """How a file's name ends, in lower case; empty for bytes of a cell."""
    return "" if name.startswith(STORED) else Path(name).suffix.lower()


def faults(value: Any) -> Iterator[str]:
    """Why files of a prepared field cannot be used."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping) and "fault" in one:
            yield f"{shown_name(str(one.get('file') or ''))}: {one['fault']}"


def shown_files(files: Iterable[Mapping[str, Any]], value: Any) -> Mapping[str, Any]:
    """A field for the review page: its images or sounds by their hashes, and why others cannot be shown."""
    # Without the files' names, which may tell the answer.
    return {"files": list(files), "faults": [str(one["fault"]) for one in value or () if "fault" in one]}


def shown_name(name: str) -> str:
    """A file's name for people; bytes of a cell have none."""
    if name.startswith(STORED):
        return "the bytes in the data"
    return name if len(name) <= _SHOWN_CHARS else f"{name[: _SHOWN_CHARS - 1]}…"


def enclosed(name: str, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Parts between the delimiters of a field."""
    title = re.sub(r'[\s"<>&]+', " ", name).strip()
    return (
        {"type": "text", "text": f'<field name="{title}">\n'},
        *parts,
        {"type": "text", "text": "\n</field>"},
    )


def image_part(one: Mapping[str, Any]) -> Part:
    """An image in a message, by its hash; its bytes are put in where the message leaves."""
    return {"type": "image", **{key: one[key] for key in ("sha256", "mime", "width", "height")}}
