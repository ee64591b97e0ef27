"""Answers of people: none lost, none doubled, none overwritten unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from act_spec.store.database import Store
from act_spec.store.reviews import (
    AnsweredElsewhereError,
    Review,
    latest_answers,
    write_answer,
    write_reviews,
)

NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - the store holds UTC without saying so
GOOD = Review("i1", 1, "ada", "good", "keep", 4.0, None, "1", "page")
SKIPPED = replace(GOOD, label=None, outcome="skip")


def test_an_answer_is_the_first_revision(store: Store):
    given = write_answer(store, "k", GOOD, 0, NOW)

    assert (given.revision, given.label, given.outcome) == (1, "good", "keep")
    assert latest_answers(store, "k") == [given]


def test_a_changed_answer_keeps_the_one_before_and_adds_its_time(store: Store):
    write_answer(store, "k", GOOD, 0, NOW)
    given = write_answer(store, "k", SKIPPED, 1, NOW)

    assert (given.revision, given.seconds) == (2, 8.0)
    assert store.rows("SELECT label, seconds FROM history.reviews ORDER BY revision") == [
        ("good", 4.0),
        (None, 8.0),
    ]


def test_an_answer_to_what_stood_before_is_refused_and_nothing_written(store: Store):
    first = write_answer(store, "k", GOOD, 0, NOW)
    with pytest.raises(AnsweredElsewhereError) as refused:
        write_answer(store, "k", SKIPPED, 0, NOW)

    assert refused.value.given == first
    assert latest_answers(store, "k") == [first]


def test_an_answer_sent_twice_is_one(store: Store):
    first = write_answer(store, "k", GOOD, 0, NOW)

    assert write_answer(store, "k", GOOD, 0, NOW) == first
    assert latest_answers(store, "k") == [first]


def test_two_reviewers_do_not_meet(store: Store):
    write_answer(store, "k", GOOD, 0, NOW)
    write_answer(store, "k", replace(SKIPPED, reviewer="sam"), 0, NOW)

    assert {(given.reviewer, given.outcome) for given in latest_answers(store, "k")} == {
        ("ada", "keep"),
        ("sam", "skip"),
    }


def test_a_skip_after_a_label_has_no_label(store: Store):
    """NULL is a value here, not a gap that an older label may fill."""
    write_reviews(store, "k", [replace(GOOD, note="sure?")], NOW)

    assert write_reviews(store, "k", [SKIPPED], NOW) == 1
    assert write_reviews(store, "k", [SKIPPED], NOW) == 0
    [given] = latest_answers(store, "k")
    assert (given.label, given.note) == (None, None)
