import numpy as np
import pytest

from act_spec.strategies.selecting import OpenItems, Wanted, doubts, entropies
from act_spec.strategies.selectors.cluster_uncertainty import cluster_uncertainty
from act_spec.strategies.selectors.entropy import entropy
from act_spec.strategies.selectors.least_confidence import least_confidence

SURE, TORN, LEANING = np.array([0.98, 0.01, 0.01]), np.array([0.5, 0.5, 0.0]), np.array([0.4, 0.3, 0.3])


def items(*beliefs: np.ndarray) -> OpenItems:
    parts = [one if one.ndim == 2 else one[np.newaxis] for one in beliefs]
    return OpenItems([f"text {number}" for number in range(len(parts))], 1, 2, parts)


def test_entropy_takes_the_items_by_argsort():
    assert entropy(items(SURE, TORN, LEANING), Wanted(3, 0)).tolist() == [2, 1, 0]


def test_least_confidence_looks_at_the_likeliest_answer_alone():
    assert doubts([TORN[None], LEANING[None]], "mean") == pytest.approx([0.5, 0.6])
    assert least_confidence(items(TORN, SURE, LEANING), Wanted(2, 0)).tolist() == [2, 0]


def test_equal_scores_stand_in_the_order_of_the_items():
    assert entropy(items(TORN, TORN, TORN), Wanted(2, 0)).tolist() == [0, 1]


def test_tokens_are_averaged_or_summed():
    """A long text of fairly sure tokens passes a short unsure one by its sum, not by its mean."""
    long, short = np.tile(SURE, (20, 1)), LEANING[np.newaxis]

    mean, total = entropies([long, short], "mean"), entropies([long, short], "sum")

    assert total[0] == pytest.approx(20 * mean[0])
    assert entropy(items(long, short), Wanted(1, 0), reduction="mean").tolist() == [1]
    assert entropy(items(long, short), Wanted(1, 0), reduction="sum").tolist() == [0]


def test_a_text_without_tokens_is_certain():
    assert entropies([np.empty((0, 3))], "mean").tolist() == [0.0]


def test_people_get_the_uncertain_ones_and_the_model_the_typical_ones():
    beliefs = [SURE, SURE, TORN, SURE, SURE, LEANING]
    texts = [
        "late train",
        "late trains",
        "train late now",
        "bread flour",
        "bread and flour",
        "flour for bread",
    ]
    open_ = OpenItems(texts, 1, 2, [one[np.newaxis] for one in beliefs])

    chosen = cluster_uncertainty(open_, Wanted(people=2, model=2), clusters_=2).tolist()

    assert set(chosen[:2]) == {2, 5}
    assert not set(chosen[2:]) & {2, 5}
    assert len({place // 3 for place in chosen[2:]}) == 2  # one of each cluster


def test_the_split_can_be_set():
    open_ = items(*[TORN] * 3, *[SURE] * 7)

    all_uncertain = cluster_uncertainty(open_, Wanted(1, 2), clusters_=1, explore=0.0).tolist()

    assert set(all_uncertain) == {0, 1, 2}
