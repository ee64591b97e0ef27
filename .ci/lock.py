"""
Write .ci/run.lock and .ci/test.lock: the pins of constraints.txt with the hash of every file that PyPI has of them.

    make lock

`make` installs these files first and checks each hash. What a platform wants
beside them (torch and what its build brings, which differ from machine to
machine) is installed after them by its pin alone.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

ROOT = Path(__file__).parents[1]
BUILD = ("pip", "hatchling", "editables")
# Its files are gigabytes or hundreds of megabytes, as the machine has it, from one index or another.
BY_PIN_ALONE = frozenset({"torch"})
_HEAD = "# Written by `make lock` from constraints.txt; do not edit.\n"


def pins() -> dict[str, str]:
    """Name to version."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in lines)
        if version
    }


def needed(name: str) -> Iterator[str]:
    """A distribution, its requirements in this environment, and theirs."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(name, frozenset[str]())]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one[0]
        try:
            wanted = [Requirement(line) for line in requires(one[0]) or ()]
        except PackageNotFoundError:
            continue
        waiting += [
            (canonicalize_name(requirement.name), frozenset(requirement.extras))
            for requirement in wanted
            if requirement.marker is None
            or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *one[1]))
        ]


def hashes(pin: tuple[str, str]) -> list[str]:
    """SHA-256 of every file of a version that is not withdrawn."""
    name, version = pin
    request = urllib.request.Request(
        f"https://pypi.org/simple/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
        files = json.load(answer)["files"]
    return sorted(
        one["hashes"]["sha256"]
        for one in files
        if _version(one["filename"]) == version and not one.get("yanked")
    )


def _version(file: str) -> str:
    try:
        return str(parse_wheel_filename(file)[1] if file.endswith(".whl") else parse_sdist_filename(file)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


def main() -> None:
    """Write both files."""
    pinned = {name: version for name, version in pins().items() if name not in BY_PIN_ALONE}
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(pinned, pool.map(hashes, pinned.items()), strict=True))
    lost = [name for name, of in found.items() if not of]
    if lost:
        sys.exit(f"PyPI has no file of these pins: {', '.join(lost)}")
    runs = {name for first in ("act_spec", *BUILD) for name in needed(first)}
    for file, names in (("run.lock", sorted(runs & pinned.keys())), ("test.lock", sorted(pinned))):
        lines = [
            f"{name}=={pinned[name]} \\\n" + " \\\n".join(f"    --hash=sha256:{one}" for one in found[name])
            for name in names
        ]
        (ROOT / ".ci" / file).write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
