"""Images among the labels' examples: sent once a prompt, told by number, shown in the guideline."""

from __future__ import annotations

import pytest
from media_files import png, write
from walking import plan_of

from act_spec.errors import RecipeError
from act_spec.plan.example_images import example_images
from act_spec.plan.prompting import Asking
from act_spec.records import Item

_RECIPE = """\
act: 1
name: seen
task:
  kind: classification
  question: Which colour?
  labels:
    red: {definition: Like blood., examples: [{image: shown/red.png, why: it is}], near_misses: [{image: shown/rose.png}]}
    blue: {examples: [{image: shown/red.png}]}
data: {source: data.csv, id: id, show: {photo: {image: file}}}
annotator: {model: local/tiny}
budget: {reviews: 1, rule: uniform}
"""
_SIZE = {"sha256": "x", "mime": "image/png", "width": 9, "height": 9}


@pytest.fixture
def recipe(tmp_path):
    write(tmp_path, {"shown/red.png": png("red"), "shown/rose.png": png("pink"), "a.png": png("blue")})
    (tmp_path / "data.csv").write_text("id,file\n1,a.png\n", encoding="utf-8")
    path = tmp_path / "seen.act.yaml"
    path.write_text(_RECIPE, encoding="utf-8")
    return path


def sent(recipe):
    plan = plan_of(recipe)
    asking = Asking(plan.annotate, plan.task, plan.data.show, recipe.parent)
    [(system, user)] = asking.first_messages(Item("1", {"photo": [{"file": "a.png", **_SIZE}]}))
    return system["content"], user["content"]


def test_each_file_is_sent_once_and_told_by_its_number(recipe):
    system, user = sent(recipe)

    assert [part["type"] for part in user].count("image") == 3
    assert user[0]["text"] == "Example image 1:\n"
    assert 'Example: "[example image 1]" (it is)' in system
    assert 'Near miss, not this label: "[example image 2]"' in system
    assert system.count("[example image 1]") == 2
    assert "shown/" not in system


def test_other_pixels_under_the_same_name_ask_anew(recipe):
    before = plan_of(recipe)
    write(recipe.parent, {"shown/red.png": png("orange")})

    assert plan_of(recipe).annotate.key != before.annotate.key


def test_an_example_that_cannot_be_used_is_a_fault_of_the_recipe(recipe):
    write(recipe.parent, {"shown/rose.png": b"nothing"})

    with pytest.raises(RecipeError, match=r"the example image 'shown/rose.png' cannot be used: not an image"):
        plan_of(recipe)


def test_an_example_of_a_base_lies_beside_the_base(recipe):
    """A recipe in another folder extends it; the picture is found where the base names it."""
    folder = recipe.parent / "team" / "mine"
    folder.mkdir(parents=True)
    mine = folder / "mine.act.yaml"
    mine.write_text("act: 1\nextends: ../../seen.act.yaml\nname: mine\n", encoding="utf-8")

    plan = plan_of(mine)

    assert [one.blob.sha256 for one in example_images(plan.task, plan.data.show, folder)] == [
        one.blob.sha256 for one in example_images(plan_of(recipe).task, plan.data.show, recipe.parent)
    ]
