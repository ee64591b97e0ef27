from __future__ import annotations

import pytest

from act_spec.recipe.advice import advise
from act_spec.recipe.silence import CODES

STUDIED = {
    "annotator-choice": ("local/tiny", "gemini/gemini-1.5-pro"),
    "cot-annotator": ("{model: local/tiny}", "{model: local/tiny, strategy: cot}"),
    "judge-without-cot": (", strategy: cot", ""),
    "self-criticism": ("local/other", "other/tiny"),
    "white-box-judge": ("strategy: cot", "strategy: logit"),
    "normalized-rule": ("{name: exponential, beta: 20}", "normalized"),
    "strong-judge": ("local/tiny", "openai/gpt-4o-mini"),
}
OURS = {
    "no-judge": ("judge: {model: local/other, strategy: cot}\n", ""),
    "uniform-rule": ("{name: exponential, beta: 20}", "uniform"),
    "no-audit": ("12%", "12%, audit: 0%"),
    "no-definitions": ("{price: What it costs., battery: How long a charge lasts.}", "[price, battery]"),
    "no-if-unsure": ("  if_unsure: Take the first.\n", ""),
    "no-cap": ("local/tiny", "openai/gpt-4o"),
    "no-id": ("id: item_id, ", ""),
}
TRIGGERS = {**STUDIED, **OURS}


def test_a_recipe_without_need_of_advice_gets_none(good, load):
    assert advise(load(good.replace("local/other", "local/another"))) == []


def test_every_code_has_a_recipe_here():
    assert set(TRIGGERS) == set(CODES)


@pytest.mark.parametrize("code", TRIGGERS)
def test_advice_is_given_where_it_applies(good, load, code):
    old, new = TRIGGERS[code]
    assert old in good

    given = {advice.code: advice for advice in advise(load(good.replace(old, new, 1)))}

    assert code in given
    assert f"silence: [{code}]" in str(given[code])
    assert given[code].place.line > 0


@pytest.mark.parametrize("code", TRIGGERS)
def test_silenced_advice_is_not_given(good, load, code):
    text = good.replace(*TRIGGERS[code], 1) + f"silence: [{code}]\n"

    assert code not in {advice.code for advice in advise(load(text))}


@pytest.mark.parametrize("code", STUDIED)
def test_what_a_study_found_is_told_as_the_study_s(code):
    assert "arXiv 2511.09833, November 2025" in CODES[code]


def test_advice_stands_in_the_order_of_the_recipe(good, load):
    given = advise(load(good.replace("id: item_id, ", "").replace("12%", "12%, audit: 0%")))

    assert [advice.code for advice in given] == ["no-id", "no-audit"]
