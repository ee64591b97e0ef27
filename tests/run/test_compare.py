import csv
from functools import cache

import numpy as np
import pytest
from walking import walk_recipe

from act_spec.errors import StoreError
from act_spec.run.compare import compare_runs
from act_spec.store.database import Store

ITEMS = 40
RECIPE = """\
act: 1
name: {name}
task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not.}}}}
data: {{source: {source}, id: id, show: [text], gold: gold{group}}}
annotator: {{strategy: {{name: recorded, label: {label}, confidence: sure}}}}
judge: {{strategy: {{name: recorded, as: own_confidence}}}}
budget: {{reviews: 10, rule: {rule}, audit: 0%}}
review: {{simulate: gold}}
seed: 3
"""


def write_data(folder, name="data.csv", first=0):
    """Every third label is bad; `one` is wrong on every fourth item, `other` on every fifth, both unsure there."""
    with (folder / name).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold", "one", "other", "sure", "doc"])
        for number in range(first, first + ITEMS):
            gold, wrong = ("bad", "good") if number % 3 == 0 else ("good", "bad")
            labels = [wrong if number % every == 0 else gold for every in (4, 5)]
            sure = 0.2 if number % 4 == 0 else 0.9
            writer.writerow([f"i{number:03}", f"text {number}", gold, *labels, sure, f"d{number // 2}"])


@cache
def walked(folder, name, label="one", *, rule="threshold", group="", source="data.csv"):
    """The folder of a finished run; runs are only read here, so tests share them."""
    recipe = folder / f"{name}.act.yaml"
    recipe.write_text(RECIPE.format(name=name, label=label, rule=rule, group=group, source=source))
    walk_recipe(recipe)
    return folder / "runs" / name


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    write_data(folder)
    write_data(folder, "later.csv", first=30)
    write_data(folder, "far.csv", first=100)
    return folder


def test_two_runs_are_compared_on_the_items_that_they_share(data):
    """`one` errs on 10 of 40 items and `other` on 8, both on 2; sharing no other error, 14 labels differ."""
    facts = compare_runs([walked(data, "one"), walked(data, "two", "other")])

    (pair,) = facts.pairs
    assert (pair.common, pair.known, pair.same_data, pair.groups) == (40, 40, True, None)
    assert pair.machine.equal == pytest.approx(1 - 14 / 40)
    figures = {one.name: one.estimate for one in pair.differences}
    assert figures["machine_accuracy"].value == pytest.approx(2 / 40)
    assert figures["machine_accuracy"].low < 2 / 40 < figures["machine_accuracy"].high
    # A threshold of 10 reviews finds all of the first run's errors, and 2 of the second's.
    assert figures["final_accuracy"].value == pytest.approx(-6 / 40)
    assert figures["gain at 25.0% reviewed"].value == pytest.approx(2 / 8 - 1)


def test_the_figures_of_a_run_are_its_own(data):
    first, second = compare_runs([walked(data, "one"), walked(data, "random", rule="uniform")]).runs

    assert (first.key, second.key) == ("A", "B")
    assert (first.rule, second.rule) == ("threshold.v1", "uniform.v1")
    assert first.metric("machine_accuracy").value == pytest.approx(0.75)
    assert first.metric("final_accuracy").value == 1
    assert first.gain_curve[-1] == (1, 1)
    assert (first.hours, first.hours_measured) == (pytest.approx(10 * 30 / 3600), False)


def test_runs_of_different_data_meet_on_common_items_only(data):
    facts = compare_runs([walked(data, "one"), walked(data, "later", source="later.csv")])

    assert facts.pairs[0].common == 10
    assert not facts.pairs[0].same_data
    assert "different data (A; B)" in facts.warnings[0]


def test_without_a_common_item_nothing_is_computed(data):
    (pair,) = compare_runs([walked(data, "one"), walked(data, "far", source="far.csv")]).pairs

    assert pair.common == 0
    assert pair.machine.equal is None
    assert {one.note for one in pair.differences} == {"no common item has a known answer"}


def test_groups_of_either_run_are_resampled_whole(data):
    first, second = walked(data, "one"), walked(data, "grouped", "other", group=", group: doc")

    assert compare_runs([first, second]).pairs[0].groups == 20
    assert compare_runs([second, first]).pairs[0].groups == 20


def test_only_the_first_run_is_the_yardstick(data):
    pairs = compare_runs(
        [walked(data, "one"), walked(data, "two", "other"), walked(data, "random", rule="uniform")]
    ).pairs

    assert [(pair.first + pair.second, bool(pair.differences)) for pair in pairs] == [
        ("AB", True),
        ("AC", True),
        ("BC", False),
    ]


def test_simulated_reviewers_are_told(data):
    warnings = compare_runs([walked(data, "one"), walked(data, "two", "other")]).warnings

    assert "Reviewers were simulated from known answers in A, B." in warnings


def test_a_folder_without_a_walk_is_named(data):
    run, empty = walked(data, "one"), data / "empty"
    empty.mkdir()
    Store.open(empty / "run.duckdb").close()

    with pytest.raises(StoreError, match="empty: nothing has been run here yet"):
        compare_runs([run, empty])


def test_comparing_changes_no_file(data):
    run, other = walked(data, "one"), walked(data, "two", "other")
    before = {path: path.read_bytes() for path in (run / "run.duckdb", other / "run.duckdb")}

    compare_runs([run, other])

    assert all(path.read_bytes() == text for path, text in before.items())


def test_the_same_runs_give_the_same_intervals(data):
    runs = [walked(data, "one"), walked(data, "two", "other")]
    first, second = compare_runs(runs), compare_runs(runs)

    assert first == second
    assert np.isfinite(first.pairs[0].differences[0].estimate.low)
