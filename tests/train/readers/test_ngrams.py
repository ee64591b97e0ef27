"""Text as rows of numbers."""

import numpy as np
import pytest

from act_spec.train.readers.ngrams import BUCKETS, Vocabulary, hashed
from act_spec.train.rows import DenseRows

TEXTS = ["The battery died.", "the   BATTERY died.", "Nice screen", "", "Nice price"]


def test_case_and_white_space_do_not_count():
    assert sorted(hashed(TEXTS[0])) == sorted(hashed(TEXTS[1]))


def test_hashes_are_the_same_in_every_process():
    assert sorted(hashed("ab")) == sorted(hashed("ab"))
    assert hashed("battery").max() < BUCKETS
    assert sorted(hashed("cat"))[:3] == [64731, 518083, 556802]


def test_rows_have_length_one_and_unknown_texts_are_zeros():
    rows = Vocabulary.of(TEXTS).rows([*TEXTS, "zzzz qqqq"])
    length = np.sqrt((rows.matrix.toarray() ** 2).sum(axis=1))

    assert length == pytest.approx([1, 1, 1, 0, 1, 0], abs=1e-6)


def test_only_what_two_texts_share_is_a_feature():
    assert Vocabulary.of(["alpha", "omega"]).rows(["alpha"]).matrix.nnz == 0
    assert len(Vocabulary.of(TEXTS).buckets) > 10


def test_no_texts_are_no_rows():
    vocabulary = Vocabulary.of([])

    assert len(vocabulary.rows([])) == 0
    assert vocabulary.rows(["x"]).width == 1


def test_taking_rows_keeps_their_order():
    rows = Vocabulary.of(TEXTS).rows(TEXTS)
    dense = DenseRows(rows.matrix.toarray())
    wanted = np.array([4, 0])

    assert (rows.take(wanted).matrix.toarray() == dense.take(wanted).values).all()


def test_odd_characters_are_text_too():
    for text in ("\ud800", "👩‍👩‍👧", "\x00", "é" * 5000):
        assert hashed(text).size > 0
