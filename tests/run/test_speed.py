"""Pace and foreseen cost of a stage under way."""

from __future__ import annotations

import pytest
from walking import plan_of, write_recipe

from act_spec.run.speed import Speed, Stretch, foreseen_usd


def test_the_pace_is_that_of_the_last_half_minute():
    """Ten a second for a minute, then two a second for a minute: two."""
    speed = Speed(window_s=30)
    done = 0
    for second in range(120):
        done += 10 if second < 60 else 2
        pace = speed.of(float(second), done)

    assert pace == pytest.approx(2.0)


def test_a_standstill_is_told_after_the_window_and_not_before():
    speed = Speed(window_s=30)

    assert [speed.of(float(second), 5) for second in (0, 10, 29)] == [None] * 3
    assert speed.of(31.0, 5) == 0.0


def test_what_is_foreseen_is_the_rest_at_its_mean_cost_and_the_later_stages_as_planned(tmp_path):
    plan = plan_of(write_recipe(tmp_path, "http://127.0.0.1:9/v1", 40), spend_usd=1.0)
    later = plan.judge.cost_usd.likely

    assert foreseen_usd(plan, [Stretch("annotate", 10, 40)], 0.3, 0.1) == pytest.approx(0.3 + 0.6 + later)
    assert foreseen_usd(plan, [Stretch("judge", 10, 40)], 0.3, 0.1) == pytest.approx(0.9)
    assert foreseen_usd(plan, [Stretch("judge", 1, 40)], 0.3, 0.1) == 1.0
    assert foreseen_usd(plan, [Stretch("judge", 0, 40)], 0.1, 0.1) is None


def test_what_goes_together_is_foreseen_in_the_proportion_of_its_planned_prices(tmp_path):
    """Half of the annotations and a quarter of the judgments have cost what the plan says of them, so the rest will."""
    plan = plan_of(write_recipe(tmp_path, "http://127.0.0.1:9/v1", 40))
    annotating, judging = plan.annotate.cost_usd.likely, plan.judge.cost_usd.likely
    under_way = [Stretch("annotate", 20, 40), Stretch("judge", 10, 40)]

    assert judging != annotating
    assert foreseen_usd(plan, under_way, annotating / 2 + judging / 4, 0.0) == pytest.approx(
        annotating + judging
    )
