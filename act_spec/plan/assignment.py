"""Who answers which item: a function of the reviewers and the worklist's order, so that nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from act_spec.recipe.schema import Review
from act_spec.strategies.sampling import seeded_order

_LAST_REVIEWER = "expert"
_STREAM = 1 << 20
"""More than there are rounds, whose own numbers order the worklist: two orders must not be one."""


def assign(review: Review, rounds: Sequence[int], seed: int) -> list[tuple[str, ...]]:
    """
    The reviewers of every item on the worklist.

    Items go round the reviewers in turn. Of every round a random part of
    exactly `review.overlap` (rounded, at least one item) has a second
    reviewer; who that is goes round as well, so that everybody meets
    everybody. A later round changes nothing of an earlier one.

    Args:
        review: Who reviews. Without names, one nameless reviewer has them all.
        rounds: The round of every item, in worklist order.
        seed: The plan's.

    Returns:
        One or two names an item; the empty name where the recipe has none.
    """
    people = review.reviewers or ("",)
    twice = _read_twice(review, rounds, seed)
    assigned: list[tuple[str, ...]] = []
    pair = 0
    for place in range(len(rounds)):
        first = people[place % len(people)]
        if place not in twice:
            assigned.append((first,))
            continue
        step = 1 + pair % (len(people) - 1)
        pair += 1
        assigned.append((first, people[(place + step) % len(people)]))
    return assigned


def disagree(labels: Iterable[str | None]) -> bool:
    """Whether reviewers gave an item different labels; who gave none takes no side."""
    return len({label for label in labels if label is not None}) > 1


def answers_due(review: Review, people: Sequence[str], given: Mapping[str, str | None]) -> int:
    """
    How many answers an item still needs.

    Args:
        review: Who reviews, and who settles disagreements.
        people: The item's own reviewers.
        given: Who has answered, and with which label; None for a skip.
    """
    due = max(0, len(people) - len(given))
    person = settling_person(review)
    unsettled = person is not None and person not in given and disagree(given.values())
    return due + int(unsettled and not due)


def settling_person(review: Review) -> str | None:
    """Who settles disagreements: the reviewer that is named, or for `expert` the last; None where a method does."""
    said = review.disagreements
    if said == _LAST_REVIEWER and said not in review.reviewers:
        return review.reviewers[-1] if review.reviewers else None
    return said if said in review.reviewers else None


def _read_twice(review: Review, rounds: Sequence[int], seed: int) -> set[int]:
    """Places of the items that two people answer."""
    if len(review.reviewers) < 2:
        return set()
    return set(_drawn(rounds, float(review.overlap), seed))


def _drawn(rounds: Sequence[int], share: float, seed: int) -> Iterator[int]:
    for number, size in Counter(rounds).items():
        places = [place for place, its in enumerate(rounds) if its == number]
        wanted = max(1, round(share * size)) if share else 0
        order = seeded_order(size, seed, round_number=_STREAM + number)
        yield from (places[index] for index in order[:wanted])
