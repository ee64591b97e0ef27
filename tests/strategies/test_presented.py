from __future__ import annotations

from collections.abc import Sequence

import pytest

from act_spec.records import Annotation, Request, Steps
from act_spec.strategies.presented import in_every_way
from act_spec.tasks.pairwise import Pairwise

TASK = Pairwise.model_validate({"question": "Which?", "between": ["one", "two"]})
ASKED = Request(({"role": "user", "content": "?"},), {"type": "object"})


def saying(answer: Annotation, rounds: int = 1) -> Steps[Annotation]:
    for _ in range(rounds):
        yield [ASKED]
    return answer


def votes(annotation: Annotation) -> Sequence[tuple[str, str | None]]:
    return [(vote.member, vote.label) for vote in annotation.votes]


def in_both(one: Annotation, other: Annotation) -> Annotation:
    steps = in_every_way({"as_given": saying(one), "swapped": saying(other)}, TASK)
    requests = next(steps)
    assert len(requests) == 2
    with pytest.raises(StopIteration) as done:
        steps.send([None, None])  # type: ignore[list-item]
    answer: Annotation = done.value.value
    return answer


def test_both_ways_are_asked_at_once_and_their_names_are_kept():
    made = in_both(Annotation("one", confidence=0.9), Annotation("one", confidence=0.7))

    assert made.label == "one"
    assert votes(made) == [("as_given", "one"), ("swapped", "one")]
    assert made.confidence == pytest.approx(0.8)


def test_answers_that_differ_are_a_tie_and_count_against_it():
    made = in_both(Annotation("one", confidence=0.9), Annotation("two", confidence=0.7))

    assert made.label == "tie"
    assert made.confidence == pytest.approx((0.1 + 0.3) / 2)


def test_an_answer_that_failed_leaves_the_other():
    made = in_both(Annotation(None, status="invalid"), Annotation("two"))

    assert made.label == "two"
    assert made.confidence == pytest.approx(0.5)


def test_a_single_way_is_named_in_the_votes():
    steps = in_every_way({"swapped": saying(Annotation("two", rationale="shorter"))}, TASK)
    next(steps)
    with pytest.raises(StopIteration) as done:
        steps.send([None])  # type: ignore[list-item]

    assert votes(done.value.value) == [("swapped", "two")]
    assert done.value.value.rationale == "shorter"
