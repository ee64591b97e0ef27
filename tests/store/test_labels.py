"""The view `labels`: provenance, probabilities and weights, as a DuckDB client sees them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from act_spec.records import Annotation, Judgment
from act_spec.store.allocations import Round, candidates, worklist, write_round
from act_spec.store.answers import write_annotations, write_judgments
from act_spec.store.metrics import label_columns, review_rounds
from act_spec.store.plans import make_current
from act_spec.store.reviews import Review, write_reviews
from act_spec.strategies.estimators.rounds import round_shares, sampling_weights
from act_spec.tasks.classification import Classification

TASK = Classification.model_validate({"question": "Which?", "labels": ["a", "b"]})

KEYS = {stage: stage for stage in ("data", "annotate", "judge", "allocate", "review", "measure")}
NOW = datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def run(store):
    """Six items, i0 … i5, labelled `a`; i5 could not be labelled."""
    make_current(store, "hash", "{}", KEYS, 4.0, NOW)
    for number in range(6):
        store.run(
            "INSERT INTO history.items VALUES ('data', ?, ?, '{\"text\": \"x\"}', 'a', NULL, NULL)",
            [number, f"i{number}"],
        )
    write_annotations(store, "annotate", 1, "m", [(f"i{n}", Annotation("a")) for n in range(5)])
    write_annotations(store, "annotate", 1, "m", [("i5", Annotation(None, status="refused"))])
    write_judgments(store, "judge", 1, "j", [(f"i{n}", Judgment(n / 10)) for n in range(5)])
    return store


def draw(store, number, probability, selected, shares, rule="sqrt.v1"):
    places = candidates(store).places
    chosen = np.array(selected)
    reason = np.array(["rule" if one else None for one in selected], dtype=object)
    position = np.where(chosen, np.cumsum(chosen) - 1, -1)
    write_round(
        store,
        "allocate",
        Round(number, rule, places, np.array(probability), chosen, reason, position),
        shares,
        NOW,
    )


def answer(store, item_id, label, *, reviewer="r", outcome="change", minutes=0):
    review = Review(item_id, 1, reviewer, label, outcome, None, None, "1", "csv")
    return write_reviews(store, "review", [review], NOW + timedelta(minutes=minutes))


def labels(store, *columns):
    return {row[0]: row[1:] for row in store.rows(f"SELECT item_id, {', '.join(columns)} FROM labels")}


def test_before_any_draw_labels_are_the_machines_and_weights_are_unknown(run):
    found = labels(run, "label", "source", "sampling_weight")

    assert found["i0"] == ("a", "machine", None)
    assert found["i5"] == (None, None, None)


def test_a_failed_item_can_be_drawn_and_is_marked(run):
    found = candidates(run)

    assert found.failed.tolist() == [False] * 5 + [True]
    assert np.isnan(found.error_probability[5])


def test_one_round_weighs_answers_by_one_over_their_probability(run):
    draw(
        run, 1, [0.25, 0.5, 0.25, 0.5, 0.25, 0.25], [False, True, False, True, False, False], [(1, 6, 2, 1.0)]
    )
    answer(run, "i1", "b")
    answer(run, "i3", "a", outcome="keep")

    found = labels(
        run, "label", "source", "machine_label", "human_label", "selected", "sampling_weight", "loss_weight"
    )

    assert found["i1"] == ("b", "human", "a", "b", True, 2.0, 2.0)
    assert found["i3"] == ("a", "human", "a", "a", True, 2.0, 2.0)
    assert found["i0"] == ("a", "machine", "a", None, False, 0.0, 0.0)


def test_the_loss_weight_is_cut_at_the_largest_weight(run):
    draw(run, 1, [0.1] + [0.18] * 5, [True] + [False] * 5, [(1, 6, 1, 1.0)])
    answer(run, "i0", "b")

    assert labels(run, "sampling_weight", "loss_weight")["i0"] == (10.0, 4.0)


def test_half_a_worklist_halves_the_probabilities(run):
    """An answered part m of n in random order has probability pi * m / n."""
    draw(run, 1, [0.5, 0.5] + [0.25] * 4, [True, True] + [False] * 4, [(1, 6, 2, 1.0)])
    answer(run, "i0", "b")

    assert labels(run, "sampling_weight")["i0"] == (4.0,)


def test_two_rounds_weigh_as_the_estimator_does(run):
    shares = round_shares([(6, 2), (4, 2)])
    draw(run, 1, [0.5, 0.5, 0.25, 0.25, 0.25, 0.25], [True, True] + [False] * 4, [(1, 6, 2, 1.0)])
    listed = [(1, 6, 2, float(shares[0])), (2, 4, 2, float(shares[1]))]
    draw(run, 2, [0.25, 0.75, 0.5, 0.5], [False, True, True, False], listed)
    for item in ("i0", "i1", "i3", "i4"):
        answer(run, item, "b")

    expected = sampling_weights(
        np.array([0.5, 0.5, np.nan, 0.75, 0.5, np.nan]), np.array([0, 0, -1, 1, 1, -1]), shares
    )

    assert label_columns(run, TASK)["sampling_weight"] == pytest.approx(expected)


def test_a_later_round_draws_only_from_what_is_left(run):
    draw(run, 1, [1 / 3] * 6, [True, False, False, True, False, False], [(1, 6, 2, 1.0)])

    assert candidates(run).places.tolist() == [2, 3, 5, 6]
    probability, drawn_in = review_rounds(run, 1)
    assert drawn_in.tolist() == [0, -1, -1, 0, -1, -1]
    assert probability[0] == pytest.approx([1 / 3] * 6)


def test_an_answer_given_twice_is_one_and_a_new_one_is_a_revision(run):
    draw(run, 1, [1.0] * 6, [True] * 6, [(1, 6, 6, 1.0)])

    changed = [answer(run, "i0", "b"), answer(run, "i0", "b"), answer(run, "i0", "c", minutes=1)]

    assert changed == [1, 0, 1]
    assert run.rows("SELECT label, revision FROM reviews ORDER BY revision") == [("b", 1), ("c", 2)]
    assert labels(run, "human_label")["i0"] == ("c",)


@pytest.mark.parametrize("outcome", ["skip", "ambiguous"])
def test_what_a_reviewer_leaves_open_keeps_the_machines_label(run, outcome):
    draw(run, 1, [1.0] * 6, [True] * 6, [(1, 6, 6, 1.0)])
    answer(run, "i0", None, outcome=outcome)

    assert labels(run, "label", "source")["i0"] == ("a", "machine")


def test_the_worklist_is_in_its_own_order_and_keeps_answers(run):
    draw(run, 1, [0.5] * 6, [False, True, False, True, True, False], [(1, 6, 3, 1.0)])
    run.run("UPDATE history.allocations SET worklist_position = 2 - worklist_position WHERE selected")
    answer(run, "i3", "b")

    found = worklist(run)

    assert [row["item_id"] for row in found] == ["i4", "i3", "i1"]
    assert [row["label"] for row in found] == [None, "b", None]


def test_an_edit_of_the_recipe_hides_old_rows_and_deletes_none(run):
    make_current(run, "other", "{}", KEYS | {"annotate": "annotate2"}, 4.0, NOW)

    assert run.rows("SELECT count(*) FROM annotations") == [(0,)]
    make_current(run, "hash", "{}", KEYS, 4.0, NOW)
    assert run.rows("SELECT count(*) FROM annotations") == [(6,)]


def test_only_a_provider_error_gives_way_to_its_retry(run):
    write_annotations(run, "annotate", 1, "m", [("i5", Annotation("a")), ("i0", Annotation("z"))])
    assert labels(run, "machine_label")["i5"] == (None,)
    run.run("UPDATE history.annotations SET status = 'provider_error' WHERE item_id = 'i5'")

    write_annotations(run, "annotate", 1, "m", [("i5", Annotation("a")), ("i0", Annotation("z"))])

    assert labels(run, "machine_label")["i5"] == ("a",)
    assert labels(run, "machine_label")["i0"] == ("a",)


def test_a_draw_of_an_edited_rule_does_not_mix_with_the_one_before(run):
    draw(run, 1, [1 / 3] * 6, [True, True, False, False, False, False], [(1, 6, 2, 1.0)])
    answer(run, "i0", "b")
    make_current(run, "other", "{}", KEYS | {"allocate": "allocate2"}, 4.0, NOW)
    places = candidates(run).places
    chosen = np.array([False, False, True, True, False, False])
    reason = np.array(["rule" if one else None for one in chosen], dtype=object)
    position = np.where(chosen, np.cumsum(chosen) - 1, -1)
    second = Round(1, "threshold.v1", places, np.full(6, 1 / 3), chosen, reason, position)
    write_round(run, "allocate2", second, [(1, 6, 2, 1.0)], NOW)

    found = labels(run, "selected", "source")

    assert [item for item, (selected, _) in found.items() if selected] == ["i2", "i3"]
    assert found["i0"] == (False, "human")
