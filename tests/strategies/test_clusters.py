import numpy as np

from act_spec.strategies.clusters import clusters, text_vectors

TEXTS = [
    "the train was late again",
    "the train is late today",
    "trains run late in winter",
    "bake the bread with flour",
    "the bread needs more flour",
    "flour and water make bread",
]


def test_texts_about_one_thing_share_a_cluster():
    found = clusters(text_vectors(TEXTS), 2, (1, 1))

    assert len(set(found.member[:3])) == len(set(found.member[3:])) == 1
    assert found.member[0] != found.member[3]


def test_vectors_are_whole_numbers_whose_products_float64_holds_exactly():
    """Sums of products stay below 2**53, so no order of adding them rounds: every platform has the same clusters."""
    vectors = text_vectors([*TEXTS, "", "x" * 5000])

    assert np.array_equal(vectors, np.rint(vectors))
    assert np.abs(vectors).max() ** 2 * vectors.shape[1] < 2**53
    assert not vectors[6].any()


def test_there_are_no_more_clusters_than_items():
    found = clusters(text_vectors(TEXTS[:2]), 5, (1, 1))

    assert found.count == 2
    assert sorted(found.nearest_in_turn()) == [0, 1]


def test_equal_texts_leave_clusters_empty():
    found = clusters(text_vectors(["same", "same", "same"]), 2, (1, 1))

    assert sorted(found.nearest_in_turn()) == [0, 1, 2]


def test_of_each_cluster_the_nearest_stands_first():
    vectors = np.array([[0.0], [1.0], [2.0], [100.0], [101.0]])
    found = clusters(vectors, 2, (3, 1))

    assert {int(place) for place in found.nearest_in_turn()[:2]} in ({1, 3}, {1, 4})
