"""What the program loads, which is what its start costs; tests/benchmarks/startup.py has the times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import documented
import pytest

_LOADED = """
import json, sys
sys.argv = ["act-spec", *{arguments!r}]
from act_spec.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def _loaded(*arguments: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED.format(arguments=arguments)],
        cwd=documented.ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"litellm", "duckdb", "torch", "numpy", "scipy", "pydantic", "jinja2", "ruamel.yaml", "rich"}

    assert _loaded(*arguments) & heavy == set()


def test_check_loads_neither_litellm_nor_torch() -> None:
    loaded = _loaded("check", "recipes/demo.act.yaml")

    assert "act_spec.recipe.load" in loaded
    assert loaded & {"litellm", "torch", "openai", "httpx"} == set()


def test_importing_the_package_loads_none_of_its_parts() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, act_spec; print([m for m in sys.modules if m.startswith('act_spec.')])",
        ],
        cwd=documented.ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )

    assert done.stdout.strip() == "[]"


_CUT_OFF = """
import sys
asked = []
def refuse(event, what):
    if event in {{"socket.connect", "socket.getaddrinfo", "socket.sendto"}}:
        asked.append(what)
        raise OSError(101, "Network is unreachable")
sys.addaudithook(refuse)
sys.argv = ["act-spec", *{arguments!r}]
from act_spec.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
assert not asked, asked
"""


@pytest.mark.parametrize(
    "command",
    ["check recipes/demo.act.yaml", "plan recipes/demo.act.yaml", "run recipes/demo.act.yaml --limit 2"],
)
def test_nothing_asks_the_network_unless_a_model_is_there(command: str, tmp_path: Path) -> None:
    """LiteLLM, which the last of them imports, would fetch its price list otherwise."""
    arguments = [*command.split(), *(["--run", str(tmp_path)] if "run" in command.split() else [])]
    subprocess.run(
        [sys.executable, "-c", _CUT_OFF.format(arguments=arguments)],
        cwd=documented.ROOT,
        check=True,
        capture_output=True,
    )
