from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from act_spec.content.fields import plain_fields
from act_spec.recipe.schema import ShownField
from act_spec.records import Item, Labelled, Vote
from act_spec.tasks.pairwise import Pairwise
from act_spec.tasks.parts.preferences import bradley_terry

SHOW = {name: ShownField(column=name) for name in ("question", "left", "right")}


def make(**changed: Any) -> Pairwise:
    return Pairwise.model_validate({"question": "Which is better?", "between": ["left", "right"], **changed})


def item(number: int) -> Item:
    return Item(f"i{number}", {"question": "?", "left": "the left one", "right": "the right one"})


def test_the_order_is_drawn_for_each_item_and_the_label_names_what_was_preferred():
    """About half of the items are swapped, and an answer means the field behind the letter that was shown."""
    swapped = 0
    for number in range(400):
        [put] = make().present(item(number))
        shown = plain_fields(put.item, SHOW)
        assert list(shown) == ["question", "A", "B"]
        assert f"the {put.task.parse('A')} one" == shown["A"]
        assert put.task.show(put.task.parse("b")) == "B"
        swapped += put.name == "swapped"
    assert 160 < swapped < 240


def test_the_same_item_is_always_shown_in_the_same_order_and_another_seed_shows_others():
    names = [make().present(item(number))[0].name for number in range(50)]

    assert names == [make().present(item(number))[0].name for number in range(50)]
    assert names != [make(order_seed=1).present(item(number))[0].name for number in range(50)]


def test_both_orders_are_asked_where_the_recipe_says_so():
    assert {put.name for put in make(both_orders=True).present(item(1))} == {"as_given", "swapped"}


def test_swapping_the_two_fields_flips_every_preference():
    """A model that always prefers the same text gives the mirrored label once the fields are exchanged."""
    for number in range(20):
        [put] = make().present(item(number))
        [mirrored] = make(between=["right", "left"]).present(item(number))
        letter = "A" if plain_fields(put.item, SHOW)["A"] == "the left one" else "B"
        other = "A" if plain_fields(mirrored.item, SHOW)["A"] == "the left one" else "B"

        assert put.task.parse(letter) == mirrored.task.parse(other) == "left"


def test_recorded_labels_and_gold_are_in_the_datas_own_terms():
    assert make().about(item(1)).read(" Right ") == "right"
    with pytest.raises(ValueError, match=r"'A' is not one of the answers: left, right, tie\."):
        make().read("A")


def test_a_tie_is_an_answer_only_where_it_is_allowed():
    assert make().present(item(1))[0].task.parse("Tie") == "tie"
    with pytest.raises(ValueError, match=r"not one of the answers: A, B\."):
        make(tie=False).present(item(1))[0].task.parse("tie")


@pytest.mark.parametrize(
    ("votes", "with_ties", "without"),
    [
        (["left", "left", "right"], "left", "left"),
        (["right", "left"], "tie", "left"),
        (["right"], "right", "right"),
    ],
)
def test_votes_settle_by_plurality(votes, with_ties, without):
    assert make().settle(votes) == with_ties
    assert make(tie=False).settle(votes) == without


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"between": ["left", "left"]}, "two different"),
        ({"between": ["left", "tie"]}, "cannot be called 'tie'"),
        ({"between": ["left"]}, "at least 2"),
    ],
)
def test_a_pair_is_two_different_fields(changed, words):
    with pytest.raises(ValidationError, match=words):
        make(**changed)


def votes(as_given: str | None, swapped: str | None) -> tuple[Vote, ...]:
    return Vote("as_given", 0, as_given), Vote("swapped", 0, swapped)


def figures(rows: list[Labelled], **changed: Any) -> dict[str, float | None]:
    return {one.name: one.value for one in make(**changed).figures(rows)}


def test_what_the_order_did_is_reported():
    rows = [
        Labelled("1", "left", "left", "left", votes("left", "left")),
        # Each time the one that stood first.
        Labelled("2", "tie", "tie", "right", votes("left", "right")),
        Labelled("3", "right", "right", "right", votes(None, "right")),
        # No winner in either order says nothing about orders.
        Labelled("4", None, None, "right", votes(None, None)),
    ]
    found = figures(rows)

    assert found["positional_agreement"] == pytest.approx(1 / 3)
    assert found["first_shown_preferred"] == pytest.approx(4 / 5)
    assert found["vote_accuracy"] == pytest.approx(4 / 8)
    assert (
        found["preferred:left"] == found["preferred:right"] == found["preferred:tie"] == pytest.approx(1 / 3)
    )


def test_strengths_are_reported_where_the_systems_are_known():
    rows = [
        Labelled(str(number), None, "left", None, columns={"one": "strong", "other": "weak"})
        for number in range(5)
    ]
    found = figures(rows, systems=["one", "other"])

    assert found["bradley_terry:strong"] == -found["bradley_terry:weak"]
    assert found["bradley_terry:strong"] > 0
    assert figures(rows[:1], systems=["other", "other"])["bradley_terry"] is None


def test_bradley_terry_of_two_is_the_log_odds_of_the_wins():
    """With half a win added each way: log((7 + 1/2) / (3 + 1/2))."""
    found = bradley_terry([("a", "b", 1.0)] * 7 + [("b", "a", 1.0)] * 3)

    assert found["a"] - found["b"] == pytest.approx(np.log(7.5 / 3.5))


def test_bradley_terry_finds_the_strengths_that_results_were_drawn_from():
    """Maximum likelihood: within 4 standard errors, about 0.1 with 2,000 games a pair."""
    random = np.random.default_rng(0)
    true = {"a": 0.8, "b": 0.1, "c": -0.9}
    played = [
        (one, other, float(random.random() < 1 / (1 + np.exp(true[other] - true[one]))))
        for one, other in [("a", "b"), ("b", "c"), ("a", "c")]
        for _ in range(2000)
    ]
    found = bradley_terry(played)

    assert [found[name] for name in true] == pytest.approx(list(true.values()), abs=0.2)
    assert sum(found.values()) == pytest.approx(0, abs=1e-9)
