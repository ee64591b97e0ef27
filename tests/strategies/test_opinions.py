import pytest

from act_spec.strategies.opinions import doubt


@pytest.mark.parametrize(
    ("distance", "confidence", "expected"),
    [(0, 0.9, 0.1), (1, 0.9, 0.9), (0, 1, 0), (1, 1, 1), (1 / 2, 0.3, 1 / 2), (2 / 3, 0.9, 19 / 30)],
)
def test_agreement_counts_against_and_disagreement_for_an_error(distance, confidence, expected):
    """d*c + (1 - d)*(1 - c), by hand."""
    assert doubt(distance, confidence) == pytest.approx(expected)
