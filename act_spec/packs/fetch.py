"""
Where packs come from: a file, an https address, a commit of a git repository, an installed Python package.

Nothing that is fetched is run or imported. What git or the network brings is
read as data, within bounds, and checked like any other pack.
"""

from __future__ import annotations

import importlib.util
import io
import os
import re
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from act_spec.errors import Problem, RecipeError, did_you_mean
from act_spec.library import ALONE_RECIPE, ALONE_VERSION, RECIPE_ENDING, pinned
from act_spec.packs.archive import MOST_ARCHIVE_BYTES, archive_sha256, read_pack
from act_spec.packs.build import DESCRIPTION, checked, read_description, read_folder
from act_spec.packs.contents import MOST_BYTES, MOST_BYTES_A_FILE, MOST_FILES
from act_spec.packs.pack import About, Pack

GROUP = "act_spec.packs"
"""Entry points of this group name the folder of a pack: `support = "my_package.support_pack"`."""
_GIT = re.compile(r"git\+(?P<url>[^@#\s]+(?:@[^@#\s]+)??)@(?P<commit>[^@#\s]+?)(?:#(?P<folder>.+))?")
_RECIPE = re.compile(r"\.ya?ml(\?.*)?$", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_TIMEOUT_S = 60
_GIT_TIMEOUT_S = 300


@dataclass(frozen=True)
class Fetched:
    """
    A pack from elsewhere, checked.

    Attributes:
        pack: Its files.
        source: Where it came from, as it was named.
        sha256: Of the archive that was downloaded; empty where there was none.
        pinned: Whether the user had said which bytes or which commit to take.
    """

    pack: Pack
    source: str
    sha256: str = ""
    pinned: bool = True

    @property
    def is_alone(self) -> bool:
        """Whether it is one recipe that travels without a pack."""
        return self.pack.about.name == self.sha256

    def extended(self, recipe: str) -> str:
        """What a recipe writes behind `extends` to build on one of its recipes."""
        if self.is_alone and "://" in self.source:
            return f"{self.source}#sha256={self.sha256}"
        return f"{self.pack.about.name}/{recipe}@{self.pack.about.version}"


def fetch(source: str, sha256: str | None = None) -> Fetched:
    """
    Read a pack from where a user points.

    Args:
        source: `file.zip`, `https://…`, `git+https://host/repository@COMMIT#folder`,
            or `python:NAME` for a pack of an installed Python package. A file
            or address that ends in `.yaml` is a recipe that travels alone;
            `#sha256=…` behind an address pins it.
        sha256: What the hash of the archive or recipe must be.

    Raises:
        RecipeError: If it cannot be had, or is refused.
    """
    if source.startswith("git+"):
        return Fetched(_from_git(source), source)
    if source.startswith("python:"):
        return Fetched(_from_package(source.removeprefix("python:"), source), source)
    if "://" in source:
        source, sha256 = pinned(source) or (source, sha256)
        data = _download(source)
        return Fetched(_read(data, source, sha256), source, archive_sha256(data), sha256 is not None)
    path = Path(source)
    if path.exists() and not path.is_dir() and not path.is_file():
        raise _fault(source, "this is no ordinary file.")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_ARCHIVE_BYTES + 1)
    except IsADirectoryError:
        raise _fault(
            source, "this is a folder.", f"Build it: act-spec pack build {source} -o pack.zip."
        ) from None
    except OSError as error:
        raise _fault(source, f"cannot be read: {error.strerror}.") from error
    return Fetched(_read(data, source, sha256), source, archive_sha256(data))


def packages() -> list[str]:
    """Names of the packs that installed Python packages bring."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def _read(data: bytes, source: str, sha256: str | None) -> Pack:
    found = archive_sha256(data)
    if sha256 is not None and found != sha256.lower():
        raise _fault(source, f"its SHA-256 is {found}, and {sha256.lower()} was asked for.", "Do not use it.")
    return _alone(data, source, found) if _RECIPE.search(source) else read_pack(data, source)


def _alone(data: bytes, source: str, sha256: str) -> Pack:
    """A recipe without a pack around it, as one whose name is its hash."""
    about = About(name=sha256, version=ALONE_VERSION, about=source[:200])
    return checked(about, {f"{ALONE_RECIPE}{RECIPE_ENDING}": data}, source)


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            raise _fault(req.full_url, "it leads on to an address that is not https.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(address: str) -> bytes:
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise _fault(
            address, "packs are taken from https addresses only.", "Or download it, and add the file."
        )
    if parts.username or parts.password:
        raise _fault(
            f"https://{parts.hostname}{parts.path}", "an address may not carry a user or a password."
        )
    opener = urllib.request.build_opener(_OnlyHttps)
    try:
        with opener.open(address, timeout=_TIMEOUT_S) as answer:
            data: bytes = answer.read(MOST_ARCHIVE_BYTES + 1)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise _fault(address, f"cannot be downloaded: {reason}.") from error
    return data


def _from_git(source: str) -> Pack:
    match = _GIT.fullmatch(source)
    if match is None or not _COMMIT.fullmatch(match["commit"]):
        what = "a commit must be pinned, by its whole hash."
        raise _fault(source, what, "Write git+https://host/repository@COMMIT, and #folder for a part of it.")
    scheme = urlsplit(match["url"]).scheme
    if scheme not in ("https", "ssh", "file"):
        raise _fault(source, "git repositories are read over https, ssh or from files.")
    with TemporaryDirectory(prefix="act-spec-git-") as scratch:
        _git(source, scratch, "init", "--quiet", "--bare")
        _git(
            source,
            scratch,
            "fetch",
            "--quiet",
            "--depth",
            "1",
            "--no-tags",
            "--",
            match["url"],
            match["commit"],
        )
        tree = "FETCH_HEAD" + (f":{match['folder'].strip('/')}" if match["folder"] else "")
        archive = _git(source, scratch, "archive", "--format=tar", tree)
    files = dict(_untarred(archive, source))
    description = files.pop(DESCRIPTION, None)
    if description is None:
        raise _fault(
            source, f"there is no {DESCRIPTION} there.", "Name the folder of the pack: …@COMMIT#folder."
        )
    return checked(read_description(description, f"{source}: {DESCRIPTION}"), files, source)


def _git(source: str, folder: str, *words: str) -> bytes:
    """Git's output; without hooks, prompts, or any transport but those that were asked for."""
    environment = {
        **os.environ,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:ssh:file",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", folder, *words]
    try:
        done = subprocess.run(  # noqa: S603 - words of our own; address and commit are checked above
            command, env=environment, capture_output=True, check=False, timeout=_GIT_TIMEOUT_S
        )
    except FileNotFoundError:
        raise _fault(source, "git is not installed.", "Or add the pack as a file.") from None
    except subprocess.TimeoutExpired:
        raise _fault(source, f"git took longer than {_GIT_TIMEOUT_S} seconds.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _fault(source, f"git cannot read it: {said[-1] if said else 'it said nothing'}.")
    return done.stdout


def _untarred(data: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    left = MOST_BYTES
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for number, entry in enumerate(archive):
            if entry.isdir() or entry.name.split("/")[-1].startswith("."):
                continue
            if entry.issym() or entry.islnk():
                raise _fault(f"{source}: {entry.name}", "it is a symlink.")
            file = archive.extractfile(entry) if entry.isfile() else None
            if file is None:
                raise _fault(f"{source}: {entry.name}", "it is no ordinary file.")
            if number > MOST_FILES or entry.size > min(left, MOST_BYTES_A_FILE):
                raise _fault(source, "it is larger than a pack may be.")
            left -= entry.size
            yield entry.name, file.read()


def _from_package(name: str, source: str) -> Pack:
    """The folder that an entry point names, found without importing anything of the package."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        known = did_you_mean(name, sorted(found)) or "None does."
        raise _fault(source, f"no installed Python package brings a pack '{name}'.", known)
    steps = found[name].value.replace(":", ".").split(".")
    spec = importlib.util.find_spec(steps[0])
    for root in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(root).joinpath(*steps[1:])
        if folder.is_dir():
            return read_folder(folder)
    raise _fault(source, f"the package names the folder {found[name].value}, and it is not there.")


def _fault(where: str, what: str, hint: str = "") -> RecipeError:
    return RecipeError([Problem(where, 0, 0, "", what, hint)])
