import pytest

from act_spec.documents.figures import count, metric_figure, money
from act_spec.documents.run_facts import Metric


@pytest.mark.parametrize(
    ("usd", "expected"),
    [(None, "unknown"), (0.0, "$0.00"), (0.01, "$0.01"), (1234.5, "$1,234.50"), (0.00042, "$0.00042")],
)
def test_money_is_never_rounded_to_nothing(usd, expected):
    assert money(usd) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("machine_accuracy", 0.6567, "65.7%"),
        ("auroc", 0.842, "0.842"),
        ("norm_area", -0.25, "-0.250"),
        ("effective_sample_size", 1234.5, "1,234.5"),
        ("calls", 1200.0, "1,200"),
        ("failed_annotations", 3.0, "3"),
        ("machine_f1", 0.5, "50.0%"),
        ("of another kind", 2.5, "2.5"),
        ("cost_usd", 2.5, "$2.50"),
        ("machine_f1", None, "—"),
    ],
)
def test_each_metric_is_written_in_its_own_unit(name, value, expected):
    assert metric_figure(Metric(name, value), value) == expected


def test_unknown_is_never_zero():
    assert (count(None), count(0)) == ("unknown", "0")
