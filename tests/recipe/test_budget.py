from __future__ import annotations

from decimal import Decimal

import pytest

from act_spec.recipe.values import Amount

REVIEWS = "reviews: 12%"
AUTO = "reviews: auto, target: {accuracy: 95%}"

BROKEN = {
    "no measure": ("spend_usd: 5", "11:9: budget", ["nothing says how much", "reviews: 10%", "hours: 16"]),
    "two measures": (f"hours: 16, {REVIEWS}", "11:17: budget.hours", ["'reviews' and 'hours'", "Keep one"]),
    "money and hours": (
        "usd: 9, reviewer_usd_per_hour: 30, hours: 16",
        "11:52: budget.hours",
        ["'usd' and 'hours'"],
    ),
    "money for nobody": ("usd: 300", "11:15: budget.usd", ["what people cost", "reviewer_usd_per_hour: 30"]),
    "no money": ("usd: 0, reviewer_usd_per_hour: 30", "11:15: budget.usd", ["above 0"]),
    "free people": (
        "usd: 9, reviewer_usd_per_hour: 0",
        "11:41: budget.reviewer_usd_per_hour",
        ["above 0"],
    ),
    "currency sign": (
        "usd: $300, reviewer_usd_per_hour: 30",
        "11:15: budget.usd",
        ["'$300' is not a number"],
    ),
    "unit of hours": ("hours: 16h", "11:17: budget.hours", ["'16h' is not a number"]),
    "price of people alone": (
        f"{REVIEWS}, reviewer_usd_per_hour: 30",
        "11:47: budget.reviewer_usd_per_hour",
        ["only with 'usd'"],
    ),
    "automatic without target": ("reviews: auto", "11:19: budget.reviews", ["target: {accuracy: 95%}"]),
    "misspelt auto": ("reviews: atuo", "11:19: budget.reviews", ["'atuo'", "auto."]),
    "target without automatic": (
        f"{REVIEWS}, target: {{accuracy: 95%}}",
        "11:32: budget.target",
        ["only with 'reviews: auto'", "Leave out 'target'"],
    ),
    "batch without automatic": (f"{REVIEWS}, batch: 5%", "11:31: budget.batch", ["'reviews: auto'"]),
    "limit without automatic": (f"{REVIEWS}, at_most: 50%", "11:33: budget.at_most", ["'reviews: auto'"]),
    "empty target": ("reviews: auto, target: {}", "11:25: budget.target.accuracy", ["missing", "0.95"]),
    "target as a share": (
        "reviews: auto, target: 95%",
        "11:33: budget.target",
        ["Write target: {accuracy: 95%}"],
    ),
    "accuracy in hundreds": (
        "reviews: auto, target: {accuracy: 95}",
        "11:44: budget.target.accuracy",
        ["'95'", "0.95 or 95%"],
    ),
    "accuracy of all": (
        "reviews: auto, target: {accuracy: 100%}",
        "11:44: budget.target.accuracy",
        ["'100%'", "between 0 and 1"],
    ),
    "accuracy as a word": (
        "reviews: auto, target: {accuracy: high}",
        "11:44: budget.target.accuracy",
        ["'high'"],
    ),
    "accuracy that is no number": (
        "reviews: auto, target: {accuracy: nan}",
        "11:44: budget.target.accuracy",
        ["'nan'"],
    ),
    "certainty of all": (
        "reviews: auto, target: {accuracy: 95%, certainty: 100%}",
        "11:60: budget.target.certainty",
        ["100%", "Write 95%"],
    ),
    "certainty as its opposite": (
        "reviews: auto, target: {accuracy: 95%, certainty: 5%}",
        "11:60: budget.target.certainty",
        ["5%", "Write 95%"],
    ),
    "certainty as a fraction": (
        "reviews: auto, target: {accuracy: 95%, certainty: 0.95}",
        "11:60: budget.target.certainty",
        ["Write 95%"],
    ),
    "empty batch": (f"{AUTO}, batch: 0", "11:57: budget.batch", ["nothing is reviewed"]),
    "nothing at most": (f"{AUTO}, at_most: 0%", "11:59: budget.at_most", ["nothing is reviewed"]),
    "batch that is no number": (f"{AUTO}, batch: nan", "11:57: budget.batch", ["'nan'", "12%"]),
    "audit that is no number": (f"{REVIEWS}, audit: nan", "11:31: budget.audit", ["'nan'", "12%"]),
    "fit as a fraction": (f"{AUTO}, fit_accuracy: 0.7", "11:64: budget.fit_accuracy", ["Write 70%"]),
    "fit in one round": (
        f"{REVIEWS}, fit_accuracy: 70%",
        "11:38: budget.fit_accuracy",
        ["after the first round", "pilot: 60"],
    ),
}


@pytest.mark.parametrize(("new", "place", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_budget_that_does_not_add_up_is_named_where_it_breaks(good, faults, new, place, words):
    found = faults(good.replace(REVIEWS, new))

    assert len(found) == 1, [str(problem) for problem in found]
    assert str(found[0]).startswith(f"r.act.yaml:{place}: ")
    for word in words:
        assert word in str(found[0])


def test_reviews_are_an_amount(good, load):
    assert load(good).recipe.budget.reviews == Amount.parse("12%")


def test_money_pays_models_and_people(good, load):
    budget = load(good.replace(REVIEWS, "usd: 300, reviewer_usd_per_hour: 30")).recipe.budget

    assert (budget.usd, budget.reviewer_usd_per_hour, budget.reviews) == (300, 30, None)


def test_hours_are_people_s(good, load):
    budget = load(good.replace(REVIEWS, "hours: 16")).recipe.budget

    assert (budget.hours, budget.reviews, budget.usd) == (16, None, None)


@pytest.mark.parametrize("accuracy", ["95%", "0.95", "'0.95'", "95.0 %"])
def test_an_automatic_budget_has_a_target(good, load, accuracy):
    budget = load(good.replace(REVIEWS, f"reviews: auto, target: {{accuracy: {accuracy}}}")).recipe.budget

    assert budget.reviews == "auto"
    assert budget.target.accuracy == 0.95
    assert budget.target.certainty.fraction == Decimal("0.95")
    assert (budget.batch, str(budget.at_most), str(budget.fit_accuracy)) == (None, "50%", "70%")
    assert (str(budget.audit), str(budget.random_part)) == ("20%", "50%")


def test_batches_may_be_shares_or_counts(good, load):
    budget = load(good.replace(REVIEWS, f"{AUTO}, batch: 50, at_most: 20%, fit_accuracy: 0%")).recipe.budget

    assert (budget.batch.count, budget.at_most.share.fraction) == (50, Decimal("0.2"))
    assert budget.fit_accuracy.fraction == 0


def test_fitness_can_be_set_beside_a_pilot(good, load):
    text = good.replace(REVIEWS, f"{REVIEWS}, fit_accuracy: 80%") + "pilot: 60\n"

    assert load(text).recipe.budget.fit_accuracy.fraction == Decimal("0.8")
