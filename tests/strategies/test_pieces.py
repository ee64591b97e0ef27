"""A long item asked in pieces: what the pieces' answers amount to, and how doubtful the whole is."""

from __future__ import annotations

import pytest

from act_spec.records import Annotation, Judgment, Vote
from act_spec.strategies.pieces import in_pieces, of_piece
from act_spec.tasks.classification import Classification
from act_spec.tasks.multilabel import Multilabel

ONE = Classification(kind="classification", question="Tone?", labels=["calm", "angry"])
SEVERAL = Multilabel(
    kind="multilabel", question="Topics?", labels=["price", "sound", "nothing"], none="nothing"
)


def said(record):
    """A strategy that asks nothing."""
    yield []
    return record


def settled(records, task):
    steps = in_pieces([said(record) for record in records], task)
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send([])
    return end.value.value


def test_a_single_label_is_what_most_pieces_have():
    found = settled([Annotation("calm", 0.9), Annotation("angry", 0.6), Annotation("angry", 0.6)], ONE)

    assert (found.label, found.confidence) == ("angry", pytest.approx(0.7))
    assert [vote.label for vote in found.votes] == ["calm", "angry", "angry"]


def test_a_set_of_labels_is_what_any_piece_has_and_none_only_where_all_have_none():
    labels = ['["price"]', '["nothing"]', '["sound"]']

    assert settled([Annotation(label) for label in labels], SEVERAL).label == '["price","sound"]'
    assert settled([Annotation('["nothing"]')] * 2, SEVERAL).label == '["nothing"]'


def test_one_failed_piece_fails_the_item():
    assert settled([Annotation("calm"), Annotation(None, status="refused")], ONE).status == "refused"


def test_how_doubtful_the_whole_is():
    """The mean for one label, the most doubtful piece for a set of them."""
    judged = [Judgment(0.2, rationale="fine"), Judgment(0.8)]

    assert settled(judged, ONE).error_probability == pytest.approx(0.5)
    assert settled(judged, SEVERAL).error_probability == 0.8
    assert settled(judged, ONE).rationale == "Piece 1: fine"


def test_a_judge_of_a_set_sees_the_pieces_own_labels():
    whole = Annotation(
        '["price","sound"]', votes=(Vote("piece 1", 0, '["price"]'), Vote("piece 2", 0, '["sound"]'))
    )

    assert of_piece(whole, 1, SEVERAL).label == '["sound"]'
    assert of_piece(Annotation("calm"), 1, ONE).label == "calm"
