import pytest

from act_spec import resources
from act_spec.errors import RecipeError
from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.starter.begin import begin
from act_spec.starter.gallery import known_recipes, renamed

WHOLE = [one.name for one in known_recipes() if not (one.pack or one.partial or "/" in one.name)]


@pytest.mark.parametrize("original", WHOLE)
def test_every_recipe_of_the_gallery_can_be_copied_and_compiled(original, tmp_path):
    made = begin(tmp_path / "mine", gallery=original).recipe

    shipped = load_recipe(resources.folder("recipes") / f"{original}.act.yaml").recipe
    copy = load_recipe(made).recipe
    assert made == tmp_path / "mine" / "mine.act.yaml"
    assert copy.name == "mine"
    assert copy.data.source == shipped.data.source.replace(f"{original}/", "mine/")
    said = shipped.task.model_dump_json().replace(f"{original}/", "mine/")
    assert copy.task.model_dump_json() == said
    assert compile_plan(load_recipe(made)).data.items > 0


def test_the_words_of_a_recipe_are_not_renamed():
    text = "# see recipes/demo.act.yaml\nname: demo\nq: the demo of demo/a.csv and x/demo/b\n"

    assert renamed(text, "demo", "null") == (
        '# see null.act.yaml\nname: "null"\nq: the demo of null/a.csv and x/demo/b\n'
    )


def test_an_unknown_name_offers_the_nearest(tmp_path):
    with pytest.raises(RecipeError, match=r"no recipe 'dmo'\. Did you mean 'demo'\?"):
        begin(tmp_path / "mine", gallery="dmo")

    assert not (tmp_path / "mine").exists()


def test_a_gallery_recipe_takes_no_other_data(tmp_path):
    with pytest.raises(RecipeError, match="Leave out --data and --label"):
        begin(tmp_path / "mine", labels="a,b", gallery="demo")
