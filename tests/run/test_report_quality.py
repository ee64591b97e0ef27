import pytest
from walking import plan_of, walk_recipe

from act_spec.plan.compile import run_folder
from act_spec.run.report import report_facts
from act_spec.store.database import Store

RECIPE = """\
act: 1
name: piloted
task: {kind: classification, question: Is it good?, labels: {good: It is., bad: It is not.}}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {strategy: {name: recorded, label: machine, confidence: sure}}
judge:
  - {strategy: {name: recorded, as: own_confidence}, calibrate: logistic}
  - {strategy: {name: recorded, as: error_probability, error_probability: blind}, calibrate: logistic}
pilot: 20
budget: {reviews: 40, rule: sqrt, audit: 30%, fit_accuracy: 0%}
review: {simulate: gold}
seed: 3
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("piloted")
    rows = [
        f"c{n // 2}_{'ab'[n % 2]},text {n},{'good' if n % 4 else 'bad'},good,{0.9 if n % 4 else 0.3},0.5"
        for n in range(80)
    ]
    (folder / "data.csv").write_text("id,text,gold,machine,sure,blind\n" + "\n".join(rows))
    recipe = folder / "piloted.act.yaml"
    recipe.write_text(RECIPE)
    walk_recipe(recipe)
    plan = plan_of(recipe)
    with Store.open(run_folder(plan) / "run.duckdb") as store:
        return report_facts(plan, store)


def test_rounds_are_told_with_their_rules(facts):
    assert [(one.drawn, one.answered, one.rule) for one in facts.rounds] == [
        (20, 20, "uniform.v1"),
        (20, 20, "sqrt.v1"),
    ]
    assert sum(one.share for one in facts.rounds) == pytest.approx(1)


def test_the_pilot_is_told_with_its_ranking(facts):
    """The first judge knows every error, so its gain at half of the items is 1; the blind one's is 1/2."""
    best, rival = (one for one in facts.pilot.verdict.ranking if not one.combined)

    assert facts.pilot.reviews == 20
    assert (best.gain.value, rival.gain.value) == (pytest.approx(1), pytest.approx(0.5))
    assert facts.pilot.verdict.used == best.name
    assert len(facts.pilot.verdict.ranking) == 4
    assert not facts.pilot.combination


def test_raw_and_calibrated_scores_are_pictured(facts):
    assert [one.scores for one in facts.reliability] == ["as judged", "calibrated (logistic)"]
    assert all(sum(part.count for part in one.bins) == facts.reviewed for one in facts.reliability)


def test_quality_is_told_overall_and_for_each_label(facts):
    overall, good = facts.quality

    assert (overall.label, overall.items, overall.reviewed) == ("all labels", 80, 40)
    assert (good.label, good.items) == ("good", 80)
    assert good.accuracy.low <= 0.75 <= good.accuracy.high


def test_items_in_pairs_without_a_group_are_warned_of(facts):
    assert facts.warnings[0].startswith("Items seem to come in groups by their ids (such as c0_a, c0_b)")


def test_both_estimators_are_among_the_figures(facts):
    """Three quarters are right; the interval is of the reviews and so the same for both, unless widened."""
    assisted, plain = (facts.metric(f"{name}_machine_accuracy") for name in ("estimated", "unassisted"))

    assert plain.low <= 0.75 <= plain.high
    assert plain.value != assisted.value
    assert "without the judge" in facts.metric("estimated_machine_accuracy:good").note
