import json

import pytest
from click.testing import CliRunner
from walking import walk_recipe

from act_spec.cli.comparing import compare_command
from act_spec.store.database import Store

RECIPE = """\
act: 1
name: {name}
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not.}}}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator: {{strategy: {{name: recorded, label: machine, confidence: sure}}}}
judge: {{strategy: {{name: recorded, as: own_confidence}}}}
budget: {{reviews: 4, rule: {rule}}}
review: {{simulate: gold}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("compared")
    rows = [f"i{n:02},text {n},{'good' if n % 3 else 'bad'},good,0.{n % 9 + 1}" for n in range(20)]
    (made / "data.csv").write_text("id,text,gold,machine,sure\n" + "\n".join(rows))
    for name, rule in (("one", "sqrt"), ("two", "uniform")):
        recipe = made / f"{name}.act.yaml"
        recipe.write_text(RECIPE.format(name=name, rule=rule))
        walk_recipe(recipe)
    return made


def compare(*words):
    return CliRunner().invoke(compare_command, [str(word) for word in words])


def test_two_runs_make_a_page_and_a_summary(folder):
    page = folder / "page.html"

    result = compare(folder / "runs/one", folder / "two.act.yaml", "-o", page)

    assert result.exit_code == 0
    assert "A and B: 20 common items" in result.stdout
    assert "Runs compared" in page.read_text()
    assert result.stderr.splitlines()[-1].startswith("Next: act-spec ")


def test_json_is_one_document(folder):
    result = compare(folder / "runs/one", folder / "runs/two", "-o", folder / "page.html", "--json")

    assert [run["name"] for run in json.loads(result.stdout)["runs"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["runs/one"], "One run alone cannot be compared"),
        (["runs/one", "nowhere"], "There is no run and no recipe at"),
        (["runs/one", "one.act.yaml"], "The same run is named twice"),
        (["runs/one", "runs/two", "-o", "no/such/page.html"], "There is no folder"),
    ],
)
def test_a_mistake_is_one_sentence(folder, monkeypatch, words, expected):
    monkeypatch.chdir(folder)

    result = compare(*words)

    assert result.exit_code == 2
    assert expected in result.stderr
    assert not (folder / "compare.html").exists()


def test_a_run_under_way_is_left_alone(folder):
    """DuckDB refuses a second connection with another configuration, as it refuses another process."""
    held = folder / "runs/one"
    with Store.open(held / "run.duckdb"):
        result = compare(held, folder / "runs/two", "-o", folder / "not.html")

    assert result.exit_code != 0
    assert not (folder / "not.html").exists()
