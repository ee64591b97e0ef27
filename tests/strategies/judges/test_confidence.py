import pytest
from scripted import SENTIMENT

from act_spec.records import Annotation, Judgment
from act_spec.strategies.judges.confidence import confidence


def judge(annotation):
    return confidence().settle((), SENTIMENT, annotation)


@pytest.mark.parametrize("stated", [0.0, 0.25, 1.0])
def test_doubt_is_what_confidence_leaves(stated):
    assert judge(Annotation("positive", confidence=stated)) == Judgment(1 - stated)


@pytest.mark.parametrize("annotation", [Annotation("positive"), None])
def test_no_confidence_is_a_failed_judgment(annotation):
    assert judge(annotation) == Judgment(None, rationale="the annotation has no confidence", status="invalid")


def test_it_reads_no_column():
    assert not confidence().columns
