"""From a recipe's budget to reviews: as items, a share, hours, money, or as many as a target needs."""

from __future__ import annotations

from dataclasses import replace
from math import floor

from act_spec.plan import keys
from act_spec.plan.model import Range, Spending
from act_spec.plan.problems import Problems
from act_spec.plan.rounds import RoundsPlan
from act_spec.recipe.schema import Budget, Recipe
from act_spec.recipe.values import Amount
from act_spec.strategies import sampling
from act_spec.strategies.estimators.looks import information, schedule, shared_alpha
from act_spec.strategies.estimators.target import Target

_BATCH = Amount.parse("5%")
_LARGEST_BATCH = 100


def spending(
    recipe: Recipe, items: int, upstream: tuple[str, str], calls_usd: Range | None, problems: Problems
) -> Spending:
    """
    How the reviews are spent.

    Args:
        recipe: Its budget, pilot and judges.
        items: How many there are.
        upstream: Keys of the data and of the judgments.
        calls_usd: What model calls cost; None where a price is unknown.
        problems: Gathers what does not fit.
    """
    budget, entry = recipe.budget, recipe.budget.rule.entry
    audited = entry.traits.get("audit", True)
    if not recipe.candidates and audited and recipe.rounds is None:
        problems.add(
            ("budget", "rule"),
            f"the rule '{entry.name}' spends by suspicion, and there is no judge.",
            "Add a judge, or write `rule: uniform`.",
        )
    reviews, cap = _reviews(recipe, items, calls_usd, problems)
    pilot = min(recipe.pilot or 0, items)
    if pilot and pilot >= reviews:
        problems.add(
            ("pilot",),
            f"a pilot of {pilot:,} leaves nothing of {reviews:,} reviews.",
            "Make it smaller, or the budget larger.",
        )
    written = {name: value for name, value in budget.rule.model_dump().items() if name != "name"}
    batch = _batch(budget, items) if budget.target else 0
    return Spending(
        reviews=reviews,
        audit=sampling.audit_size(max(0, reviews - pilot), budget.random_part.fraction) if audited else 0,
        audit_share=float(budget.random_part) if audited else 0.0,
        rule=entry.full_name,
        parameters=budget.rule.parameters,
        spend_usd=cap,
        key=keys.allocate_key(recipe, *upstream, entry.full_name, written),
        pilot=pilot,
        batch=batch,
        target=_target(budget, items, schedule(reviews, batch, pilot)) if budget.target else None,
        fit_accuracy=float(budget.fit_accuracy) if pilot or budget.target else 0.0,
        injection=audited and budget.injection == "review",
    )


def by_rounds(spent: Spending, rounds: RoundsPlan) -> Spending:
    """The reviews as rounds spend them: by the selector in the place of a rule, each round with an audit of its own."""
    share = 0.0 if rounds.drawn else spent.audit_share
    return replace(
        spent,
        rule=rounds.selector,
        parameters=rounds.parameters,
        audit_share=share,
        audit=spent.reviews
        if rounds.drawn
        else sum(sampling.audit_size(size, share) for size in rounds.people),
        key=rounds.key,
        injection=False,
    )


def _batch(budget: Budget, items: int) -> int:
    """Reviews between two looks: as written, else 5% of the items and no more than 100."""
    return max(1, budget.batch.of(items) if budget.batch else min(_BATCH.of(items), _LARGEST_BATCH))


def _target(budget: Budget, items: int, sizes: list[int]) -> Target | None:
    """With what each look may risk fixed beforehand; there is one after each round."""
    if budget.target is None:
        return None
    certainty = float(budget.target.certainty)
    return Target(budget.target.accuracy, certainty, shared_alpha(information(items, sizes), 1 - certainty))


def _reviews(
    recipe: Recipe, items: int, calls_usd: Range | None, problems: Problems
) -> tuple[int, float | None]:
    """How many reviews, and the cap on model calls."""
    budget, seconds = recipe.budget, recipe.review.seconds_per_item
    if budget.hours is not None:
        return min(items, floor(budget.hours * 3600 / seconds)), budget.spend_usd
    if budget.usd is not None and budget.reviewer_usd_per_hour is not None:
        return _of_money(recipe, items, calls_usd, problems)
    if isinstance(budget.reviews, Amount):
        if (budget.reviews.count or 0) > items:
            problems.add(
                ("budget", "reviews"), f"{budget.reviews.count:,} reviews of {items:,} items.", "Write 100%."
            )
        return budget.reviews.of(items), budget.spend_usd
    return budget.at_most.of(items), budget.spend_usd


def _alone(recipe: Recipe) -> str:
    """How judges that may all judge everything are kept from it, as the end of a hint."""
    return ", or write combine: false" if recipe.judges and recipe.combine else ""


def _of_money(
    recipe: Recipe, items: int, calls_usd: Range | None, problems: Problems
) -> tuple[int, float | None]:
    """What the dearest run of the models leaves for people; the models' cap is what people leave."""
    budget = recipe.budget
    total, rate = budget.usd or 0.0, budget.reviewer_usd_per_hour or 0.0
    if calls_usd is None:
        problems.add(
            ("budget", "usd"),
            "the price of a model is unknown, so the money cannot be parted between models and people.",
            "Write `price: {input_usd_per_million: …, output_usd_per_million: …}` beside the model, or give `reviews`.",
        )
        return 0, None
    each = rate * recipe.review.seconds_per_item / 3600
    reviews = min(items, floor((total - calls_usd.high) / each + 1e-9)) if each else items
    if reviews < 1:
        problems.add(
            ("budget", "usd"),
            f"the models may cost ${calls_usd.high:,.2f}, which leaves nothing of ${total:,.2f} for people.",
            f"Judge fewer items (judge.on), take a sample of the data (data.sample), or a cheaper model{_alone(recipe)}.",
        )
        return 0, None
    left = total - reviews * each
    return reviews, left if budget.spend_usd is None else min(left, budget.spend_usd)
