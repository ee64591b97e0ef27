"""Who answers what: everybody an equal part, a random share twice, and always the same."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from act_spec.plan.assignment import answers_due, assign
from act_spec.recipe.schema import Review

THREE = ("ada", "sam", "eve")


def _review(overlap: str = "0%", reviewers: tuple[str, ...] = THREE) -> Review:
    return Review.model_validate({"reviewers": reviewers, "overlap": overlap})


def test_items_go_round_the_reviewers():
    assert assign(_review(), [1] * 4, 7) == [("ada",), ("sam",), ("eve",), ("ada",)]


def test_without_names_one_nameless_reviewer_has_them_all():
    assert assign(Review(), [1, 1], 7) == [("",), ("",)]


def test_an_empty_worklist_has_no_reviewers():
    assert assign(_review("20%"), [], 7) == []


@pytest.mark.parametrize(("size", "second"), [(100, 20), (10, 2), (1, 1), (7, 1)])
def test_the_share_of_a_round_is_read_twice_exactly(size, second):
    assigned = assign(_review("20%"), [1] * size, 7)

    assert sum(len(people) == 2 for people in assigned) == second


def test_the_second_reviewer_is_another_one_and_every_pair_occurs():
    pairs = Counter(assign(_review("100%"), [1] * 60, 7))

    assert set(pairs) == set(permutations(THREE, 2))


def test_a_later_round_changes_nothing_of_an_earlier_one():
    first = assign(_review("30%"), [1] * 20, 7)

    assert assign(_review("30%"), [1] * 20 + [2] * 15, 7)[:20] == first


def test_what_is_read_twice_depends_on_the_seed_alone():
    def twice(seed: int) -> list[int]:
        return [len(people) for people in assign(_review("50%"), [1] * 40, seed)]

    assert twice(1) == twice(1)
    assert twice(1) != twice(2)


def test_reading_twice_spares_no_place_of_the_worklist():
    """Over many seeds each place is drawn about as often as any other: 400 draws of 25%, within 5 sigma."""
    drawn = Counter(
        place
        for seed in range(400)
        for place, people in enumerate(assign(_review("25%"), [1] * 8, seed))
        if len(people) == 2
    )

    assert all(abs(drawn[place] - 100) < 5 * (400 * 0.25 * 0.75) ** 0.5 for place in range(8))


@pytest.mark.parametrize(
    ("people", "given", "due"),
    [
        (("ada",), {}, 1),
        (("ada",), {"ada": "good"}, 0),
        (("ada",), {"ada": None}, 0),
        (("ada",), {"guest": "good"}, 0),
        (("ada", "sam"), {"ada": "good"}, 1),
        (("ada", "sam"), {"ada": "good", "sam": "good"}, 0),
        (("ada", "sam"), {"ada": "good", "sam": None}, 0),
        (("ada", "sam"), {"ada": "good", "sam": "bad"}, 1),
        (("ada", "sam"), {"ada": "good", "sam": "bad", "eve": "bad"}, 0),
        (("ada", "eve"), {"ada": "good", "eve": "bad"}, 0),
    ],
)
def test_an_item_waits_for_its_reviewers_and_then_for_who_settles_them(people, given, due):
    review = Review.model_validate({"reviewers": THREE, "disagreements": "eve"})

    assert answers_due(review, people, given) == due


def test_a_method_is_waited_for_by_nobody():
    review = Review.model_validate({"reviewers": THREE, "disagreements": "majority"})

    assert answers_due(review, ("ada", "sam"), {"ada": "good", "sam": "bad"}) == 0
