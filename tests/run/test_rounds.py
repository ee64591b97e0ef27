"""Rounds: what is chosen for whom, what is learnt, and where it stops for people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from walking import plan_of, walk_recipe

from act_spec.engine.job import Job, Progress
from act_spec.plan.compile import run_folder
from act_spec.plan.rounds import RoundsPlan
from act_spec.run.measure import measure
from act_spec.run.outcome import take_in_files
from act_spec.run.replay import DOCUMENTS, replay
from act_spec.run.rounds import _examples
from act_spec.run.walk import open_run, stages
from act_spec.store.database import Store

WORDS = {"pears": "sweet ripe juicy fruit tree", "trains": "late rail station wagon track"}
RECIPE = """\
act: 1
name: rounds
task: {{kind: classification, question: What is it about?, labels: [pears, trains]}}
data: {{source: data.csv, id: id, show: [text], gold: gold}}
annotator: {annotator}
budget: {{reviews: {reviews}, audit: {audit}}}
rounds:
  number: {number}
  select: {select}
  people: {{batches: {batches}, usd_per_label: 0.5}}
  model: {{labels: {labels}, batches: {model_batches}, usd_per_label: 0.01}}
  examples: {examples}
review: {review}
train: {{epochs: 3, seeds: 2}}
seed: {seed}
"""


def write_data(folder: Path, count: int = 60) -> None:
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "gold", "machine"])
        for number in range(count):
            gold = list(WORDS)[number % 2]
            words = WORDS[gold].split()
            machine = gold if number % 5 else list(WORDS)[(number + 1) % 2]
            writer.writerow(
                [f"i{number:02}", f"{words[number % 5]} {words[number % 3]} number {number}", gold, machine]
            )


def write_recipe(folder: Path, **changed: Any) -> Path:
    said = {
        "annotator": "{column: machine}",
        "reviews": 12,
        "audit": "0%",
        "number": 3,
        "select": "random",
        "batches": "constant",
        "labels": 15,
        "model_batches": "constant",
        "examples": "strategy",
        "review": "{simulate: gold}",
        "seed": 3,
    } | changed
    write_data(folder)
    recipe = folder / "rounds.act.yaml"
    recipe.write_text(RECIPE.format(**said), encoding="utf-8")
    return recipe


class NoModels:
    """An engine that is asked for nothing."""

    side_by_side = False

    def tell(self, stage: str, done: int, total: int) -> None:
        """Nobody looks."""

    def execute(self, job: Job, total: int) -> Progress:
        raise AssertionError(f"{job.stage} asks a model for {total} items")


@contextmanager
def walked(recipe: Path) -> Iterator[Store]:
    """The rounds of a recipe, in memory and without documents, which take longer than all else."""
    with Store.open() as store:
        plan = open_run(plan_of(recipe), store)
        list(stages(plan, store, NoModels(), None))
        measure(plan, store)
        yield store


def rows(recipe: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        return store.rows(sql)


SELECTED = "SELECT round, source, item_id FROM selections ORDER BY ALL"


RANDOM_RECIPES = some.fixed_dictionaries(
    {
        "select": some.sampled_from(
            ["random", "entropy", "least_confidence", "k_means", "cluster_uncertainty"]
        ),
        "reviews": some.integers(0, 20),
        "labels": some.integers(3, 25),
        "number": some.integers(1, 3),
        "batches": some.sampled_from(["constant", "quadratic", "{decay: 50%}"]),
        "audit": some.sampled_from(["0%", "20%", "50%"]),
        "seed": some.integers(0, 2**40),
    }
)
QUICK = settings(
    max_examples=4,
    # Each example walks twice, and shrinking one that fails would take minutes.
    phases=(Phase.generate,),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(said=RANDOM_RECIPES)
@QUICK
def test_of_random_recipes(tmp_path_factory, said):
    """Nobody labels an item twice, budgets are spent exactly, pools are people's, and equal seeds give equal rounds."""
    holds_of_rounds(tmp_path_factory.mktemp("rounds"), said)


@pytest.mark.long
@given(said=RANDOM_RECIPES)
@settings(QUICK, max_examples=100, derandomize=False)
def test_of_many_random_recipes(tmp_path_factory, said):
    """The same of a hundred others, which are new every time."""
    holds_of_rounds(tmp_path_factory.mktemp("rounds"), said)


def holds_of_rounds(folder: Path, said: dict[str, Any]) -> None:
    labels, reviews, number = said["labels"], said["reviews"], said["number"]
    # The model's constant batch leaves no round empty.
    recipe = write_recipe(folder, **said)
    plan = plan_of(recipe)
    assert plan.rounds is not None
    with walked(recipe) as store:
        chosen = store.rows(SELECTED)
        found = dict(store.rows("SELECT coalesce(source, 'none'), count(*) FROM labels GROUP BY ALL"))
        holds_of_pools(plan.rounds, store, chosen)
    with walked(recipe) as again:
        assert again.rows(SELECTED) == chosen

    assert len({item for *_, item in chosen}) == len(chosen) == reviews + labels
    for place in range(number):
        for source, sizes in (("people", plan.rounds.people), ("model", plan.rounds.model)):
            its = [one for one in chosen if one[:2] == (place + 1, source)]
            assert len(its) == sizes[place]
    assert (sum(plan.rounds.people), sum(plan.rounds.model)) == (reviews, labels)
    assert found.get("human", 0) == reviews
    assert found.get("machine", 0) == labels
    assert found["none"] == 60 - reviews - labels


def holds_of_pools(rounds: RoundsPlan, store: Store, chosen: list[tuple[Any, ...]]) -> None:
    """In every round a human-only pool has all that people have labelled by then, and nothing else."""
    text = dict(store.rows("SELECT item_id, content->>'text' FROM items"))
    for number in range(1, rounds.number + 1):
        for examples, until in (
            ("people", {"people": number}),
            ("all", {"people": number, "model": number - 1}),
        ):
            pool = _examples(replace(rounds, examples=examples), store, number)
            assert pool is not None
            assert {one.fields["text"] for one in pool.given(100)} == {
                text[item] for place, source, item in chosen if place <= until.get(source, 0)
            }


def test_every_open_item_has_the_probability_of_its_draw(tmp_path):
    recipe = write_recipe(tmp_path, select="entropy", audit="50%")
    with walked(recipe) as store:
        sums = store.rows(
            "SELECT round, round(sum(inclusion_probability), 6), count(*) FILTER (WHERE selected), count(*) "
            "FROM allocations GROUP BY round ORDER BY round",
        )

    assert [(one, two, three) for one, two, three, _ in sums] == [(1, 4.0, 4), (2, 4.0, 4), (3, 4.0, 4)]
    # A fifth is kept to test on; what was labelled is not open any more.
    assert [one[3] for one in sums] == [48, 39, 30]


@pytest.mark.parametrize(
    ("select", "audit", "estimated"),
    [("random", "0%", True), ("entropy", "50%", True), ("entropy", "0%", False)],
)
def test_only_what_is_drawn_at_random_estimates_anything(tmp_path, select, audit, estimated):
    recipe = write_recipe(tmp_path, select=select, audit=audit)
    with walked(recipe) as store:
        found = {
            name: (value, note) for name, value, note in store.rows("SELECT name, value, note FROM metrics")
        }

    assert (found["estimated_student_score:1"][0] is not None) == estimated
    assert found["estimated_student_score:3"][0] is None  # nobody labels after the last round
    assert found["estimated_machine_accuracy"][0] is None
    assert "no machine label is reviewed" in found["estimated_machine_accuracy"][1]
    if not estimated:
        assert "no real chance" in found["estimated_student_score:1"][1]


def test_chosen_labels_have_no_weight_and_count_once(tmp_path):
    recipe = write_recipe(tmp_path, select="entropy")
    with walked(recipe) as store:
        found = store.rows("SELECT DISTINCT source, sampling_weight, loss_weight FROM labels ORDER BY source")

    assert found == [("human", None, 1.0), ("machine", None, 0.0), (None, None, 0.0)]


def test_it_stops_for_people_and_goes_on_in_the_same_round(tmp_path):
    recipe = write_recipe(tmp_path, review="{reviewers: [me]}", select="entropy", number=2)
    folder = run_folder(plan_of(recipe))
    with (tmp_path / "data.csv").open(encoding="utf-8") as file:
        gold = {row["id"]: row["gold"] for row in csv.DictReader(file)}

    for number in (1, 2):
        assert walk_recipe(recipe).waiting == 6
        before = rows(recipe, SELECTED)
        assert walk_recipe(recipe).waiting == 6
        assert rows(recipe, SELECTED) == before  # asking again chooses nothing anew
        assert {one[0] for one in before} == set(range(1, number + 1))
        answer(folder / "worklist.csv", gold)
        take_in_files(plan_of(recipe), folder, [folder / "worklist.csv"])

    assert walk_recipe(recipe).waiting == 0
    assert rows(recipe, "SELECT count(*) FROM labels WHERE source = 'human'") == [(12,)]
    assert len(rows(recipe, "SELECT round FROM history.rounds")) == 2


def answer(worklist: Path, gold: dict[str, str]) -> None:
    """Fill in what is blank, as a person would."""
    with worklist.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        listed = [row | {"label": row["label"] or gold[row["item_id"]]} for row in reader]
        names = list(reader.fieldnames or ())
    with worklist.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(listed)


def test_examples_are_peoples_labels_of_this_run_alone(tmp_path):
    """Already in the first round; no row of the machine ever is an example of a human-only pool."""
    recipe = write_recipe(
        tmp_path,
        annotator="{model: local/tiny, strategy: {name: few_shot, k: 4}}",
        examples="people",
        number=2,
    )
    walk_recipe(recipe)
    plan = plan_of(recipe)
    with Store.open(run_folder(plan) / "run.duckdb", read_only=True) as store:
        text = dict(store.rows("SELECT item_id, content->>'text' FROM items"))
        for number in (1, 2):
            assert plan.rounds is not None
            pool = _examples(plan.rounds, store, number)
            assert pool is not None
            shown = {one.fields["text"] for one in pool.given(100)}
            people = {
                text[item]
                for place, source, item in rows(recipe, SELECTED)
                if source == "people" and place <= number
            }
            assert shown == people
            assert shown


def test_the_rest_goes_to_the_model_when_people_are_done(tmp_path):
    """Nothing is kept for a test, so every item has a label; without it, all but those that are kept."""
    recipe = write_recipe(
        tmp_path, labels="rest", model_batches="last", examples="strategy\n  keep_for_test: false"
    )
    with walked(recipe) as store:
        chosen = store.rows("SELECT round, source, count(*) FROM selections GROUP BY ALL ORDER BY ALL")
    assert chosen == [(1, "people", 4), (2, "people", 4), (3, "model", 48), (3, "people", 4)]

    recipe = write_recipe(tmp_path, labels="rest", model_batches="last")
    with walked(recipe) as store:
        assert store.rows("SELECT count(*) FROM labels WHERE source IS NULL") == [(12,)]


def test_a_run_in_rounds_is_replayed_byte_for_byte(tmp_path):
    recipe = write_recipe(tmp_path, select="entropy", audit="50%", number=2)
    walk_recipe(recipe)
    plan = plan_of(recipe)

    made = replay(plan, run_folder(plan), tmp_path / "again")

    assert made.documents == dict.fromkeys(DOCUMENTS, True)
    assert made.equal


def test_a_preview_labels_nothing_for_good(tmp_path):
    recipe = write_recipe(tmp_path)
    walk_recipe(recipe, limit=5)
    walk_recipe(recipe)

    assert rows(recipe, "SELECT count(*) FROM annotations") == [(15,)]
