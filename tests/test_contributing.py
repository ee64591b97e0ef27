"""What CONTRIBUTING.md and SECURITY.md say: the example is added to a copy of the package and used."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import documented
import pytest

PYTHON = documented.blocks("CONTRIBUTING.md", "python")
EXAMPLE = [block for block in PYTHON if "/" in block.title]
[PLUGIN] = [block for block in PYTHON if "/" not in block.title]
[BUDGET] = [block.text for block in documented.blocks("CONTRIBUTING.md", "yaml") if not block.title]
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
    recipe = checkout / "recipes" / "demo.act.yaml"
    text = re.sub(r"^budget:.*\n", lambda _: BUDGET, recipe.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (checkout / "recipes" / "unsure.act.yaml").write_text(text, encoding="utf-8")

    planned = documented.shell("act-spec plan recipes/unsure.act.yaml", checkout, PYTHONPATH=str(checkout))

    assert "by the rule unsure.v1" in planned.stdout, planned.stderr


def test_a_misspelt_parameter_of_the_example_is_refused_with_its_place(checkout: Path) -> None:
    recipe = (checkout / "recipes" / "demo.act.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^budget:.*\n", lambda _: BUDGET.replace("floor", "flor"), recipe, flags=re.MULTILINE)
    (checkout / "recipes" / "wrong.act.yaml").write_text(text, encoding="utf-8")

    checked = documented.shell("act-spec check recipes/wrong.act.yaml", checkout, PYTHONPATH=str(checkout))

    line = text.splitlines().index(BUDGET.strip().replace("floor", "flor")) + 1
    assert checked.returncode == 2
    assert f"wrong.act.yaml:{line}:" in checked.stderr
    assert "'floor'" in checked.stderr


_RANKING = """\
act: 1
name: ranking
{named}task:
  kind: ranking
  question: Which of these does the note speak of most?
  labels: {{food: "Meals, dishes and taste.", room: "Beds, rooms and noise.", staff: "People who work there."}}
data: {{source: notes.csv, id: id, show: [note], gold: known}}
annotator: {{model: local/tiny, strategy: direct}}
judge: {{model: local/tiny, strategy: second_opinion}}
budget: {{reviews: 50%, rule: uniform}}
review: {{simulate: gold}}
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder beside a package that holds the plugin, installed as `pip` would."""
    package = tmp_path / "site"
    info = package / "act_spec_ranking-1.0.dist-info"
    info.mkdir(parents=True)
    (package / PLUGIN.title).write_text(PLUGIN.text, encoding="utf-8")
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: act_spec_ranking\nVersion: 1.0\n", encoding="utf-8"
    )
    [announced] = [block.text for block in documented.blocks("CONTRIBUTING.md", "toml")]
    points = re.sub(r'project\.entry-points\."(.*)"', r"\1", announced).replace('"', "")
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    (tmp_path / "notes.csv").write_text(
        "id,note,known\n"
        "a,The dishes tasted of nothing and the beds were hard.,food > room > staff\n"
        "b,A noisy room.,room\n"
        "c,The people at the desk were kind and the meals good.,staff > food\n",
        encoding="utf-8",
    )
    [named] = [block.text for block in documented.blocks("CONTRIBUTING.md", "yaml") if block.title]
    (tmp_path / "ranking.act.yaml").write_text(_RANKING.format(named=named), encoding="utf-8")
    return tmp_path


def test_a_kind_is_one_file_of_about_a_hundred_lines() -> None:
    assert len(PLUGIN.text.splitlines()) <= 100


def test_a_plugin_is_off_until_it_is_allowed(elsewhere: Path) -> None:
    path = f"{documented.ROOT}:{elsewhere / 'site'}"
    (elsewhere / "site" / PLUGIN.title).write_text("raise SystemExit('it was imported')", encoding="utf-8")

    refused = documented.shell("act-spec check", elsewhere, PYTHONPATH=path)

    assert refused.returncode == 2
    assert "ranking.act.yaml:3:11: plugins: the plugin 'ranking' is code of another package" in refused.stderr
    assert "add --allow-plugin ranking" in refused.stderr
    assert "it was imported" not in refused.stderr


def test_a_plugin_that_the_recipe_does_not_name_is_off_too(elsewhere: Path) -> None:
    (elsewhere / "ranking.act.yaml").write_text(_RANKING.format(named=""), encoding="utf-8")

    refused = documented.shell(
        "act-spec check --allow-plugin ranking",
        elsewhere,
        PYTHONPATH=f"{documented.ROOT}:{elsewhere / 'site'}",
    )

    assert refused.returncode == 2
    assert "no task kind is named 'ranking'" in refused.stderr


def test_the_kind_of_a_plugin_is_walked_like_any_other(elsewhere: Path) -> None:
    path = f"{documented.ROOT}:{elsewhere / 'site'}"
    [command] = [
        block.text for block in documented.blocks("CONTRIBUTING.md", "sh") if block.title == "plugin"
    ]

    done = documented.shell(command, elsewhere, PYTHONPATH=path)

    assert "That was a whole run: 3 items" in done.stdout, done.stderr
    labels = documented.shell("act-spec labels -o out.csv --allow-plugin ranking", elsewhere, PYTHONPATH=path)
    assert labels.returncode == 0, labels.stderr
    written = (elsewhere / "out.csv").read_text(encoding="utf-8")
    assert written.count("human") == 2
    assert '[""food"",""room"",""staff""]' in written
    assert "plugin ranking" in (elsewhere / "runs" / "ranking" / "act.lock").read_text(encoding="utf-8")


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


def test_every_fault_in_the_documents_names_tests_that_exist_and_always_run() -> None:
    promises = (documented.ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    table = promises.partition("## What happens when things go wrong")[2]
    faults = re.findall(r"^\| (\d+) \| .* \| (.*) \|$", table, re.MULTILINE)

    assert [int(number) for number, _ in faults] == list(range(1, 18))
    for _, tests in faults:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
        assert named
        for file, test in named:
            before, found, _ = (documented.ROOT / file).read_text(encoding="utf-8").partition(f"def {test}(")
            assert found, test
            assert "mark.long" not in before.rpartition("\n\n\n")[2], test
