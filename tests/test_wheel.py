"""The wheel holds what the program needs away from its checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import documented
import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network by the very build tool of pyproject.toml."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=documented.ROOT,
        check=True,
        capture_output=True,
        timeout=600,
    )
    [built] = folder.glob("*.whl")
    return built


def test_it_holds_every_template_and_recipe(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    wanted = {
        f"act_spec/_shipped/{path.relative_to(documented.ROOT).as_posix()}"
        for folder in ("templates", "recipes")
        for path in (documented.ROOT / folder).rglob("*")
        if path.is_file() and "runs" not in path.parts
    }

    assert wanted
    assert wanted - names == set()


def test_it_holds_every_module_and_no_test(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    modules = {
        path.relative_to(documented.ROOT).as_posix() for path in (documented.ROOT / "act_spec").rglob("*.py")
    }

    assert modules - names == set()
    assert "act_spec/py.typed" in names
    assert {name.split("/")[0] for name in names if not name.startswith("act_spec-")} == {"act_spec"}


def test_the_program_works_from_it(wheel: Path, tmp_path: Path) -> None:
    """From an unpacked wheel, where only `_shipped` can give templates and recipes."""
    ZipFile(wheel).extractall(tmp_path / "site")
    where = documented.shell(
        "python -c 'import act_spec; print(act_spec.__file__)'", tmp_path, PYTHONPATH=str(tmp_path / "site")
    )
    begun = documented.shell(
        "act-spec --help && act-spec init task --from review-topics && act-spec plan task",
        tmp_path,
        PYTHONPATH=str(tmp_path / "site"),
    )

    assert where.stdout.startswith(str(tmp_path / "site"))
    assert begun.returncode == 0, begun.stderr
    assert "60 items" in begun.stdout
