"""
Handwritten digits: how near training on corrected machine labels comes to training on human ones.

    PYTHONPATH=tests python tests/benchmarks/digits.py [seeds]

The annotator is the nearest of 30 labelled images, wrong on a quarter; the
judges are a logistic regression on 100 other images and a support vector
machine on 250 others. The budget is the annotator's error rate. Reviews are
answered from the known digits; a linear model is trained on 64 pixels.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from training_arms import Pool, accuracy, delivered, table, unreviewed

from act_spec.train.fit import Settings
from act_spec.train.rows import DenseRows

SETTINGS = Settings(epochs=150, patience=15, batch=64, learning_rate=0.02, weight_decay=0.02)
JUDGES = ("logistic", "svm")


def pool_of(seed: int, judge: str) -> Pool:
    """Split the images anew: 30 for the annotator, 250 for the judge, 360 to test, the rest to label."""
    images, digits = load_digits(return_X_y=True)
    images, digits = (images / 16).astype(np.float32), digits.astype(np.int64)
    order = np.random.default_rng(seed).permutation(len(digits))
    own, judged, test, rest = np.split(order, [30, 280, 640])
    annotator = KNeighborsClassifier(1).fit(images[own], digits[own])
    machine = annotator.predict(images[rest])
    if judge == "logistic":
        critic = LogisticRegression(max_iter=1000).fit(images[judged[:100]], digits[judged[:100]])
    else:
        critic = CalibratedClassifierCV(SVC(), ensemble=False).fit(images[judged], digits[judged])
    known = list(critic.classes_)
    belief = np.zeros((len(rest), 10))
    belief[:, known] = critic.predict_proba(images[rest])
    suspicion = 1 - belief[np.arange(len(rest)), machine]
    return Pool(
        DenseRows(images[rest]),
        machine,
        digits[rest],
        suspicion.clip(0, 1),
        DenseRows(images[test]),
        digits[test],
        10,
    )


def arms(pool: Pool, seed: int) -> dict[str, float]:
    """Test accuracy of every way of using the budget."""
    budget = int((pool.machine != pool.gold).sum())
    made = {
        "human labels": unreviewed(pool, pool.gold),
        "machine labels": unreviewed(pool, pool.machine),
        "uniform, as delivered": delivered(pool, "uniform", budget, "cross_entropy", seed),
        "uniform, act unclipped": delivered(pool, "uniform", budget, "act", seed, max_weight=1e9),
        "normalized, as delivered": delivered(pool, "normalized", budget, "cross_entropy", seed),
        "normalized, act unclipped": delivered(pool, "normalized", budget, "act", seed, max_weight=1e9),
        "normalized, act at most 2": delivered(pool, "normalized", budget, "act", seed),
        "exponential, as delivered": delivered(pool, "exponential", budget, "cross_entropy", seed),
        "exponential, act unclipped": delivered(pool, "exponential", budget, "act", seed, max_weight=1e9),
        "exponential, act at most 4": delivered(pool, "exponential", budget, "act", seed, max_weight=4.0),
        "exponential, act at most 2": delivered(pool, "exponential", budget, "act", seed),
        "exponential, act auto": delivered(pool, "exponential", budget, "act", seed, max_weight=None),
        "exponential, act power auto": delivered(pool, "exponential", budget, "act", seed, power=None),
        "exponential, human labels alone": delivered(pool, "exponential", budget, "ipw", seed),
        "exponential, reweight": delivered(pool, "exponential", budget, "reweight", seed),
        "threshold": delivered(pool, "threshold", budget, "act", seed),
    }
    return {name: accuracy(pool, objective, SETTINGS, seed) for name, objective in made.items()}


def main(seeds: int) -> None:
    torch.set_num_threads(1)
    for judge in JUDGES:
        pools = [pool_of(seed, judge) for seed in range(seeds)]
        wrong = [100 * float((pool.machine != pool.gold).mean()) for pool in pools]
        found = [arms(pool, seed) for seed, pool in enumerate(pools)]
        results = {name: [one[name] for one in found] for name in found[0]}
        title = f"digits, judge {judge}: annotator wrong on {np.mean(wrong):.1f}% = budget; {seeds} seeds"
        print(table(title, results, "human labels"), end="\n\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
