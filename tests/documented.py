"""Reads the fenced blocks of our documents and runs the program as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(
    r"^```(?P<language>\w*)[ ]*(?P<title>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_PROGRAM = "#!{python}\nfrom act_spec.cli import main\n\nmain()\n"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, what else stands on its first line, and its text."""

    language: str
    title: str
    text: str


def blocks(document: str, language: str = "") -> list[Block]:
    """The fenced blocks of a document under the repository's root, in order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = [Block(match["language"], match["title"], match["text"]) for match in _FENCE.finditer(text)]
    return [block for block in found if language in {"", block.language}]


@cache
def _bin() -> Path:
    """A folder with `act-spec` in it, which runs this checkout."""
    folder = Path(mkdtemp(prefix="act-spec-bin-"))
    program = folder / "act-spec"
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    return folder


def shell(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line with `act-spec` on the path; without the user's keys."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    path = f"{_bin()}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    variables = {**kept, "PATH": path, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def act_spec(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `act-spec` with these arguments, which must succeed."""
    done = shell("act-spec " + " ".join(arguments), folder)

    assert done.returncode == 0, done.stdout + done.stderr
    return done


@cache
def demo() -> tuple[str, Path]:
    """What `make demo` prints on stdout, and its run folder; walked once for all tests."""
    folder = Path(mkdtemp(prefix="act-spec-demo-"))
    recipe = "recipes/demo.act.yaml"
    plan = act_spec(["plan", recipe], ROOT).stdout
    run = act_spec(["run", recipe, "--run", str(folder / "demo")], ROOT).stdout
    printed = (
        f"$ act-spec plan {recipe}\n{plan}\n"
        f"$ act-spec run {recipe} --run runs/demo\n{run.replace(str(folder), 'runs')}"
    )
    return printed, folder / "demo"
