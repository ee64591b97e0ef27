"""What CONTRIBUTING.md and SECURITY.md say: the example is added to a copy of the package and used."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import documented
import pytest

EXAMPLE = documented.blocks("CONTRIBUTING.md", "python")
CONTRIBUTING = (documented.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the parts that matter, with the example's files where the text puts them."""
    folder = tmp_path_factory.mktemp("checkout")
    skip = shutil.ignore_patterns("__pycache__", "runs")
    for name in ("act_spec", "templates", "recipes"):
        shutil.copytree(documented.ROOT / name, folder / name, ignore=skip)
    for path in ("pyproject.toml", "tests/strategies/allocators/test_every_allocator.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(documented.ROOT / path, folder / path)
    for block in EXAMPLE:
        (folder / block.title).write_text(block.text, encoding="utf-8")
    return folder


def test_the_example_is_one_short_file_and_its_test() -> None:
    strategy, test = EXAMPLE

    assert strategy.title.startswith("act_spec/strategies/")
    assert test.title.startswith("tests/strategies/")
    assert len(strategy.text.splitlines()) <= 60


def test_the_examples_own_test_passes(checkout: Path) -> None:
    """Together with the test that every rule must pass."""
    done = documented.shell(
        "python -m pytest -q -p no:cacheprovider tests/strategies/allocators",
        checkout,
        PYTHONPATH=str(checkout),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "unsure" in (checkout / EXAMPLE[1].title).read_text(encoding="utf-8")


def test_a_recipe_can_use_the_example(checkout: Path, tmp_path: Path) -> None:
    [budget] = [block.text for block in documented.blocks("CONTRIBUTING.md", "yaml")]
    recipe = checkout / "recipes" / "demo.act.yaml"
    text = re.sub(r"^budget:.*\n", lambda _: budget, recipe.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (checkout / "recipes" / "unsure.act.yaml").write_text(text, encoding="utf-8")

    planned = documented.shell("act-spec plan recipes/unsure.act.yaml", checkout, PYTHONPATH=str(checkout))

    assert "by the rule unsure.v1" in planned.stdout, planned.stderr


def test_a_misspelt_parameter_of_the_example_is_refused_with_its_place(checkout: Path) -> None:
    [budget] = [block.text for block in documented.blocks("CONTRIBUTING.md", "yaml")]
    recipe = (checkout / "recipes" / "demo.act.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^budget:.*\n", lambda _: budget.replace("floor", "flor"), recipe, flags=re.MULTILINE)
    (checkout / "recipes" / "wrong.act.yaml").write_text(text, encoding="utf-8")

    checked = documented.shell("act-spec check recipes/wrong.act.yaml", checkout, PYTHONPATH=str(checkout))

    line = text.splitlines().index(budget.strip().replace("floor", "flor")) + 1
    assert checked.returncode == 2
    assert f"wrong.act.yaml:{line}:" in checked.stderr
    assert "'floor'" in checked.stderr


def test_the_map_names_every_room() -> None:
    rooms = {path.parent.name for path in (documented.ROOT / "act_spec").glob("*/__init__.py")}

    assert {room for room in rooms if f"`{room}/`" not in CONTRIBUTING} == set()


def test_the_table_of_a_kinds_methods_is_complete() -> None:
    from act_spec.records import Task

    methods = {name for name, value in vars(Task).items() if not name.startswith("_") and callable(value)}
    table = CONTRIBUTING.partition("## Adding a task kind")[2]

    assert {method for method in methods if f"`{method}`" not in table} == set()


def test_every_promise_of_security_names_a_test_that_exists() -> None:
    security = (documented.ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", security)

    assert named
    for file, test in named:
        assert f"def {test}(" in (documented.ROOT / file).read_text(encoding="utf-8")
