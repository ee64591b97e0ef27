from __future__ import annotations

import pytest

from act_spec.errors import RecipeError
from act_spec.recipe.identity import recipe_identity
from act_spec.recipe.load import load_text

PARAMS = "params: {share: 12%, rule: exponential, shown: [title, body], seed: 3}\nseed: $seed\n"


@pytest.fixture
def parameterised(good):
    text = good.replace("12%", "$share").replace("{name: exponential, beta: 20}", "$rule")
    return text.replace("[title, body]", "$shown") + PARAMS


@pytest.fixture
def load(tmp_path):
    return lambda text, **settings: load_text(text, "r.act.yaml", tmp_path, settings).recipe


@pytest.fixture
def said(tmp_path):
    def find(text, **settings):
        with pytest.raises(RecipeError) as caught:
            load_text(text, "r.act.yaml", tmp_path, settings)
        return [str(problem) for problem in caught.value.problems]

    return find


def test_a_default_stands_where_nothing_is_set(load, parameterised):
    recipe = load(parameterised)

    assert str(recipe.budget.reviews) == "12%"
    assert list(recipe.data.show) == ["title", "body"]
    assert recipe.seed == 3


def test_what_is_set_goes_before_the_default(load, parameterised):
    recipe = load(parameterised, share="200", rule="sqrt", shown="[body]", seed="9")

    assert (str(recipe.budget.reviews), recipe.budget.rule.name, recipe.seed) == ("200", "sqrt.v1", 9)
    assert list(recipe.data.show) == ["body"]


def test_the_hash_is_that_of_the_values(load, good, parameterised):
    plain = good.replace("{name: exponential, beta: 20}", "sqrt") + "seed: 3\n"

    assert recipe_identity(load(parameterised, rule="sqrt")) == recipe_identity(load(plain))


def test_quotes_change_no_meaning(load, parameterised):
    text = parameterised.replace("$share", '"$share"')

    assert load(text) == load(parameterised)


def test_a_text_that_begins_with_a_dollar_is_written_with_two(load, good):
    recipe = load(good.replace("What it costs.", "$$price"))

    assert recipe.task.labels["price"].definition == "$price"
    assert load(good.replace("What it costs.", "$9 or more")).task.labels["price"].definition == "$9 or more"


def test_a_wrong_value_is_told_where_it_stands(said, parameterised):
    line = parameterised.count("\n") - 1

    assert said(parameterised.replace("rule: exponential", "rule: sqrtt")) == [
        f"r.act.yaml:{line}:28: budget.rule: no rule is named 'sqrtt'. Did you mean 'sqrt'?"
    ]
    assert said(parameterised, seed="x", rule="sqrtt") == [
        "--set rule=sqrtt: budget.rule: no rule is named 'sqrtt'. Did you mean 'sqrt'?",
        "--set seed=x: seed: 'x' is not a whole number. Write digits alone.",
    ]


def test_an_unknown_parameter_is_named_where_it_is_used_and_where_it_is_set(said, good, parameterised):
    assert said(good.replace("12%", "$share")) == [
        (
            "r.act.yaml:11:19: budget.reviews: there is no parameter 'share'. "
            "A text that begins with '$' is written $$share."
        )
    ]
    assert said(parameterised, shar="1%") == [
        "--set shar=1%: the recipe has no parameter 'shar'. Did you mean 'share'?"
    ]
    assert said(good, share="1%") == [
        "--set share=1%: the recipe has no parameter 'share'. It has none. Write `params: {share: …}` to make one, used as $share."
    ]


def test_an_unused_parameter_is_named(said, good):
    assert said(good + "params: {share: 12%}\n") == [
        (
            "r.act.yaml:12:10: params.share: nothing uses the parameter 'share'. "
            "Write $share in the place of a value, or take it out."
        )
    ]


def test_a_parameter_without_a_default_wants_a_value(load, said, good):
    text = good.replace("12%", "$share") + "params: {share: null}\n"

    assert said(text) == [
        "r.act.yaml:11:19: budget.reviews: the parameter 'share' has no value. Give it one: --set share=…"
    ]
    assert str(load(text, share="5%").budget.reviews) == "5%"


def test_parameters_do_not_build_on_one_another(said, good):
    found = said(good.replace("12%", "$share") + "params: {share: $other, other: 1}\n")

    assert any("parameters do not build on one another" in line for line in found)


def test_a_list_is_set_as_a_list(said, parameterised):
    assert said(parameterised, shown="title") == [
        "--set shown=title: the default of 'shown' is a list such as [a, b], and 'title' is none."
    ]


def test_a_recipe_sets_the_parameters_of_its_base(tmp_path, good):
    base = good.replace("name: topics", "partial: true").replace("12%", "$share") + "params: {share: 12%}\n"
    (tmp_path / "base.act.yaml").write_text(base)
    child = "act: 1\nname: mine\nextends: base.act.yaml\n"

    def load(more, **settings):
        return load_text(child + more, "r.act.yaml", tmp_path, settings).recipe

    assert str(load("").budget.reviews) == "12%"
    assert str(load("params: {share: 7%}\n").budget.reviews) == "7%"
    assert str(load("params: {share: 7%}\n", share="8%").budget.reviews) == "8%"
    # Overridden, the parameter is of no use any more, which is no mistake of the base.
    assert str(load("budget: {reviews: 9%}\n").budget.reviews) == "9%"
    with pytest.raises(RecipeError, match="nothing in the recipe uses the parameter 'share'"):
        load("budget: {reviews: 9%}\n", share="8%")
