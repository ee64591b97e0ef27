import pytest

from act_spec.documents.pilot import pilot_table, pilot_verdict
from act_spec.documents.run_facts import PilotFacts
from act_spec.strategies.estimators.label_quality import Estimate
from act_spec.strategies.estimators.pilot import Candidate, Verdict

BEST = Candidate("deepseek", Estimate(0.5, 0.3, 0.7), Estimate(0.0, 0.0, 0.0))
RIVAL = Candidate("claude", Estimate(0.2, 0.0, 0.4), Estimate(0.3, 0.1, 0.5))


def made_pilot(verdict, **changes):
    return PilotFacts(**{"reviews": 60, "wrong": 21, "share": 0.2, "verdict": verdict, **changes})


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (
            Verdict((BEST, RIVAL), "deepseek", told_apart=True, beats_chance=True),
            "deepseek finds more than every other candidate and is used.",
        ),
        (
            Verdict((BEST, RIVAL), "deepseek", told_apart=False, beats_chance=True),
            "does not tell the candidates apart: deepseek found most and is used",
        ),
        (
            Verdict((), "claude", told_apart=False, beats_chance=False),
            "met no wrong label, so there was nothing for a judge to find; claude is used",
        ),
        (
            Verdict((BEST,), "deepseek", told_apart=True, beats_chance=False),
            "the only candidate. It is not shown to find more than random review, which finds 20.0%.",
        ),
    ],
)
def test_the_verdict_says(verdict, expected):
    assert expected in pilot_verdict(made_pilot(verdict))


def test_only_rivals_that_may_be_as_good_are_named():
    close = Candidate("gemini", Estimate(0.45, 0.2, 0.6), Estimate(0.05, -0.1, 0.2))
    said = pilot_verdict(
        made_pilot(Verdict((BEST, close, RIVAL), "deepseek", told_apart=False, beats_chance=True))
    )

    assert "but gemini may be as good" in said


def test_an_unfit_annotator_is_called_so():
    verdict = Verdict((BEST, RIVAL), "deepseek", told_apart=True, beats_chance=True)

    unfit = pilot_verdict(made_pilot(verdict, most_accuracy=0.612, fit_accuracy=0.7))

    assert "unfit: at most 61.2%" in unfit
    assert "unfit" not in pilot_verdict(made_pilot(verdict, most_accuracy=0.7, fit_accuracy=0.7))
    assert "unfit" not in pilot_verdict(made_pilot(verdict))


MEAN = Candidate("mean of both", Estimate(0.6, 0.4, 0.8), Estimate(-0.1, -0.2, 0.1), combined=True)


def test_a_combination_that_is_used_is_said_to_be_worth_its_calls():
    used = Candidate("mean of both", MEAN.gain, Estimate(0, 0, 0), combined=True)
    verdict = Verdict((used, BEST, RIVAL), "mean of both", told_apart=True, beats_chance=True)

    assert "The mean of both finds more than the best single judge" in pilot_verdict(made_pilot(verdict))


def test_a_combination_that_only_seems_better_is_named():
    verdict = Verdict((MEAN, BEST, RIVAL), "deepseek", told_apart=True, beats_chance=True)
    table = pilot_table(made_pilot(verdict))

    assert "deepseek finds more than every other candidate" in table["verdict"]
    assert "The mean of both found more, but not surely so" in table["verdict"]
    assert [row["behind"] for row in table["rows"]] == ["-10.0%", "—", "30.0%"]


def test_the_best_is_behind_nobody():
    table = pilot_table(made_pilot(Verdict((BEST, RIVAL), "deepseek", told_apart=True, beats_chance=True)))

    assert [(row["behind"], row["used"]) for row in table["rows"]] == [("—", True), ("30.0%", False)]
