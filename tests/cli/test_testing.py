"""`act-spec test`: expectations hold or do not, from records and the built-in model alone."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from model_server import ModelServer
from ruamel.yaml import YAML
from walking import database, walk_recipe, write_recipe

from act_spec.cli.program import program
from act_spec.cli.testing import test_command as run_tests

RECIPE = """\
act: 1
name: walked
task: {kind: classification, question: Is it good?, labels: {good: It is., bad: It is not.}}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {strategy: {name: recorded, label: machine, confidence: sure}}
judge: {strategy: {name: recorded, as: own_confidence, confidence: sure}}
budget: {reviews: 4, rule: sqrt}
review: {simulate: gold}
expect:
"""


@pytest.fixture
def recipe(tmp_path):
    rows = [f"i{n:02},text {n},{'good' if n % 4 else 'bad'},good,0.{n % 9 + 1}" for n in range(20)]
    (tmp_path / "data.csv").write_text("id,text,gold,machine,sure\n" + "\n".join(rows))

    def write(*expected: str) -> Path:
        path = tmp_path / "walked.act.yaml"
        path.write_text(RECIPE + "".join(f"  - {one}\n" for one in expected))
        return path

    return write


def run(*words):
    return CliRunner().invoke(run_tests, [str(word) for word in words])


def test_what_holds_is_said_to_hold(recipe):
    path = recipe(
        "{item: i00, machine_label: good}",
        "{item: i01, machine_label: good, final_label: good}",
        "{metric: machine_accuracy, equals: 0.75}",
        "{metric: machine_accuracy, equals: 0.7, within: 0.06}",
        "{metric: cost_usd, at_most: 0}",
        "{metric: reviewed_share, at_least: 0.2, at_most: 0.2}",
    )
    done = run(path)

    assert done.exit_code == 0
    assert "6 of 6 expectations hold" in done.stdout
    assert not (path.parent / "runs").exists()


def test_what_does_not_hold_is_named_with_its_place_and_what_was_found(recipe):
    path = recipe(
        "{item: i00, machine_label: bad}",
        "{item: i99, sent_to_review: true}",
        "{metric: machine_accuracy, at_least: 0.9}",
        "{metric: machine_acuracy, at_least: 0.1}",
        "{metric: cost_usd, equals: 1}",
    )
    done = run(path)

    assert done.exit_code == 1
    assert "0 of 5 expectations hold" in done.stdout
    assert f"item i00: machine_label bad: its machine label is good   {path}:10:5" in done.stdout
    assert "the data have no such item" in done.stdout
    assert "machine_accuracy: at_least 0.9: it is 0.75" in done.stdout
    assert "Did you mean 'machine_accuracy'?" in done.stdout


def test_items_that_are_drawn_are_those_of_the_run(recipe):
    path = recipe("{metric: calls, equals: 0}")
    walk_recipe(path)
    import duckdb

    with duckdb.connect(str(database(path)), read_only=True) as connection:
        drawn = dict(connection.execute("SELECT item_id, selected FROM labels").fetchall())
    path = recipe(
        *(f"{{item: {item}, sent_to_review: {str(is_drawn).lower()}}}" for item, is_drawn in drawn.items())
    )

    assert run(path).exit_code == 0


@pytest.mark.parametrize(
    ("expected", "path", "message"),
    [
        ("{item: i00}", "expect", "nothing is expected of an item."),
        ("{machine_label: good}", "expect", "an expectation is about one item or one figure."),
        ("{item: i00, at_least: 1}", "expect.at_least", "'at_least' says nothing of an item."),
        (
            "{metric: auroc, final_label: good}",
            "expect.final_label",
            "'final_label' says nothing of a figure.",
        ),
        ("{metric: auroc, at_least: 1, within: 1}", "expect.within", "'within' goes with 'equals'."),
        ("{item: i00, machine_label: god}", "expect.machine_label", "'god' is not one of the labels"),
        ("{item: i00, machin_label: good}", "expect.machin_label", "Did you mean 'machine_label'?"),
    ],
)
def test_an_expectation_that_says_nothing_is_a_fault_of_the_recipe(recipe, expected, path, message):
    done = CliRunner().invoke(program, ["check", str(recipe(expected))])

    assert done.exit_code == 2
    assert "walked.act.yaml:10:" in done.stderr
    assert path in done.stderr
    assert message in done.stderr


def test_expectations_change_no_hash(recipe):
    plans = {
        CliRunner()
        .invoke(program, ["plan", "--json", str(recipe(*expected))])
        .stdout.partition('"plan": ')[2][:20]
        for expected in (["{metric: auroc, at_least: 0}"], ["{item: i00, final_label: bad}"])
    }

    assert len(plans) == 1


def test_recorded_replies_stand_in_for_a_paid_model(tmp_path):
    with ModelServer() as server:
        path = write_recipe(tmp_path, server.url, 12)
        path.write_text(
            path.read_text() + "expect: [{metric: calls, equals: 24}, {metric: cost_usd, at_most: 1}]\n"
        )
        walk_recipe(path)
        asked = len(server.bodies)

        done = run(path)

        assert (done.exit_code, done.stdout.strip().splitlines()[-1]) == (0, "2 of 2 expectations hold")
        assert len(server.bodies) == asked


def test_a_reply_that_is_not_recorded_is_a_failure_and_not_a_call(tmp_path):
    with ModelServer() as server:
        path = write_recipe(tmp_path, server.url, 12)
        path.write_text(path.read_text() + "expect: [{metric: calls, equals: 24}]\n")

        never = run(path)
        walk_recipe(path, limit=5)
        asked = len(server.bodies)
        part = run(path)

        assert len(server.bodies) == asked
    for done in (never, part):
        assert done.exit_code == 1
        assert "no reply of openai/tested is recorded for item" in done.stdout
        assert "act-spec run" in done.stdout


def test_junit_and_json_say_the_same(recipe, tmp_path):
    path = recipe("{item: i00, machine_label: bad}", "{metric: machine_accuracy, at_least: 0.7}")
    done = run(path, "--json", "--junit", tmp_path / "junit.xml")
    said = json.loads(done.stdout)["tested"][0]["expectations"]
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]  # noqa: S314 - our own file

    assert done.exit_code == 1
    assert [one["holds"] for one in said] == [False, True]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == [one["expected"] for one in said]
    assert suite[0][0].get("message") == said[0]["found"]


def test_the_hooks_for_pre_commit_run_commands_that_there_are():
    hooks = YAML(typ="safe").load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())

    for hook in hooks:
        name, command, *options = hook["entry"].split()
        assert name == "act-spec"
        assert command in program.commands
        assert not options
