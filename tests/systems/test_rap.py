"""RAP (arXiv:2506.04755): items that need the field are kept, by whole numbers of right answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import floor
from typing import Any

import numpy as np
import pytest
from model_server import ModelServer
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.store.database import Store
from act_spec.strategies.selecting import OpenItems, Wanted
from act_spec.strategies.selectors.field_ablation import field_ablation

# Right answers of five with the field and of five without, and whether the item is kept, by hand.
TABLE = [
    ((5, 0), False),  # all right: nothing to learn
    ((5, 3), False),
    ((4, 0), True),
    ((4, 2), True),
    ((4, 3), False),  # 0.8 - 0.6 > 0.2 in floats
    ((3, 2), False),  # 0.6 - 0.4 > 0.2 is false in floats
    ((3, 1), True),
    ((3, 3), False),  # answered without the field just as well
    ((2, 0), True),
    ((2, 4), False),  # the field misleads
    ((1, 0), False),  # hard, and comes in by lot alone
    ((0, 0), False),
]


def chosen(trials: list[tuple[int, int]], **set_: Any) -> set[int]:
    items = OpenItems(["x"] * len(trials), 42, 1, trials=np.array(trials))
    return set(field_ablation(items, Wanted(len(trials), 0), without=("image",), **set_).tolist())


def test_what_is_kept_is_as_by_hand():
    kept = chosen([counts for counts, _ in TABLE], replace=0.0)

    assert kept == {place for place, (_, stays) in enumerate(TABLE) if stays}


@pytest.mark.parametrize("contrast", [0, 1, 3])
def test_what_is_answered_without_the_field_or_always_right_is_never_kept(contrast):
    every = [(full, bare) for full in range(6) for bare in range(6)]

    for place in chosen(every, contrast=contrast, replace=1.0):
        full, bare = every[place]
        assert full > bare
        assert full < 5


@pytest.mark.parametrize("hard", [0, 9, 10, 37, 70, 100])
def test_a_tenth_of_the_hard_items_comes_in_rounded_down(hard):
    trials = [(1, 0)] * hard + [(4, 0)] * 5

    made = chosen(trials)

    assert len([place for place in made if place < hard]) == floor(hard / 10)
    assert {hard + number for number in range(5)} <= made


_RECIPE = """\
act: 1
name: rap
task: {{kind: classification, question: What colour is it?, labels: [red, blue]}}
data: {{source: items.csv, id: id, show: [question, seen], gold: gold}}
annotator: {{model: openai/seeing, api_base: {url}, price: {{input_usd_per_million: 1, output_usd_per_million: 2}}}}
budget: {{reviews: 12, audit: 0%}}
rounds:
  number: 1
  select: {{name: field_ablation, without: [seen]}}
  keep_for_test: false
review: {{simulate: gold}}
train: {{epochs: 2}}
"""


def test_a_walk_keeps_the_items_of_the_table(tmp_path):
    """A model that is right as often as the table says: five answers with the field and five without for each item."""
    pytest.importorskip("torch")
    asked: Counter[tuple[int, bool]] = Counter()

    def answer(body: Any) -> str:
        said = json.dumps(body["messages"])
        case = int(re.findall(r"case (\d+) of", said)[-1]), "a petal" in said
        asked[case] += 1
        right = TABLE[case[0]][0][0 if case[1] else 1]
        return json.dumps({"label": "red" if asked[case] <= right else "blue"})

    lines = [f"i{place:02},case {place} of these,a petal,red" for place in range(len(TABLE))]
    (tmp_path / "items.csv").write_text("\n".join(["id,question,seen,gold", *lines]), encoding="utf-8")
    recipe = tmp_path / "rap.act.yaml"
    with ModelServer(answer=answer) as server:
        recipe.write_text(_RECIPE.format(url=server.url), encoding="utf-8")
        walk_recipe(recipe)

    assert asked == {(place, full): 5 for place in range(len(TABLE)) for full in (True, False)}
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        kept = {item for (item,) in store.rows("SELECT item_id FROM selections")}
    assert kept == {f"i{place:02}" for place, (_, stays) in enumerate(TABLE) if stays}
