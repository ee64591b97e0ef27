from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta

from act_spec.strategies.estimators.korn_graubard import effective_size, error_interval, share_interval
from act_spec.strategies.estimators.rounds import Reviews

NONE_FAILED = np.zeros(100, dtype=bool)


def answers(
    count: int, wrong_items: Iterable[int], reviewed_items: Iterable[int]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Comparisons of the reviewed items, NaN elsewhere."""
    wrong = np.full(count, np.nan)
    wrong[list(reviewed_items)] = 0
    wrong[list(wrong_items)] = 1
    return wrong, ~np.isnan(wrong)


@pytest.mark.parametrize(("hits", "trials"), [(0, 20), (3, 20), (20, 20)])
def test_a_share_of_whole_trials_gets_clopper_pearsons_interval(hits: int, trials: int) -> None:
    low, high = share_interval(hits / trials, trials, 0.95)

    assert low == pytest.approx(0 if hits == 0 else beta.ppf(0.025, hits, trials - hits + 1))
    assert high == pytest.approx(1 if hits == trials else beta.ppf(0.975, hits + 1, trials - hits))


def test_no_trials_leave_everything_possible() -> None:
    assert share_interval(0.0, 0.0, 0.95) == (0, 1)


def test_more_certainty_takes_a_wider_interval() -> None:
    narrow, wide = share_interval(0.2, 40, 0.8), share_interval(0.2, 40, 0.99)

    assert wide[0] < narrow[0] < 0.2 < narrow[1] < wide[1]


def test_the_effective_size_never_passes_kishs() -> None:
    assert effective_size(0.5, 0.01, 100) == 25
    assert effective_size(0.5, 0.0001, 100) == 100
    assert effective_size(0.0, 0.0, 100) == 100


def test_uneven_weights_follow_the_formula_step_by_step() -> None:
    """Each quantity of the interval, written out once more with one certain item in the sample."""
    probability = np.concatenate([[1.0], np.full(9, 0.5), np.full(90, 0.05)])
    wrong, reviewed = answers(100, wrong_items=[0, 2, 12], reviewed_items=[0, 1, 2, 3, 4, 10, 11, 12, 13])

    e, p = wrong[reviewed][1:], probability[reviewed][1:]
    w = 1 / p
    share = (w * e).sum() / w.sum()
    y = w * (e - share)
    centre = ((1 - p) * y).sum() / (1 - p).sum()
    variance = 8 / 7 * ((1 - p) * (y - centre) ** 2).sum() / w.sum() ** 2
    size = min(share * (1 - share) / variance, w.sum() ** 2 / (w**2).sum())
    low = beta.ppf(0.025, size * share, size * (1 - share) + 1)
    high = beta.ppf(0.975, size * share + 1, size * (1 - share))

    expected = (max(3, 1 + 99 * low), min(3 + 91, 1 + 99 * high))
    assert error_interval(wrong, Reviews.once(probability, reviewed), NONE_FAILED) == pytest.approx(expected)


def test_several_rounds_speak_of_the_unreviewed() -> None:
    """The share is weighted by w - 1, its variance is each round's times the square of its share."""
    rng = np.random.default_rng(2)
    probability = np.vstack([np.full(100, 0.2), rng.uniform(0.1, 0.5, size=100)])
    rounds = np.full(100, -1)
    rounds[:20], rounds[20:44] = 0, 1
    reviews = Reviews(probability, rounds)
    wrong = (np.arange(100) % 5 == 0).astype(float)

    excess = reviews.weights[:44] - 1
    share = excess @ wrong[:44] / excess.sum()
    variance = 0.0
    for index, items in enumerate([slice(0, 20), slice(20, 44)]):
        p = probability[index, items]
        y = (wrong[items] - share) / p
        centre = ((1 - p) * y).sum() / (1 - p).sum()
        spread = y.size / (y.size - 1) * ((1 - p) * (y - centre) ** 2).sum()
        variance += reviews.shares[index] ** 2 * spread / excess.sum() ** 2
    size = min(share * (1 - share) / variance, excess.sum() ** 2 / (excess**2).sum())
    low = beta.ppf(0.025, size * share, size * (1 - share) + 1)
    high = beta.ppf(0.975, size * share + 1, size * (1 - share))

    known = wrong[:44].sum()
    assert error_interval(wrong, reviews, NONE_FAILED) == pytest.approx((known + 56 * low, known + 56 * high))


def test_an_audit_without_errors_still_leaves_room_for_some() -> None:
    """No error in 20 of 100 at random: the upper bound is Clopper and Pearson's, not 0."""
    wrong, reviewed = answers(100, [], range(20))

    low, high = error_interval(wrong, Reviews.once(np.full(100, 0.2), reviewed), NONE_FAILED)

    assert low == 0
    assert high == pytest.approx(100 * (1 - 0.025 ** (1 / 20)))


def test_where_everything_was_certain_there_is_no_doubt() -> None:
    wrong, reviewed = answers(100, range(7), range(100))

    assert error_interval(wrong, Reviews.once(np.ones(100), reviewed), NONE_FAILED) == (7, 7)


def test_bounds_stay_within_what_reviews_prove() -> None:
    """Of 100 items 90 were reviewed and 80 were wrong: between 80 and 90, whatever the formula."""
    wrong, reviewed = answers(100, range(80), range(90))

    low, high = error_interval(wrong, Reviews.once(np.full(100, 0.9), reviewed), NONE_FAILED, 0.999999)

    assert (low, high) == (80, 90)


def test_a_sample_of_certain_items_alone_says_nothing_of_the_others() -> None:
    probability = np.repeat([1.0, 0.01], [10, 90])
    wrong, reviewed = answers(100, [3], range(10))

    assert error_interval(wrong, Reviews.once(probability, reviewed), NONE_FAILED) == (1, 91)


def test_missing_machine_labels_are_wrong_without_a_review() -> None:
    failed = np.arange(100) >= 95
    wrong, reviewed = answers(100, [], range(95))

    assert error_interval(wrong, Reviews.once(np.where(failed, 0.5, 1), reviewed), failed) == (5, 5)
