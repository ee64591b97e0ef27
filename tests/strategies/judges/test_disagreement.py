import pytest
from scripted import SENTIMENT

from act_spec.records import Annotation, Judgment, Vote
from act_spec.registry import find
from act_spec.strategies.judges.disagreement import disagreement


def judge(*labels):
    votes = tuple(Vote(str(number), 0, label) for number, label in enumerate(labels))
    return disagreement().settle((), SENTIMENT, Annotation("positive", votes=votes))


@pytest.mark.parametrize(("against", "bits"), [(0, 0), (1, 0.5033), (2, 0.7642), (3, 0.9183), (4, 0.9911)])
def test_doubt_is_the_entropy_of_the_votes(against, bits):
    """Of two labels the most is one bit, so nothing is scaled."""
    judgment = judge(*["negative"] * against, *["positive"] * (9 - against))

    assert judgment.error_probability == pytest.approx(bits, abs=5e-5)


def test_a_vote_without_a_label_is_a_class_of_its_own():
    assert judge("positive", None).error_probability == 1


def test_no_votes_are_a_failed_judgment():
    assert judge() == Judgment(None, status="invalid")
    assert judge(None, None) == Judgment(None, status="invalid")


def test_it_wants_the_votes_and_reads_no_column():
    assert find("judge", "disagreement").traits["votes"]
    assert not disagreement().columns
