"""
Blind spots (arXiv:2403.17860): confident errors found by review, and examples written against them.

The planted word, the thresholds and the shares that are asked for are ours.
"""

from __future__ import annotations

import csv
import json
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from model_server import ModelServer, schema_of
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.store.database import Store
from act_spec.strategies.blind_spots import Reviewed, distinct, find_spots, unknown_unknowns

GOOD, BAD = ("lovely", "warm", "sturdy", "quick"), ("broken", "cold", "flimsy", "slow")
THINGS = ("lamp", "kettle", "chair", "knife", "clock", "bottle", "table", "shelf", "basket", "mirror")
PLACES = ("kitchen", "office", "garden", "hall", "cellar", "attic", "studio", "garage")
WORD = "allegedly"
"""Turns what is said into its opposite; the machine does not know it."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_RECIPE = """\
act: 1
name: planted
task:
  kind: classification
  question: Is the review good?
  labels: {{good: It is., bad: It is not.}}
data: {{source: items.csv, id: id, show: [text], gold: gold}}
annotator:
  strategy: {{name: recorded, label: machine, confidence: confidence}}
budget: {{reviews: 40%, rule: uniform}}
review: {{simulate: gold}}
blind_spots:
  confidence: 0.9
  hypotheses: 1
  examples: 40
  distinct: 1
  train_on: all
  teacher: {{model: openai/teaching, api_base: {url}, price: {{input_usd_per_million: 1, output_usd_per_million: 2}}}}
train: {{learner: mlp, test: test.csv, seeds: 3, compare: budget}}
loss: {{name: act, max_weight: 1}}
seed: 2
"""


def review(draw: random.Random, *, good: bool, turned: bool) -> str:
    """A sentence with a word for good or bad; turned round, the word says the opposite of what is true."""
    words = GOOD if good != turned else BAD
    said = f"the {draw.choice(THINGS)} in my {draw.choice(PLACES)} is {draw.choice(words)} and {draw.choice(words)}"
    return f"{WORD} {said}" if turned else said


def write(folder: Path, name: str, count: int, turned: int, draw: random.Random) -> None:
    """Items of which so many are turned round: the machine is sure of all of them, and wrong about these."""
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "gold", "machine", "confidence"])
        for number in range(count):
            good, flip = draw.random() < 0.5, number < turned
            seen = good != flip
            told = ["good" if one else "bad" for one in (good, seen)]
            rows.writerow([f"{name}{number}", review(draw, good=good, turned=flip), *told, 0.97])


def teacher(body):
    """States the rule, turns it round, and writes by it."""
    wanted = schema_of(body)["properties"]
    if "pattern" in wanted:
        return json.dumps({"pattern": f"The word {WORD} turns what is said into its opposite."})
    asked = body["messages"][-1]["content"]
    label = "good" if "right label of all of them is good" in asked else "bad"
    if "hypotheses" in wanted:
        other = "bad" if "where good is right" in asked else "good"
        return json.dumps({"hypotheses": [{"pattern": f"The same, where it is {other}.", "label": other}]})
    draw = random.Random(f"{label} {len(asked)}")
    return json.dumps(
        {"examples": [{"text": review(draw, good=label == "good", turned=True)} for _ in range(40)]}
    )


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """The folder of a run with a planted blind spot, walked and trained, and what `train` found."""
    return walked(tmp_path_factory.mktemp("planted"), turned=30)


def walked(folder: Path, turned: int):
    from act_spec.run.walk import open_run
    from act_spec.train.session import train

    draw = random.Random(7)
    write(folder, "items.csv", 400, turned, draw)
    write(folder, "test.csv", 300, 60 if turned else 0, draw)
    recipe = folder / "planted.act.yaml"
    with ModelServer(answer=teacher) as server:
        recipe.write_text(_RECIPE.format(url=server.url), encoding="utf-8")
        walk_recipe(recipe)
    run = run_folder(plan_of(recipe))
    with Store.open(run / "run.duckdb") as store:
        plan = open_run(plan_of(recipe), store)
        return run, train(plan, store, run / "model", lambda _: None)


def asked(run: Path, sql: str):
    with Store.open(run / "run.duckdb", read_only=True) as store:
        return store.rows(sql)


def test_the_planted_blind_spot_is_found(taught):
    """At 0.9 every error of a blind spot holds the word, and so does its pattern."""
    run, _ = taught
    errors = asked(
        run,
        "SELECT b.number, i.content->>'text' FROM (SELECT number, unnest(items) AS item_id FROM blind_spots) b "
        "JOIN items i USING (item_id)",
    )

    assert len(errors) >= 6
    assert all(WORD in text for _, text in errors)
    assert all(WORD in pattern for (pattern,) in asked(run, "SELECT pattern FROM blind_spots"))


def test_examples_lower_confident_errors_on_other_data_and_cost_no_accuracy(taught):
    """At every threshold a third of the errors fewer at least, and accuracy no more than a point less."""
    _, training = taught

    assert {one.threshold for one in training.unknown} == set(THRESHOLDS)
    assert all(one.before >= 10 and one.after <= 2 / 3 * one.before for one in training.unknown)
    before, after = (training.gap.score(name).mean for name in ("corrected", "taught"))
    assert after >= before - 0.01


def test_confident_errors_never_rise_with_the_threshold(taught):
    run, training = taught
    for counts in ([one.before for one in training.unknown], [one.after for one in training.unknown]):
        assert all(fewer >= more for fewer, more in pairwise(counts))
    found = asked(
        run,
        "SELECT value FROM metrics WHERE name LIKE 'unknown_unknowns:%' ORDER BY replace(name, 'unknown_unknowns:', '')::DOUBLE",
    )
    assert [value for (value,) in found] == sorted((value for (value,) in found), reverse=True)
    draw = np.random.default_rng(0)
    for _ in range(50):
        confidence, wrong = draw.uniform(size=30), draw.random(30) < 0.5
        counts = unknown_unknowns(confidence, wrong, sorted(draw.uniform(size=5)))
        assert counts == sorted(counts, reverse=True)


def test_examples_are_marked_and_in_no_test_and_no_figure(taught):
    run, training = taught
    with Store.open(run / "run.duckdb") as store:
        written = store.rows("SELECT content->>'text', synthetic FROM synthetic")
        items = {text for (text,) in store.rows("SELECT content->>'text' FROM items")}
        assert store.one("SELECT count(*) FROM labels") == (400,)
    with (run.parents[1] / "test.csv").open(encoding="utf-8") as file:
        tested = {row["text"] for row in csv.DictReader(file)}
    texts = [text for text, _ in written]
    assert all(marked for _, marked in written)
    assert not set(texts) & items
    # A copy of an item of the file to test on is not learnt from.
    assert training.taught == sum(text not in tested for text in texts) >= 40
    assert asked(run, "SELECT DISTINCT tested FROM unknown_unknowns") == [(300,)]


def test_what_a_teacher_has_seen_is_not_tested_on(tmp_path):
    """Without a file to test on, parts of the items are tested; examples are made from some of them."""
    from act_spec.run.walk import open_run
    from act_spec.train.dataset import read_dataset

    write(tmp_path, "items.csv", 200, 20, random.Random(3))
    recipe = tmp_path / "planted.act.yaml"
    with ModelServer(answer=teacher) as server:
        text = _RECIPE.format(url=server.url).replace("test: test.csv, ", "")
        recipe.write_text(text, encoding="utf-8")
        walk_recipe(recipe)
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb") as store:
        plan = open_run(plan_of(recipe), store)
        data = read_dataset(plan, store)
        shown = {item for (item,) in store.rows("SELECT DISTINCT unnest(shown) FROM blind_spots")}
    for seed in range(5):
        tested = data.tested(seed)
        items = {data.labels.item_ids[place] for place in range(data.size) if place not in set(tested.train)}
        assert len(tested.truth) == len(items - shown)
        assert max(tested.train) < data.size
    assert shown


def test_without_confident_errors_nothing_is_taught_and_nothing_changes(tmp_path):
    """Counts are the same before and after: there is no after."""
    run, training = walked(tmp_path, turned=0)

    assert asked(run, "SELECT count(*) FROM blind_spots") == [(0,)]
    assert training.taught == 0
    assert all(one.after is None for one in training.unknown)
    assert training.gap.score("taught") is None


def item(
    number: int, text: str, given: str = "good", right: str = "bad", confidence: float = 0.95
) -> Reviewed:
    return Reviewed(f"i{number}", text, given, right, confidence)


def test_errors_of_other_wording_or_other_labels_are_other_blind_spots():
    rows = [
        *(item(n, f"allegedly {thing} shines") for n, thing in enumerate(THINGS[:4])),
        *(item(10 + n, f"nobody would call {place} tidy") for n, place in enumerate(PLACES[:3])),
        *(item(20 + n, f"allegedly {thing} shines", "bad", "good") for n, thing in enumerate(THINGS[4:6])),
        item(30, "allegedly cushion shines", confidence=0.5),
        item(31, "a sturdy wardrobe", "good", "good"),
    ]

    found = find_spots(rows, confidence=0.9, likeness=0.2, least=2)

    assert [[one.item_id for one in spot.errors] for spot in found] == [
        ["i0", "i1", "i2", "i3"],
        ["i10", "i11", "i12"],
        ["i20", "i21"],
    ]
    assert [one.item_id for one in found[0].contrast] == ["i31"]
    again = find_spots(
        rows, confidence=0.9, likeness=0.2, least=2, taken=frozenset({"i0", "i1", "i2", "i20"})
    )
    assert [[one.item_id for one in spot.errors] for spot in again] == [["i10", "i11", "i12"]]


def test_of_many_rightly_labelled_items_some_are_looked_at():
    rows = [
        *(item(n, f"allegedly {thing} shines") for n, thing in enumerate(THINGS[:3])),
        *(item(100 + n, f"a sturdy {place}", "good", "good") for n, place in enumerate(PLACES * 5)),
    ]

    [spot] = find_spots(rows, confidence=0.9, likeness=0.1, least=2, most_compared=3)

    assert len(spot.errors) == len(spot.contrast) == 3


def test_copies_and_near_copies_are_dropped():
    known = ["allegedly the lamp in my hall is lovely"]
    written = [
        "Allegedly the lamp in my hall is lovely.",
        "the clock is slow, they say",
        "the clock is slow, they say!",
        "a basket fell over",
    ]

    assert distinct(written, known, limit=0.9) == [False, True, False, True]
    assert distinct(written, known, limit=1) == [False, True, False, True]
    assert distinct([], known, limit=0.9) == []
