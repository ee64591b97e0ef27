"""What is installed for development: versions that the project allows, with hashes, and no withdrawn ones."""

from __future__ import annotations

import re
import tomllib

import documented
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINS = {
    canonicalize_name(name): version
    for name, _, version in (
        line.partition("==")
        for line in (documented.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    )
    if version
}
PROJECT = tomllib.loads((documented.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKED = re.compile(r"(\S+)==(\S+) ((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)")


def wanted() -> list[Requirement]:
    project = PROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [
        Requirement(line)
        for line in (*project["dependencies"], *extras, *PROJECT["dependency-groups"]["dev"])
    ]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_a_pin_is_a_version_that_the_project_allows(requirement):
    """So also none of those that pyproject.toml rules out for having carried something."""
    version = PINS.get(canonicalize_name(requirement.name))
    if version is None:
        assert canonicalize_name(requirement.name) in {"act-spec", "torchvision"}
    else:
        assert requirement.specifier.contains(version)


@pytest.mark.parametrize("file", ["run.lock", "test.lock"])
def test_every_locked_version_is_the_pinned_one_and_has_hashes(file):
    text = (documented.ROOT / ".ci" / file).read_text(encoding="utf-8")
    locked = {name: version for name, version, _ in LOCKED.findall(text)}

    assert len(locked) == text.count("==")
    assert {name: PINS[name] for name in locked} == locked


def test_all_but_torch_is_locked():
    text = (documented.ROOT / ".ci" / "test.lock").read_text(encoding="utf-8")

    assert set(PINS) - {name for name, _, _ in LOCKED.findall(text)} == {"torch"}
