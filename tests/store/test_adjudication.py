"""Several answers and what they amount to, as the views `adjudicated` and `labels` show them."""

from datetime import UTC, datetime, timedelta

import pytest

from act_spec.records import Annotation
from act_spec.store.adjudication import (
    Adjudicated,
    adjudication_counts,
    human_votes,
    open_items,
    write_adjudicated,
)
from act_spec.store.answers import write_annotations
from act_spec.store.plans import make_current
from act_spec.store.reviews import Review, write_reviews

KEYS = {stage: stage for stage in ("data", "annotate", "judge", "allocate", "review", "measure")}
NOW = datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def run(store):
    """Three items that the machine calls `a`, the third without a label; Ann and Bob disagree on the first."""
    make_current(store, "hash", "{}", KEYS, 4.0, NOW)
    for number in range(3):
        store.run(
            "INSERT INTO history.items VALUES ('data', ?, ?, '{\"text\": \"x\"}', 'a', ?, NULL)",
            [number, f"i{number}", "g" if number else None],
        )
    write_annotations(store, "annotate", 1, "m", [("i0", Annotation("a")), ("i1", Annotation("a"))])
    say(store, "i0", "ann", "b")
    say(store, "i0", "bob", "c", minutes=1)
    say(store, "i1", "ann", None, "ambiguous")
    say(store, "i2", "bob", None, "skip")
    return store


def say(store, item, reviewer, label, outcome="change", minutes=0):
    review = Review(item, 1, reviewer, label, outcome, None, None, "1", "csv")
    write_reviews(store, "review", [review], NOW + timedelta(minutes=minutes))


def settle(store, outcome="settled", label="b", item="i0", answers=2):
    write_adjudicated(
        store, "review", [Adjudicated(item, label, outcome, "m.v1", 0.5, '{"b": 0.5}', answers)]
    )


def label(store, item="i0"):
    return store.one("SELECT label, source, human_label FROM labels WHERE item_id = ?", [item])


def test_votes_are_the_latest_answers_without_skips(run):
    say(run, "i0", "ann", "a", "keep", minutes=2)

    found = {(vote.item_id, vote.reviewer): vote for vote in human_votes(run)}

    assert list(found) == [("i0", "ann"), ("i0", "bob"), ("i1", "ann")]
    assert found["i0", "ann"].label == "a"
    assert found["i0", "ann"].answers == 3
    assert found["i0", "bob"].group == "i0"
    assert (found["i1", "ann"].label, found["i1", "ann"].group) == (None, "g")


def test_an_answer_that_becomes_ambiguous_has_no_label_left(run):
    say(run, "i0", "ann", None, "ambiguous", minutes=2)

    assert human_votes(run)[0].label is None


def test_without_adjudication_the_last_word_counts(run):
    assert label(run) == ("c", "human", "c")


def test_what_was_settled_counts_rather_than_the_last_word(run):
    settle(run)

    assert label(run) == ("b", "human", "b")


@pytest.mark.parametrize("outcome", ["open", "ambiguous"])
def test_what_is_not_settled_keeps_the_machines_label(run, outcome):
    settle(run, outcome, None)

    assert label(run) == ("a", "machine", None)
    assert adjudication_counts(run) == {outcome: 1}
    assert open_items(run) == (["i0"] if outcome == "open" else [])


def test_a_new_answer_undoes_what_was_settled_before(run):
    settle(run)
    say(run, "i0", "eva", "a", "keep", minutes=3)

    assert label(run) == ("a", "human", "a")
    assert adjudication_counts(run) == {}


def test_a_revised_answer_undoes_it_too(run):
    settle(run)
    say(run, "i0", "ann", "c", minutes=3)

    assert label(run) == ("c", "human", "c")


def test_settling_again_replaces_all(run):
    settle(run)
    write_adjudicated(run, "review", [])

    assert label(run) == ("c", "human", "c")


def test_other_questions_have_other_answers(run):
    settle(run)
    make_current(run, "other", "{}", KEYS | {"review": "review2"}, 4.0, NOW)

    assert run.rows("SELECT * FROM adjudicated") == []
    assert human_votes(run) == []
    assert label(run) == ("a", "machine", None)
