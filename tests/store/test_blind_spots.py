from __future__ import annotations

from datetime import UTC, datetime

import pytest

from act_spec.errors import ReviewError
from act_spec.store import blind_spots as stored

NOW = datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None)
KEY = "key"


@pytest.fixture
def taught(store):
    """Two blind spots under the current key, one under another, and two examples."""
    store.run("INSERT INTO history.current_keys VALUES ('blind_spots', ?)", [KEY])
    for key, item in ((KEY, "i1"), ("other", "i2"), (KEY, "i3")):
        row = stored.SpotRow(0, "good", "bad", (item,), "", "")
        stored.write_spot(store, key, row, [item, f"{item} beside"], NOW)
    examples = [stored.NewExample(0, {"text": "one"}, "bad"), stored.NewExample(1, {"text": "two"}, "good")]
    stored.write_lesson(store, 1, "irony", [("irony", "bad"), ("mildness", "good")], examples, "gpt", NOW)
    return store


def test_only_blind_spots_of_the_current_plan_are_seen(taught):
    found = [(spot.number, spot.items, spot.pattern, spot.teacher) for spot in stored.blind_spots(taught)]

    assert found == [(1, ("i1",), "irony", "gpt"), (3, ("i3",), "", "")]
    assert stored.shown_items(taught) == {"i1", "i1 beside", "i3", "i3 beside"}


def test_examples_bear_their_hypothesis_and_its_label(taught):
    found = [(row.number, row.hypothesis, row.label, row.content) for row in stored.synthetic_rows(taught)]

    assert found == [(1, "irony", "bad", {"text": "one"}), (2, "mildness", "good", {"text": "two"})]


def test_the_last_pattern_and_the_last_decision_stand_and_none_is_lost(taught):
    later = datetime(2026, 1, 3, tzinfo=UTC).replace(tzinfo=None)
    stored.write_lesson(taught, 1, "sarcasm", [("sarcasm", "bad")], [], "ada", later)
    stored.decide_examples(taught, [1], [2], "ada", NOW)
    stored.decide_examples(taught, [2], [], "ben", later)

    assert stored.blind_spots(taught)[0].pattern == "sarcasm"
    assert [row.decision for row in stored.synthetic_rows(taught)] == ["accepted", "accepted"]
    assert taught.one("SELECT count(*) FROM history.synthetic_decisions") == (3,)
    assert taught.one("SELECT count(*) FROM history.hypotheses WHERE spot = 1") == (3,)


@pytest.mark.parametrize(
    ("accept", "decline", "said"), [([9], [], "no example has the number 9"), ([1], [1], "at once")]
)
def test_a_decision_that_cannot_be_meant_is_refused(taught, accept, decline, said):
    with pytest.raises(ReviewError, match=said):
        stored.decide_examples(taught, accept, decline, "ada", NOW)


def test_confident_errors_are_means_over_seeds(taught):
    taught.run("INSERT INTO history.current_keys VALUES ('train', 't')")
    for seed, before in enumerate((4, 6)):
        stored.write_unknowns(taught, "t", "corrected", seed, {0.5: before + 2, 0.9: before}, 50)
    assert [(one.before, one.after) for one in stored.read_unknowns(taught)] == [(7, None), (5, None)]

    stored.write_unknowns(taught, "t", "taught", 0, {0.5: 3, 0.9: 1}, 50)

    assert [(one.threshold, one.before, one.after) for one in stored.read_unknowns(taught)] == [
        (0.5, 7, 3),
        (0.9, 5, 1),
    ]
