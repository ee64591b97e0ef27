from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from act_spec.errors import RecipeError
from act_spec.recipe.identity import recipe_identity
from act_spec.recipe.load import PartialRecipeError, load_recipe

BASE = """\
act: 1
partial: true
task:
  kind: classification
  question: Which topic?
  if_unsure: Take the first.
  labels:
    price: What it costs.
    battery: {definition: How long a charge lasts., not_when: A cable is missing.}
annotator: {model: local/tiny}
judge: {model: local/tiny, strategy: cot}
budget: {reviews: 12%, rule: {name: exponential, beta: 20}}
"""
CHILD = """\
act: 1
name: mine
extends: base.act.yaml
data: {source: items.csv, id: item_id, show: [title]}
"""


@pytest.fixture
def write(tmp_path):
    def put(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.act.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "mine.act.yaml"

    return put


@pytest.fixture
def load(write):
    return lambda child="", base=BASE, **more: (
        load_recipe(write(mine=CHILD + child, base=base, **more)).recipe
    )


@pytest.fixture
def said(write, tmp_path):
    """What is wrong, without the folder's name."""

    def find(child="", base=BASE, start=CHILD, **more):
        with pytest.raises(RecipeError) as caught:
            load_recipe(write(mine=start + child, base=base, **more))
        return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return find


def test_what_a_recipe_leaves_out_its_base_says(load):
    recipe = load()

    assert recipe.name == "mine"
    assert recipe.judge.strategy.name == "cot.v1"
    assert str(recipe.budget.reviews) == "12%"


def test_mappings_merge_and_lists_replace(load):
    recipe = load("task: {if_unsure: Ask.}\nsilence: [no-cap]\n", BASE + "silence: [no-id, no-judge]\n")

    assert recipe.task.question == "Which topic?"
    assert recipe.task.if_unsure == "Ask."
    assert recipe.silence == ("no-cap",)


def test_a_label_is_completed_changed_added_and_removed(load):
    child = "task:\n  labels: {price: {not_when: It is a gift.}, battery: null, screen: What one sees.}\n"
    labels = load(child).task.labels

    assert list(labels) == ["price", "screen"]
    assert labels["price"].definition == "What it costs."
    assert labels["price"].not_when == "It is a gift."


def test_a_new_text_of_a_label_keeps_the_rest_of_it(load):
    labels = load("task:\n  labels: {battery: How it charges.}\n").task.labels

    assert (labels["battery"].definition, labels["battery"].not_when) == (
        "How it charges.",
        "A cable is missing.",
    )


def test_null_removes(load):
    assert load("judge: null\nbudget: {rule: uniform}\n").judge is None


@pytest.mark.parametrize(
    ("rule", "name", "beta"),
    [("exponential", "exponential.v1", 20), ("{beta: 3}", "exponential.v1", 3), ("sqrt", "sqrt.v1", None)],
)
def test_a_strategy_of_another_name_replaces_the_whole_mapping(load, rule, name, beta):
    chosen = load(f"budget: {{rule: {rule}}}\n").budget.rule

    assert chosen.name == name
    assert chosen.parameters.get("beta") == beta


@pytest.mark.parametrize(
    "child",
    [
        "budget: {hours: 16}\n",
        "annotator: {column: stage, model: null}\n",
        "annotator: {models: [a/b, a/c], strategy: panel}\n",
    ],
)
def test_of_keys_that_exclude_each_other_the_recipes_own_stands(load, child):
    load(child)


def test_a_chain_of_bases_is_laid_over_one_another(load):
    middle = "act: 1\npartial: true\nextends: ground.act.yaml\nbudget: {reviews: 20%}\nseed: 4\n"
    recipe = load("seed: 5\n", middle, ground=BASE)

    assert (str(recipe.budget.reviews), recipe.seed, recipe.task.question) == ("20%", 5, "Which topic?")


def test_a_recipe_that_is_whole_may_be_extended_too(load):
    whole = BASE.replace("partial: true", "name: team") + "data: {source: other.csv, show: [body]}\n"

    assert load("", whole).data.source == "items.csv"


def test_name_partial_and_anchors_are_not_inherited(said):
    base = BASE.replace("partial: true", "partial: true\nname: team\nx-note: &n hello")

    assert said("", base, CHILD.replace("name: mine\n", "")) == [
        "mine.act.yaml:1:1: name: 'name' is missing. Names the run folder: a-z, 0-9, dot, dash, underscore."
    ]


def test_an_error_in_the_base_is_reported_at_its_own_place(said):
    base = BASE.replace("strategy: cot", "strategy: cott").replace("beta: 20", "bta: 20")

    assert [line.split(": ")[:2] for line in said("seed: x\n", base)] == [
        ["base.act.yaml:11:38", "judge.strategy"],
        ["base.act.yaml:12:50", "budget.rule.bta"],
        ["mine.act.yaml:5:7", "seed"],
    ]


def test_what_is_wrong_between_two_files_is_told_at_one_of_them(said):
    found = said("review: {simulate: gold}\n")

    assert found == [
        (
            "mine.act.yaml:5:20: review.simulate: reviewers cannot be simulated from gold, "
            "because data.gold is not given. Name the column with the answers: data.gold."
        )
    ]


def test_yaml_that_is_broken_in_the_base_hides_no_fault_of_the_recipe(said):
    found = said("seed: x\n", BASE.replace("question: Which", "question: [Which"))

    assert [line.partition(": ")[0] for line in found] == ["base.act.yaml:5:13", "mine.act.yaml:5:7"]


def test_a_key_pasted_into_a_base_is_named_and_not_repeated(said):
    found = said("", BASE.replace("local/tiny}", "sk-abcdefghijklmnopqrst}", 1))

    assert [line.partition(": ")[0] for line in found] == ["base.act.yaml:10:20"]
    assert "sk-abc" not in found[0]


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("gone.act.yaml", "'gone.act.yaml': there is no such file."),
        ("[a, b]", "a recipe extends one other."),
        ("https://example.org/a.act.yaml", "is an address that is not pinned, and what is there may change."),
        (f"https://example.org/a.act.yaml#sha256={'0' * 64}", "is not here, and checking fetches nothing."),
        ("team-pack", "'team-pack' is not the path of a recipe."),
        ("mine.act.yaml", "extend one another in a circle: {0}/mine.act.yaml → {0}/mine.act.yaml."),
    ],
)
def test_a_base_that_cannot_be_followed_is_named(said, tmp_path, extends, message):
    [found] = said("", BASE, CHILD.replace("base.act.yaml", extends))

    assert found.startswith("mine.act.yaml:3:10: extends: ")
    assert message.format(tmp_path).replace(f"{tmp_path}/", "") in found


def test_a_circle_names_every_recipe_of_it(said):
    found = said("", BASE + "extends: other.act.yaml\n", other="act: 1\nextends: base.act.yaml\n")

    assert found == [
        (
            "other.act.yaml:2:10: extends: these recipes extend one another in a circle: "
            "base.act.yaml → other.act.yaml → base.act.yaml. Break it here."
        )
    ]


def test_a_base_says_its_version(said):
    assert said("", BASE.replace("act: 1\n", ""))[0].startswith("base.act.yaml:1:1: act: 'act' is missing.")
    assert said("", BASE.replace("act: 1", "act: 2"))[0].startswith(
        "base.act.yaml:1:6: act: '2' is no version"
    )


def test_paths_are_relative_to_the_file_that_they_stand_in(write, tmp_path):
    base = BASE + "data: {source: lake/items.csv}\ntrain: {test: /data/test.csv}\n"
    base = base.replace("model: local/tiny}", "strategy: {name: recorded, source: m.csv, label: l}}", 1)
    path = write(
        mine=CHILD.replace("base.act.yaml", "team/base.act.yaml").replace("source: items.csv, ", ""),
        team__base=base,
    )
    recipe = load_recipe(path).recipe

    assert recipe.data.source == "team/lake/items.csv"
    assert recipe.annotator.strategy.parameters["source"] == "team/m.csv"
    assert recipe.train.test == "/data/test.csv"


def test_a_label_file_of_a_base_in_another_folder_is_read(write, tmp_path):
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "topics.csv").write_text("name,definition\nprice,Cost.\nbattery,\n")
    base = (
        BASE.partition("  labels:")[0] + "  labels: topics.csv\nannotator: {model: a/b}\nbudget: {hours: 1}\n"
    )
    path = write(mine=CHILD.replace("base.act", "team/base.act") + "judge: {model: a/c}\n", team__base=base)

    task: Any = load_recipe(path).recipe.task
    assert task.labels["price"].definition == "Cost."


def test_the_hash_is_that_of_the_same_recipe_in_one_file(load, write):
    parted = load()
    path = write(mine=BASE.replace("partial: true", "name: mine") + CHILD.splitlines()[-1] + "\n")

    assert recipe_identity(load_recipe(path).recipe) == recipe_identity(parted)


def test_a_base_by_itself_lacks_its_rest_and_nothing_else(write):
    write(base=BASE)

    with pytest.raises(PartialRecipeError, match="is a base for others"):
        load_recipe(write().with_name("base.act.yaml"))


@pytest.mark.parametrize(
    "base",
    [
        BASE,
        "act: 1\npartial: true\n",
        "act: 1\npartial: true\ntask: {question: Which?}\nbudget: {rule: {floor: 0.1}}\n",
        "act: 1\npartial: true\ndata: {show: [a]}\nbudget: {audit: 10%, usd: 30}\nseed: $seed\nparams: {seed: null}\n",
    ],
)
def test_whatever_a_base_leaves_out_is_no_fault(write, base):
    with pytest.raises(PartialRecipeError):
        load_recipe(write(mine=base))


def test_what_is_wrong_in_a_base_is_a_fault_of_it(write):
    with pytest.raises(RecipeError) as caught:
        load_recipe(write(mine=BASE.replace("12%", "0.12")))

    assert not isinstance(caught.value, PartialRecipeError)
    assert [problem.path for problem in caught.value.problems] == ["budget.reviews"]
