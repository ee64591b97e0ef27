"""The published figures of real models' recorded answers, reproduced from a recipe alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.store.database import Store

_HALUEVAL = """\
act: 1
name: halueval
task: {{kind: classification, question: Is the claim supported?, labels: [supported, hallucinated]}}
data:
  source: {folder}/items.parquet
  id: item_id
  show: [evidence, question, claim_answer]
  gold: gold
annotator:
  strategy: {{name: recorded, source: {folder}/machine.parquet, where: {{model: gpt-4o}}, label: label, confidence: confidence}}
judge:
  strategy: {{name: recorded, source: {folder}/machine.parquet, {judge}}}
budget: {{reviews: 20%, rule: threshold, audit: 0%}}
review: {{simulate: gold}}
"""
_CEBAB = """\
act: 1
name: cebab
task: {{kind: classification, question: How is the aspect rated?, labels: [Positive, Negative, unknown]}}
data: {{source: {folder}/items.parquet, id: item_id, show: [aspect, text], gold: gold}}
annotator:
  strategy: {{name: recorded, source: {folder}/machine.parquet, where: {{model: gpt-4o-mini}}, label: label}}
budget: {{reviews: 10%, rule: uniform}}
review: {{simulate: gold}}
"""
OWN = "as: own_confidence, where: {model: gpt-4o}, confidence: confidence"
SECOND = "as: second_opinion, where: {model: deepseek-v3}, label: label, confidence: confidence"


def walked(folder: Path, text: str) -> dict[str, tuple[float | None, str | None]]:
    """Each metric's value and note after a walk; `selected` is how many items were drawn."""
    recipe = folder / "recorded.act.yaml"
    recipe.write_text(text, encoding="utf-8")
    walk_recipe(recipe)
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        found = {
            name: (value, note) for name, value, note in store.rows("SELECT name, value, note FROM metrics")
        }
        drawn = store.one(
            "SELECT count(*) FILTER (WHERE selected AND human_label IS NOT NULL), sum(inclusion_probability) FROM labels"
        )
    return found | {"reviewed": (drawn[0], None), "probabilities": (drawn[1], None)}


@pytest.mark.parametrize(
    ("judge", "auroc", "auroc_within", "final"), [(OWN, 0.842, 0.0005, 0.804), (SECOND, 0.865, 0.005, 0.840)]
)
def test_halueval_with_gpt_4o(tmp_path, recorded_data, judge, auroc, auroc_within, final):
    """Its own confidence, and a second model's opinion, spent on a fifth of the items."""
    folder = recorded_data / "halueval_claim_evidence"
    found = walked(tmp_path, _HALUEVAL.format(folder=folder, judge=judge))

    assert found["machine_accuracy"][0] == pytest.approx(0.657, abs=0.0005)
    assert found["auroc"][0] == pytest.approx(auroc, abs=auroc_within)
    assert found["final_accuracy"][0] == pytest.approx(final, abs=0.01)
    assert found["reviewed"][0] == 240
    assert found["probabilities"][0] == pytest.approx(240, abs=1e-6)


def test_cebab_with_gpt_4o_mini(tmp_path, recorded_data):
    found = walked(tmp_path, _CEBAB.format(folder=recorded_data / "cebab_aspects"))

    assert found["machine_accuracy"][0] == pytest.approx(0.884, abs=0.0005)
    assert "972 of 1,008" in str(found["machine_accuracy"][1])
