"""Every form of label can be learnt, and the ACT loss takes a machine's constant error off each."""

import numpy as np
import pytest

from act_spec.losses.act import act
from act_spec.losses.cross_entropy import cross_entropy
from act_spec.losses.objective import Examples
from act_spec.losses.soft import soft
from act_spec.tasks.multilabel import Multilabel
from act_spec.tasks.rating import Rating
from act_spec.train.fit import Settings, fit
from act_spec.train.rows import DenseRows
from act_spec.train.targets import Targets

SETTINGS = Settings(epochs=80, patience=80, learning_rate=0.05, batch=100)
REVIEWED = 0.25


def reviewed_part(count):
    seen = np.random.default_rng(1).random(count) < REVIEWED
    return seen, np.where(seen, 1 / REVIEWED, 0.0)


def trained(rows, machine, human, loss):
    seen, weight = reviewed_part(len(machine))
    known = np.ones(len(machine), dtype=bool)
    examples = Examples(machine, human * seen[:, None], known, seen, weight)
    return loss(examples)


@pytest.mark.parametrize("criteria", [{}, {"polite": "It is polite.", "clear": "It is clear."}])
def test_ratings_are_learnt_and_a_machine_that_rates_too_low_is_corrected(criteria):
    """The machine is a point low on every item; plain training learns that, ACT at weight 4 does not."""
    task = Rating(question="How good?", scale=("1", "5"), criteria=criteria)
    targets, random = Targets(task), np.random.default_rng(0)
    features = random.normal(size=(800, 3)).astype(np.float32)
    worth = np.clip(np.round(3.5 + features @ [0.8, 0, 0]), 2, 5)

    def label(value):
        return task.parse({name: int(value) for name in criteria} if criteria else int(value))

    machine, human = ([label(value - by) for value in worth] for by in (1, 0))
    rows, scores = DenseRows(features), {}
    for name, loss in (("plain", cross_entropy), ("act", lambda one: act(one, max_weight=4.0))):
        objective = trained(rows, targets.encode(machine), targets.encode(human), loss)
        fitted = fit(rows, objective, targets.head, SETTINGS, 0)
        told = fitted.predict(rows)
        scores[name] = targets.scores(told, human).mean()
        bias = float((told - targets.encode(human)).mean()) * 4
        assert abs(bias + (0.75 if name == "plain" else 0)) < 0.15

    assert targets.head == "numbers"
    assert scores["act"] > scores["plain"] + 0.05


def test_sets_of_labels_are_learnt_and_a_label_that_is_always_missed_comes_back():
    task = Multilabel(question="Which?", labels=["a", "b"], none="allowed")
    targets, random = Targets(task), np.random.default_rng(0)
    features = random.normal(size=(600, 2)).astype(np.float32)
    gold = [
        task.parse([name for name, value in zip("ab", row, strict=True) if value > 0]) for row in features
    ]
    machine = [task.parse([name for name in task.units(label) if name != "b"]) for label in gold]
    rows, recall = DenseRows(features), {}
    for name, loss in (("plain", cross_entropy), ("act", lambda one: act(one, max_weight=4.0))):
        objective = trained(rows, targets.encode(machine), targets.encode(gold), loss)
        told = targets.decode(fit(rows, objective, targets.head, SETTINGS, 0).predict(rows))
        with_b = [place for place, label in enumerate(gold) if "b" in task.units(label)]
        recall[name] = np.mean(["b" in task.units(told[place]) for place in with_b])

    assert recall["plain"] < 0.1
    assert recall["act"] > 0.9


@pytest.mark.parametrize("measure", ["kl", "brier"])
def test_distributions_are_learnt(measure):
    """A machine that is too sure of itself: people say 70 to 30, it says 100 to 0."""
    random = np.random.default_rng(0)
    sides = random.integers(0, 2, 800)
    rows = DenseRows(np.eye(2, dtype=np.float32)[sides])
    machine = np.eye(2)[sides]
    human = np.where(machine == 1, 0.7, 0.3)
    objective = trained(rows, machine, human, lambda one: soft(one, measure=measure, max_weight=4.0))

    belief = fit(rows, objective, "classes", SETTINGS, 0).predict(rows)

    assert belief[sides == 0].mean(axis=0) == pytest.approx([0.7, 0.3], abs=0.07)
