from __future__ import annotations

from decimal import Decimal

import pytest

ANNOTATOR = "annotator: {model: local/tiny}"
ON = ("strategy: cot}", "strategy: cot, on: 20%}")

SURE = [
    "{model: local/tiny}",
    "{model: local/tiny, strategy: cot}",
    "{model: local/tiny, strategy: {name: direct, confidence: true}}",
    "{model: local/tiny, strategy: {name: cot, confidence: true}}",
    "{strategy: {name: recorded, label: l, confidence: c}}",
    "{model: local/tiny, strategy: self_consistency}",
    "{models: [a/b, a/c], strategy: panel}",
]
UNSURE = {
    "{model: local/tiny, strategy: {name: direct, confidence: false}}": "{name: direct, confidence: true}",
    "{strategy: {name: recorded, label: l}}": "annotator.strategy.confidence",
    "{column: stage}": "self_consistency",
}


@pytest.mark.parametrize("annotator", SURE)
def test_the_least_sure_are_judged_where_the_annotator_says_how_sure_it_is(good, load, annotator):
    recipe = load(good.replace(*ON).replace(ANNOTATOR, f"annotator: {annotator}")).recipe

    assert recipe.judge.on.fraction == Decimal("0.2")


@pytest.mark.parametrize(("annotator", "hint"), UNSURE.items())
def test_where_it_does_not_the_hint_says_what_to_write(good, faults, annotator, hint):
    [found] = faults(good.replace(*ON).replace(ANNOTATOR, f"annotator: {annotator}"))

    assert str(found).startswith("r.act.yaml:10:48: judge.on: ")
    assert "does not say how sure" in found.message
    assert hint in found.hint


def test_among_candidates_the_fault_stands_at_the_one_that_has_it(good, faults):
    two = "judge: [{model: a/b}, {model: a/c, on: 20%}]\npilot: 60"

    unsure = "annotator: {model: local/tiny, strategy: {name: direct, confidence: false}}"
    text = good.replace("judge: {model: local/other, strategy: cot}", two).replace(ANNOTATOR, unsure)
    [found] = faults(text)

    assert str(found).startswith("r.act.yaml:10:40: judge.on: ")


@pytest.mark.parametrize(("share", "words"), [("0%", "judge nothing"), ("0.2", "20%"), ("120%", "100%")])
def test_a_share_that_cannot_be_is_refused(good, faults, share, words):
    [found] = faults(good.replace("strategy: cot}", f"strategy: cot, on: {share}}}"))

    assert str(found).startswith("r.act.yaml:10:48: judge.on: ")
    assert words in str(found)


def test_a_judge_that_asks_no_model_may_judge_a_part(good, load):
    judge = "judge: {strategy: {name: recorded, as: error_probability, error_probability: p}, on: 20%"
    sure = "annotator: {model: local/tiny, strategy: {name: direct, confidence: true}}"

    text = good.replace("judge: {model: local/other, strategy: cot", judge).replace(ANNOTATOR, sure)

    assert load(text).recipe.judge.on is not None


def test_an_annotator_that_can_be_asked_is_asked_how_sure_it_is(good, load):
    recipe = load(good.replace(*ON).replace(ANNOTATOR, "annotator: {model: local/tiny}")).recipe

    assert recipe.annotator.strategy.parameters == {"confidence": True}
