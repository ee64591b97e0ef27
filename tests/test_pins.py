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


# The last versions that carried something, or had a hole that reaches us; newer ones are mended.
COMPROMISED = [
    ("litellm", "1.82.7", "carried a credential stealer (MAL-2026-2144)"),
    ("litellm", "1.82.8", "carried a credential stealer that ran at every start of Python (MAL-2026-2144)"),
    ("jinja2", "3.1.5", "a way out of the sandbox (CVE-2025-27516)"),
    ("click", "8.3.2", "PYSEC-2026-2132"),
    ("starlette", "1.0.0", "a forged Host header (CVE-2026-48710)"),
    ("pillow", "12.1.0", "CVE-2026-40192"),
    ("pillow", "12.2.0", "CVE-2026-55380"),
    ("torch", "2.5.1", "code out of a checkpoint (CVE-2025-32434)"),
    ("torch", "2.9.1", "code out of a checkpoint (CVE-2026-24747)"),
    ("ray", "2.51.2", "anybody may run code on a cluster (CVE-2023-48022, CVE-2025-62593)"),
    ("duckdb", "1.4.1", "encryption (CVE-2025-64429)"),
]


@pytest.mark.promise("code")
@pytest.mark.parametrize(
    ("name", "version", "why"), COMPROMISED, ids=lambda value: value if "." in value else None
)
def test_no_version_with_a_known_compromise_can_be_installed(name, version, why):
    bounds = [one for one in wanted() if canonicalize_name(one.name) == name]

    assert bounds, f"{name} is no dependency any more"
    for one in bounds:
        assert not one.specifier.contains(version, prereleases=True), f"{one} allows {version}: {why}"


EXCEPTION = re.compile(r"# noqa: [^#\n]*?\bS\d+")
WITH_REASON = re.compile(r"# noqa: ([A-Z]+\d+)(, [A-Z]+\d+)* - \w+")


def test_every_exception_from_a_security_rule_says_why():
    """Of ruff's `S`, which `make lint` holds over everything: what is let through is our own, and says how."""
    code = [
        path for folder in ("act_spec", "docs", ".ci") for path in (documented.ROOT / folder).rglob("*.py")
    ]
    found = [
        (path.name, line)
        for path in code
        for line in path.read_text(encoding="utf-8").splitlines()
        if EXCEPTION.search(line)
    ]
    lint = PROJECT["tool"]["ruff"]["lint"]

    assert lint["select"] == ["ALL"]
    assert not [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    assert len(found) > 5
    assert [one for one in found if not WITH_REASON.search(one[1])] == []
