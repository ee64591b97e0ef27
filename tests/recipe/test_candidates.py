from __future__ import annotations

import pytest

JUDGE = "judge: {model: local/other, strategy: cot}"
TWO = "judge: [{model: a/b}, {model: a/c, strategy: cot}]"
PILOT = "\npilot: 60"

# What stands in the place of the judge, where the fault is shown, and words of its sentence.
BROKEN = {
    "misspelt key": (
        "judge: [{model: a/b}, {modl: a/c}]" + PILOT,
        "10:24: judge.modl",
        ["no key 'modl'", "mean 'model'"],
    ),
    "misspelt strategy": (
        "judge: [{model: a/b}, {model: a/c, strategy: cott}]" + PILOT,
        "10:46: judge.strategy",
        ["'cott'", "mean 'cot'"],
    ),
    "misspelt parameter": (
        "judge: [{model: a/b}, {strategy: {name: recorded, as: own_confidence, confidnce: c}}]" + PILOT,
        "10:71: judge.strategy.confidnce",
        ["mean 'confidence'"],
    ),
    "texts": (
        "judge: [a/b, {model: a/c}]" + PILOT,
        "10:9: judge",
        ["expected a mapping of keys, found 'a/b'"],
    ),
    "one judge": ("judge: [{model: a/b}]" + PILOT, "10:8: judge", ["at least two", "as a mapping"]),
    "no judge": ("judge: []" + PILOT, "10:8: judge", ["at least two"]),
    "same judge twice": (
        "judge: [{model: a/b}, {model: a/c}, {model: a/b, strategy: direct.v1}]" + PILOT,
        "10:37: judge",
        ["the same as number 1"],
    ),
    "without a pilot": (TWO, "10:8: judge", ["pilot is not given", "pilot: 60"]),
    "short pilot": (TWO + "\npilot: 5", "11:8: pilot", ["'5'", "at least 10"]),
    "pilot as a share": (TWO + "\npilot: 5%", "11:8: pilot", ["'5%' is not a whole number"]),
    "misspelt pilot": (JUDGE + "\npliot: 60", "11:1: pliot", ["mean 'pilot'"]),
    "pilot of one judge": (
        "judge: {model: a/b, pilot: 60}",
        "10:21: judge.pilot",
        ["belongs at the top level"],
    ),
    "combining a single judge": (
        JUDGE + PILOT + "\ncombine: false",
        "12:10: combine",
        ["only several judges", "as a list"],
    ),
    "plural": ("judges: [{model: a/b}, {model: a/c}]", "10:1: judges", ["no key 'judges'", "mean 'judge'"]),
}


@pytest.mark.parametrize(("new", "place", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_fault_among_candidates_is_named_where_it_stands(good, faults, new, place, words):
    found = faults(good.replace(JUDGE, new))

    assert len(found) == 1, [str(problem) for problem in found]
    assert str(found[0]).startswith(f"r.act.yaml:{place}: ")
    for word in words:
        assert word in str(found[0])


def test_faults_of_several_candidates_are_all_reported(good, faults):
    new = "judge: [{model: a/b, temperature: hot}, {model: a/c, max_tokens: many}]" + PILOT

    found = faults(good.replace(JUDGE, new))

    assert [(problem.column, problem.path) for problem in found] == [
        (35, "judge.temperature"),
        (66, "judge.max_tokens"),
    ]


def test_a_list_of_judges_names_candidates(good, load):
    loaded = load(good.replace(JUDGE, TWO + PILOT))

    recipe = loaded.recipe
    assert (recipe.judge, recipe.pilot) == (None, 60)
    assert [judge.model for judge in recipe.judges] == ["a/b", "a/c"]
    assert [judge.strategy.name for judge in recipe.candidates] == ["direct.v1", "cot.v1"]
    assert loaded.places.at(("judges", 1, "strategy")).column == 46


def test_one_judge_is_the_only_candidate(good, load):
    recipe = load(good).recipe

    assert recipe.judges == ()
    assert recipe.candidates == (recipe.judge,)


def test_without_a_judge_there_are_no_candidates(good, load):
    assert load(good.replace(JUDGE + "\n", "")).recipe.candidates == ()


def test_where_of_a_candidate_keeps_the_words_of_the_user(good, load):
    recorded = "{name: recorded, as: second_opinion, source: m.csv, where: {model: null}, label: l}"

    with pytest.raises(
        ValueError, match=r"10:101: judge\.strategy\.where\.model: there is a key and no value"
    ):
        load(good.replace(JUDGE, f"judge: [{{model: a/b}}, {{strategy: {recorded}}}]" + PILOT))


@pytest.mark.parametrize("rule", ["uniform", "sqrt"])
def test_a_pilot_is_fine_with_one_judge_and_any_rule(good, load, rule):
    text = good.replace("{name: exponential, beta: 20}", rule) + "pilot: 10\n"

    assert load(text).recipe.pilot == 10


@pytest.mark.parametrize(
    ("budget", "allowed"),
    [
        ("reviews: 60", False),
        ("reviews: 61", True),
        ("reviews: 1%", True),
        ("reviews: auto, target: {accuracy: 0.9}, at_most: 60", False),
        ("reviews: auto, target: {accuracy: 0.9}, at_most: 61", True),
        ("hours: 1", True),
    ],
)
def test_a_pilot_takes_less_than_the_budget(good, load, faults, budget, allowed):
    text = good.replace("reviews: 12%", budget) + "pilot: 60\n"

    if allowed:
        load(text)
    else:
        [found] = faults(text)
        assert (found.line, found.column, found.path) == (12, 8, "pilot")
        assert "60 items" in found.message


@pytest.mark.parametrize("method", ["none", "logistic", "isotonic"])
def test_a_judge_s_scores_may_be_calibrated(good, load, method):
    recipe = load(good.replace("strategy: cot", f"strategy: cot, calibrate: {method}")).recipe

    assert recipe.judge.calibrate == method


def test_a_misspelt_calibration_is_named(good, faults):
    [found] = faults(good.replace("strategy: cot", "strategy: cot, calibrate: isotnic"))

    assert str(found).startswith("r.act.yaml:10:55: judge.calibrate: 'isotnic' is not a choice")
    assert "mean 'isotonic'" in found.hint
