"""What looks for the key in every other test finds it, wherever it is put."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import canary
import duckdb
import pytest


def in_text(folder: Path) -> None:
    (folder / "log.txt").write_text(f"refused: {canary.KEY}!")


def across_pieces(folder: Path) -> None:
    (folder / "long.bin").write_bytes(b"0" * ((1 << 20) - 5) + canary.KEY.encode())


def in_an_archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", "0" * 10_000 + canary.KEY + "0" * 10_000)


def in_a_database(folder: Path) -> None:
    """In enough like rows for DuckDB to pack them: the bytes of the file do not show it."""
    with duckdb.connect(str(folder / "run.duckdb")) as connection:
        connection.execute("CREATE SCHEMA history")
        connection.execute(
            "CREATE TABLE history.said AS SELECT range AS n, 'why ' || range || ? || range AS t FROM range(9999)",
            [canary.KEY],
        )
        connection.execute("FORCE CHECKPOINT")


def in_a_name(folder: Path) -> None:
    (folder / f"{canary.KEY}.txt").touch()


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is gone before this test is looked at itself."""
    folder = tmp_path_factory.mktemp("elsewhere")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("put", [in_text, across_pieces, in_an_archive, in_a_database, in_a_name])
def test_a_key_that_got_out_is_found(elsewhere: Path, put: Callable[[Path], None]) -> None:
    canary.look_at_files(elsewhere, databases=True)
    put(elsewhere)

    with pytest.raises(canary.LeakedError):
        canary.look_at_files(elsewhere, databases=True)


LETS_IT_OUT = """
import os
import pytest

KEY = os.environ["ACT_SPEC_CANARY_API_KEY"]

def test_file(tmp_path): (tmp_path / "a").write_text(KEY)
def test_print(): print(KEY)
def test_read(capsys):
    print(KEY)
    capsys.readouterr()
def test_error():
    with pytest.raises(ValueError):
        raise ValueError(KEY)
def test_cause():
    with pytest.raises(ValueError):
        raise ValueError("no") from KeyError(KEY)
def test_quiet(tmp_path): (tmp_path / "a").write_text("nothing")
"""


@pytest.mark.promise("secrets")
def test_a_test_that_lets_the_key_out_fails(elsewhere: Path) -> None:
    """All would pass if nobody looked. The last does nothing; what is shared is looked at when it is over."""
    tests = Path(__file__).parent
    (elsewhere / "conftest.py").write_text((tests / "conftest.py").read_text(encoding="utf-8"))
    (elsewhere / "test_it.py").write_text(LETS_IT_OUT)

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "--import-mode=importlib",
            f"--basetemp={elsewhere / 'made'}",
        ],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
        capture_output=True,
        text=True,
        check=False,
    )

    failed = re.findall(r"^ERROR test_it.py::(\w+) - .*the canary key is in", done.stdout, re.MULTILINE)
    assert failed == ["test_file", "test_print", "test_read", "test_error", "test_cause", "test_quiet"]
    assert "6 passed" in done.stdout


def test_the_key_is_in_the_environment_and_looks_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from act_spec.llm.keys import redact

    assert redact(f"refused: {canary.KEY}") == "refused: [key]"
