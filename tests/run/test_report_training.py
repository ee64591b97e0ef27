"""The report's part on trained models, from what training left in the tables."""

from datetime import datetime

import pytest
from training_run import write_recipe

from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.run.report import report_facts, write_report
from act_spec.run.report_training import training_facts
from act_spec.run.session import open_session
from act_spec.run.walk import walk
from act_spec.store.database import Store
from act_spec.store.training_rows import Arm, Compared, Difference, Fit, write_comparison, write_fit

NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - as the tables hold it
KEY = "k"


def keep(store, plan, curve, differences):
    """Four arms over two seeds, and a point of the curve."""
    for seed in (0, 1):
        for arm, reviews, score in (
            ("human", None, 0.9),
            ("machine", None, 0.6),
            ("delivered", None, 0.7),
            ("corrected", None, 0.8),
            ("corrected", 12, 0.75),
        ):
            write_fit(store, KEY, plan.hash, Fit(arm, reviews, seed, 3, (score, score - 0.1 * seed)), NOW)
    compared = Compared("linear.v1", "text as words", "act.v1", "gold", 48, curve)
    write_comparison(store, KEY, plan.hash, compared, differences, NOW)


@pytest.fixture
def run(tmp_path):
    plan = compile_plan(load_recipe(write_recipe(tmp_path)))
    folder = tmp_path / "runs" / "things"
    with open_session(plan, folder, lambda tick: None) as (store, session, place):
        walk(plan, store, session, place)
        yield plan, store, place


def test_without_training_the_report_says_nothing_of_it(run):
    plan, store, _ = run

    assert training_facts(store) is None
    assert report_facts(plan, store).training is None


def test_the_report_tells_scores_and_differences(run):
    plan, store, place = run
    differences = [
        Difference(Arm("human"), Arm("machine"), 0.3, 0.2, 0.4),
        Difference(Arm("corrected"), Arm("delivered"), 0.1, -0.05, 0.25),
        Difference(Arm("corrected", 124), Arm("corrected", 24), 0.02, 0.0, 0.04),
    ]
    keep(store, plan, "gold", differences)
    keep(store, plan, "gold", differences)

    found = training_facts(store)

    assert [(arm.role, arm.reviews, arm.own) for arm in found.arms] == [
        ("human", None, True),
        ("machine", None, True),
        ("delivered", 24, True),
        ("corrected", 24, True),
        ("corrected", 12, False),
    ]
    assert found.arms[0].mean == pytest.approx(0.875)
    assert found.arms[1].behind == (0.3, 0.2, 0.4)
    assert found.sentences == (
        "The loss act against plain training on the same labels: +10.0 points [-5.0, +25.0].",
        "100 more reviews would buy +2.0 points [+0.0, +4.0].",
    )
    write_report(plan, store, place)
    page = (place.path / "report.html").read_text()
    assert "What the labels are worth to a model" in page
    assert "100 more reviews would buy +2.0 points" in page


def test_without_gold_it_tells_what_the_last_reviews_bought(run):
    plan, store, _ = run
    keep(store, plan, "thinned", [Difference(Arm("corrected"), Arm("corrected", 12), 0.05, 0.0, 0.1)])

    assert training_facts(store).sentences == ("The last 12 reviews bought +5.0 points [+0.0, +10.0].",)


def test_an_edited_recipe_leaves_the_earlier_training_behind(run):
    plan, store, _ = run
    keep(store, plan, "gold", [])
    store.run("UPDATE meta SET value = 'another' WHERE key = 'plan_hash'")

    assert training_facts(store) is None


def test_report_reads_what_training_wrote_without_torch(tmp_path):
    """`report` is told of a training although it never imports what trained it."""
    import subprocess
    import sys

    code = (
        "import sys; from act_spec.run import report, report_training; "
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_finished_comparison_can_be_read_by_others(tmp_path):
    with Store.open() as store:
        assert store.rows("FROM training_differences") == []
