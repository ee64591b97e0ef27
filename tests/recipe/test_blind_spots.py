from __future__ import annotations

from pathlib import Path

import pytest

from act_spec.errors import RecipeError
from act_spec.plan.compile import compile_plan
from act_spec.plan.explain import explain
from act_spec.recipe.load import load_recipe

_RECIPE = """\
act: 1
name: seen
task: {kind: classification, question: "?", labels: [good, bad]}
data: {source: items.csv, id: id, show: [text], gold: gold%s}
annotator: {model: local/tiny, strategy: {name: direct, confidence: true}}
budget: {reviews: 2, rule: uniform}
review: {simulate: gold}
"""
PAID = "{model: openai/gpt-4o, price: {input_usd_per_million: 1, output_usd_per_million: 2}}"


def planned(folder: Path, more: str, *, change: tuple[str, str] = ("", ""), data: str = ""):
    (folder / "items.csv").write_text("id,text,gold\na,one,good\nb,two,bad\nc,three,good\n", encoding="utf-8")
    path = folder / "seen.act.yaml"
    path.write_text((_RECIPE % data).replace(*change) + more, encoding="utf-8")
    return compile_plan(load_recipe(path))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("blind_spots: {confidence: 0}", "blind_spots.confidence"),
        ("blind_spots: {confidence: 1.5}", "blind_spots.confidence"),
        ("blind_spots: {thresholds: []}", "blind_spots.thresholds"),
        ("blind_spots: {train_on: some}", "blind_spots.train_on"),
        ("blind_spots: {hypothesis: 2}", "Did you mean 'hypotheses'?"),
        ("blind_spots: {}\nmatrix: {repeat: {seed: 2}}", "a matrix has many"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path, more, said):
    with pytest.raises(RecipeError, match="8:") as caught:
        planned(tmp_path, more)

    assert said in str(caught.value)


def test_somebody_must_say_how_sure_the_machine_is(tmp_path):
    change = ("strategy: {name: direct, confidence: true}", "strategy: direct")
    with pytest.raises(RecipeError, match="nobody says how sure a label is") as caught:
        planned(tmp_path, "blind_spots: {}", change=change)
    assert "{name: direct, confidence: true}" in str(caught.value)

    judged = "blind_spots: {}\njudge: {model: local/tiny}\nsilence: [self-criticism]"
    assert planned(tmp_path, judged, change=change).blind_spots is not None


def test_fields_must_be_text(tmp_path):
    with pytest.raises(RecipeError, match="'text' is no text, and examples can be written of texts alone"):
        planned(tmp_path, "blind_spots: {}", change=("show: [text]", "show: {text: {image: text}}"))


def test_a_teacher_is_priced_listed_and_held_to_the_hosts(tmp_path):
    plan = planned(tmp_path, f"blind_spots: {{most: 2, hypotheses: 3, teacher: {PAID}}}")

    assert plan.teacher.calls == 2 * (2 + 1 + 3)
    assert plan.cost_usd.likely > 0
    assert "openai/gpt-4o teaches" in explain(plan)
    assert plan.hosts == ("api.openai.com",)
    with pytest.raises(RecipeError, match="items would go to api.openai.com"):
        planned(tmp_path, f"blind_spots: {{teacher: {PAID}}}", data=", send_to: []")


def test_a_short_form_is_the_mapping_that_it_stands_for(tmp_path):
    short, long = (
        planned(tmp_path, f"blind_spots: {{teacher: {teacher}}}")
        for teacher in ("local/tiny", "{model: local/tiny}")
    )

    assert short.hash == long.hash


def test_what_training_takes_changes_nothing_that_was_found(tmp_path):
    first = planned(tmp_path, "blind_spots: {}")
    other = planned(tmp_path, "blind_spots: {train_on: all, thresholds: [0.5]}")
    apart = planned(tmp_path, "blind_spots: {confidence: 0.8}")

    assert first.blind_spots_key == other.blind_spots_key != apart.blind_spots_key
    assert "blind_spots" not in planned(tmp_path, "").keys


def test_without_the_key_no_hash_changes(tmp_path):
    assert "blind_spots" not in planned(tmp_path, "").values
