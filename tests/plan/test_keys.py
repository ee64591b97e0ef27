"""Which edit of a recipe redoes which stage: no more than what follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from act_spec.plan.compile import compile_plan
from act_spec.plan.model import Plan
from act_spec.recipe.load import load_recipe

RECIPE = """\
act: 1
name: keyed
task:
  kind: classification
  question: Good?
  labels: {good: It is., bad: It is not.}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {model: openai/gpt-4o-mini}
judge: {model: openai/gpt-4o, strategy: cot}
budget: {reviews: 1, rule: sqrt}
seed: 1
"""
ALL = {"data", "annotate", "judge", "allocate", "review", "measure"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data.csv").write_text("id,text,gold\na,Fine,good\nb,Poor,bad\nc,So,bad\n")
    return tmp_path


def planned(folder: Path, old: str = "", new: str = "") -> Plan:
    assert old in RECIPE
    recipe = folder / "keyed.act.yaml"
    recipe.write_text(RECIPE.replace(old, new) if old else RECIPE)
    return compile_plan(load_recipe(recipe))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("question: Good?", "question: 'Good?'  # the same", set()),
        ("reviews: 1", "reviews: 2", set()),
        ("gpt-4o-mini}", "gpt-4o-mini, concurrency: 3, timeout_s: 9}", set()),
        ("rule: sqrt", "rule: uniform", {"allocate", "measure"}),
        ("strategy: cot", "strategy: direct", {"judge", "allocate", "measure"}),
        ("openai/gpt-4o-mini", "openai/gpt-4o", {"annotate", "judge", "allocate", "measure"}),
        ("It is.,", "It really is.,", {"annotate", "judge", "allocate", "measure"}),
        (", gold: gold", "", {"data", "allocate", "measure"}),
        ("seed: 1", "seed: 2", {"data", "allocate", "measure"}),
        ("question: Good?", "question: Any good?", ALL - {"data"}),
        ("show: [text]", "show: [text, id]", ALL),
    ],
)
def test_an_edit_changes_the_keys_of_what_follows_it_and_no_other(folder, old, new, changed):
    before, after = planned(folder).keys, planned(folder, old, new).keys

    assert {stage for stage in before if before[stage] != after[stage]} == changed


def test_a_plan_is_the_same_value_every_time(folder):
    assert planned(folder).hash == planned(folder).hash


def test_costs_are_ranges_and_add_up(folder):
    plan = planned(folder)

    assert plan.annotate.calls == 3
    assert plan.judge is not None
    total = plan.cost_usd
    assert total is not None
    assert 0 < total.low < total.likely < total.high
    assert plan.annotate.cost_usd is not None
    assert plan.judge.cost_usd is not None
    assert total.likely == plan.annotate.cost_usd.likely + plan.judge.cost_usd.likely


def test_an_unknown_price_is_unknown_and_not_zero(folder):
    plan = planned(folder, "openai/gpt-4o-mini", "openai/nobody-knows")

    assert plan.annotate.cost_usd is None
    assert plan.cost_usd is None


OF_FIELDS = """\
act: 1
name: keyed
task: {task}
data: {{source: data.csv, id: id, show: {show}}}
annotator: {{model: local/tiny}}
judge: {{model: local/tiny}}
budget: {{reviews: 1}}
"""
PAIR = "{kind: pairwise, question: Better?, between: [one, other]}"
PASSAGES = "{kind: spans, question: Where?, labels: [place], text: TEXT}"
CLAIM = "{kind: verification, question: So?, claim: CLAIM, evidence: EVIDENCE}"


@pytest.mark.parametrize(
    ("task", "show", "task_then", "show_then"),
    [
        (PAIR, "{one: text, other: gold}", PAIR, "{one: gold, other: text}"),
        (PASSAGES.replace("TEXT", "text"), "[text, gold]", PASSAGES.replace("TEXT", "gold"), "[text, gold]"),
        (
            PASSAGES.replace("TEXT", "a"),
            "{a: text, b: gold}",
            PASSAGES.replace("TEXT", "a"),
            "{a: gold, b: text}",
        ),
        (
            CLAIM.replace("CLAIM", "text").replace("EVIDENCE", "gold"),
            "[text, gold]",
            CLAIM.replace("CLAIM", "gold").replace("EVIDENCE", "text"),
            "[text, gold]",
        ),
    ],
)
def test_an_answer_about_a_field_is_not_taken_for_one_about_another(folder, task, show, task_then, show_then):
    def key(task: str, show: str) -> str:
        recipe = folder / "keyed.act.yaml"
        recipe.write_text(OF_FIELDS.format(task=task, show=show))
        return compile_plan(load_recipe(recipe)).review_key

    assert key(task, show) != key(task_then, show_then)
