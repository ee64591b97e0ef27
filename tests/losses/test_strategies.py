"""The losses that a recipe can name: what each makes of machine labels, reviews and weights."""

import numpy as np
import pytest

from act_spec import registry
from act_spec.losses.act import act
from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.ipw import ipw
from act_spec.losses.max_weight import best_max_weight
from act_spec.losses.objective import Examples, weight_facts
from act_spec.losses.reweight import reweight
from act_spec.losses.soft import soft

A, B = [1.0, 0.0], [0.0, 1.0]


@pytest.fixture
def examples():
    """Six items: 0 unreviewed, 1 corrected, 2 kept, 3 failed and reviewed, 4 failed, 5 corrected at weight 10."""
    return Examples(
        machine=np.array([A, A, A, [0, 0], [0, 0], A]),
        human=np.array([[0, 0], B, A, B, [0, 0], B], dtype=float),
        labelled=np.array([True, True, True, False, False, True]),
        reviewed=np.array([False, True, True, True, False, True]),
        sampling_weight=np.array([0.0, 2.0, 2.0, 1.0, 0.0, 10.0]),
    )


def test_cross_entropy_takes_the_delivered_labels(examples):
    made = cross_entropy(examples)

    assert made.target().tolist() == [A, B, A, B, [0, 0], B]
    assert made.mass().tolist() == [1, 1, 1, 1, 0, 1]


def test_act_counts_a_correction_for_the_unseen_ones_too(examples):
    made = act(examples, max_weight=4.0)

    assert made.target().tolist() == [A, [-1, 2], A, B, [0, 0], [-3, 4]]


def test_act_with_a_largest_weight_of_one_is_cross_entropy(examples):
    assert act(examples, max_weight=1.0).target().tolist() == cross_entropy(examples).target().tolist()


def test_ipw_counts_people_alone(examples):
    made = ipw(examples, max_weight=100.0)

    assert made.target().tolist() == [[0, 0], [0, 2], [2, 0], B, [0, 0], [0, 10]]
    assert made.target().tolist() == act(examples, max_weight=100.0, power=0.0).target().tolist()


def test_mass_is_what_the_target_sums_to(examples):
    for made in (
        cross_entropy(examples),
        act(examples),
        ipw(examples),
        act(examples, power=0.3),
        soft(examples),
    ):
        assert made.mass() == pytest.approx(made.target().sum(axis=1))


def test_soft_keeps_distributions():
    machine = np.array([[0.7, 0.3]])
    human = np.array([[0.2, 0.8]])
    examples = Examples(machine, human, np.array([True]), np.array([True]), np.array([2.0]))

    assert soft(examples, measure="brier").target()[0] == pytest.approx([-0.3, 1.3])
    assert soft(examples, measure="brier").measure == "brier"


def test_reweighting_needs_reviews(examples):
    none = Examples(examples.machine, examples.human, examples.labelled, np.zeros(6, dtype=bool), np.zeros(6))

    with pytest.raises(ValueError, match="no item is reviewed"):
        reweight(none)
    assert reweight(examples).meta


@pytest.mark.parametrize("name", ["act", "ipw", "soft", "reweight"])
def test_a_missing_probability_is_refused(examples, name):
    missing = Examples(
        examples.machine,
        examples.human,
        examples.labelled,
        examples.reviewed,
        np.array([0.0, np.nan, 2.0, 1.0, 0.0, 10.0]),
    )

    with pytest.raises(ValueError, match="1 of 6 items have no inclusion probability"):
        registry.find("loss", name).build(missing)
    assert cross_entropy(missing).target()[1].tolist() == B


def test_facts_of_the_weights(examples):
    """Effective sample size is (sum of w) squared over the sum of w squared."""
    facts = weight_facts(examples, 4.0)

    assert facts.reviewed == 4
    assert facts.effective_sample_size == pytest.approx(15**2 / (4 + 4 + 1 + 100))
    assert facts.largest_weight == 10
    assert facts.clipped_share == 0.25


def test_auto_clips_one_huge_weight_and_keeps_equal_ones():
    """The chosen limit has the least estimated squared error: variance counts for one wild weight."""

    def limit(weights):
        n = len(weights)
        machine, human = np.tile(A, (n, 1)), np.tile(B, (n, 1))
        yes = np.ones(n, dtype=bool)
        return best_max_weight(Examples(machine, human, yes, yes, np.array(weights, dtype=float)))

    assert limit([1.0] * 50) == 1
    assert limit([5.0] * 200) == 5
    assert limit([2.0] * 300 + [20_000.0]) == 2


def test_parameters_come_from_text_and_auto_is_a_word():
    schema = registry.parameters(registry.find("loss", "act"))

    assert schema(max_weight="auto", power="0.5").model_dump() == {"max_weight": None, "power": 0.5}
    assert schema().model_dump() == {"max_weight": 2.0, "power": 1.0}
    for wrong in ({"max_weight": "0.5"}, {"power": "2"}, {"max_weight": "many"}, {"max_wieght": 4}):
        with pytest.raises(ValueError, match="max_w|power"):
            schema(**wrong)
