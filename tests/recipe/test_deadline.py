"""A deadline as recipes write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from act_spec.recipe.deadline import Deadline

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("13:00Z", datetime(2026, 11, 25, 13, 0, tzinfo=UTC)),
        ("9:00Z", datetime(2026, 11, 26, 9, 0, tzinfo=UTC)),
        ("12:00Z", datetime(2026, 11, 26, 12, 0, tzinfo=UTC)),
        ("13:30+01:00", datetime(2026, 11, 25, 12, 30, tzinfo=UTC)),
        ("00:30-05:00", datetime(2026, 11, 26, 5, 30, tzinfo=UTC)),
        ("2026-11-20 09:00Z", datetime(2026, 11, 20, 9, 0, tzinfo=UTC)),
        ("2026-12-01T09:00:30+01:00", datetime(2026, 12, 1, 8, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_next_one_and_a_date_is_that_date(written, due):
    assert Deadline.parse(written).after(NOON) == due


def test_without_a_zone_the_machine_s_own_clock_counts():
    due = Deadline.parse("09:00").after(NOON)

    assert (due.astimezone().hour, due.astimezone().minute) == (9, 0)
    assert due > NOON


@pytest.mark.parametrize("written", ["nine", "25:00", "09", "2026-02-30 09:00", "09:00 CET", "now"])
def test_anything_else_is_refused_with_the_forms(written):
    with pytest.raises(ValueError, match="Write 09:00"):
        Deadline.parse(written)
