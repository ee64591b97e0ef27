"""A recipe's rounds as the plan holds them: who labels how many items in which round, and what chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from act_spec.plan.problems import Problems
from act_spec.recipe.schema import Recipe
from act_spec.recipe.values import Amount
from act_spec.records import sha256
from act_spec.registry import Entry, find


@dataclass(frozen=True)
class RoundsPlan:
    """
    Rounds of labelling and learning.

    Attributes:
        selector: Name with version.
        parameters: What the recipe sets, defaults filled in.
        people: Items that people label in each round.
        model: Items that the annotator labels in each round.
        people_usd: What a person's label costs; None where nothing says it.
        model_usd: What a label of the annotator costs; None to take what its calls cost.
        examples: Whose labels the annotator's examples are: `strategy`, `people` or `all`.
        parts: Into how many parts the items are divided, one of them kept to
            test the student on; 0 where a file or nothing tests it.
        key: Of everything that is chosen and learnt.
    """

    selector: str
    parameters: Mapping[str, Any]
    people: tuple[int, ...]
    model: tuple[int, ...]
    people_usd: float | None
    model_usd: float | None
    examples: str
    parts: int
    key: str

    @property
    def number(self) -> int:
        """How many rounds there are."""
        return len(self.people)

    @property
    def entry(self) -> Entry:
        """The selector as registered."""
        return find("selector", self.selector)

    @property
    def drawn(self) -> bool:
        """Whether the selector draws, so that its choice is a random sample."""
        return bool(self.entry.traits.get("drawn"))


def labels_of_model(recipe: Recipe, items: int, reviews: int | None = None) -> int:
    """
    How many items the annotator labels: all of them without rounds.

    Args:
        recipe: With its rounds.
        items: How many there are.
        reviews: Labels that people give; None while the budget is not settled,
            and then the `rest` is what a number or share in it leaves, or all.
    """
    if recipe.rounds is None:
        return items
    if recipe.rounds.model is None:
        return 0
    labels = recipe.rounds.model.labels
    if isinstance(labels, Amount):
        return labels.of(items)
    if reviews is None:
        reviews = recipe.budget.reviews.of(items) if isinstance(recipe.budget.reviews, Amount) else 0
    return max(0, _open(recipe, items) - reviews)


def _open(recipe: Recipe, items: int) -> int:
    """Items that can be labelled: all but those that are kept to test on."""
    parts = _parts(recipe)
    return items - items // parts if parts else items


def trials_of(recipe: Recipe, items: int) -> int:
    """How many items are answered with and without fields before any is chosen, times how often."""
    rounds = recipe.rounds
    if rounds is None or not rounds.select.entry.traits.get("trials"):
        return 0
    return 2 * int(rounds.select.parameters["repeats"]) * items


def rounds_plan(
    recipe: Recipe, items: int, reviews: int, upstream: tuple[str, str], problems: Problems
) -> RoundsPlan | None:
    """
    The rounds of a recipe; None where it has none.

    Args:
        recipe: With its rounds, budget and training.
        items: How many there are.
        reviews: Labels that people give.
        upstream: Keys of the data and of the annotator.
        problems: Gathers what does not fit.
    """
    rounds = recipe.rounds
    if rounds is None:
        return None
    number = rounds.rounds() or 0
    model = labels_of_model(recipe, items, reviews)
    people_sizes = model_sizes = (0,) * number
    with problems.at("rounds", "people", "batches"):
        people_sizes = _batches(rounds.people.batches.of(reviews, number), number)
    if rounds.model is not None:
        with problems.at("rounds", "model", "batches"):
            model_sizes = _batches(rounds.model.batches.of(model, number), number)
    parts = _parts(recipe)
    open_items = _open(recipe, items)
    if reviews + model > open_items:
        kept = ", since a part is kept to test the student" if parts else ""
        problems.add(
            ("rounds",),
            f"{reviews:,} labels of people and {model:,} of the model are more than the {open_items:,} items that can be labelled{kept}.",
            "Label fewer items.",
        )
    empty = [
        place for place, pair in enumerate(zip(people_sizes, model_sizes, strict=True), 1) if not sum(pair)
    ]
    if empty and not problems.found:
        problems.add(("rounds",), f"nothing is labelled in round {empty[0]}.", "Write fewer rounds.")
    written = recipe.model_dump(mode="json", exclude_defaults=True, include={"rounds", "train", "loss"})
    return RoundsPlan(
        selector=rounds.select.entry.full_name,
        parameters=rounds.select.parameters,
        people=people_sizes,
        model=model_sizes,
        people_usd=_people_usd(recipe),
        model_usd=rounds.model.usd_per_label if rounds.model else None,
        examples=rounds.examples,
        parts=parts,
        key=sha256(
            {
                "data": upstream[0],
                "annotate": upstream[1],
                "selector": rounds.select.entry.full_name,
                "written": written,
                "people": people_sizes,
                "audit": str(recipe.budget.random_part),
                "seed": recipe.seed,
            }
        ),
    )


def _batches(sizes: tuple[int, ...], number: int) -> tuple[int, ...]:
    if len(sizes) != number:
        raise ValueError(f"there are {len(sizes)} batches for {number} rounds.")
    return sizes


def _parts(recipe: Recipe) -> int:
    """One part in so many is kept to test on, where known answers are there and no file is."""
    asked = recipe.rounds is not None and recipe.rounds.keep_for_test
    if not asked or recipe.data.gold is None or recipe.train.test is not None:
        return 0
    return max(2, round(1 / float(recipe.train.test_share)))


def _people_usd(recipe: Recipe) -> float | None:
    """What a label of people costs: as said, else by the hour where the budget knows a rate."""
    rounds, rate = recipe.rounds, recipe.budget.reviewer_usd_per_hour
    if rounds is not None and rounds.people.usd_per_label is not None:
        return rounds.people.usd_per_label
    return None if rate is None else rate * recipe.review.seconds_per_item / 3600
