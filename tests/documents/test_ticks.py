"""How far a stage is, in words."""

from __future__ import annotations

import pytest

from act_spec.documents.ticks import Tick, pace_text, tick_text, told_text

HALF = Tick(
    "annotate",
    600,
    1200,
    3,
    0.5,
    60.0,
    failures={"refused": 1, "invalid": 2},
    per_s=20.0,
    foreseen_usd=1.25,
)


def test_a_line_says_pace_cost_time_and_failures_by_kind():
    assert tick_text(HALF) == (
        "annotate  600 of 1,200   20/s   $0.50 of about $1.25   about 30 s left   3 failed (2 invalid, 1 refused)"
    )


def test_what_is_not_known_is_not_said():
    assert tick_text(Tick("train", 1, 3, 0, 0.0, 10.0)) == "train  1 of 3   about 20 s left"
    assert (
        tick_text(Tick("judge", 0, 3, 0, 0.0, 10.0, note="waiting for a batch"))
        == "judge  0 of 3   waiting for a batch"
    )


def test_time_left_follows_the_pace_of_late():
    """600 items at 20 a second are 30 s, whatever the mean was."""
    assert HALF.left_s == 30.0
    assert Tick("annotate", 600, 1200, 0, 0.0, 60.0, per_s=0.0).left_s is None


def test_another_process_reads_the_same_line():
    assert told_text(HALF.as_json() | {"process": 7}) == tick_text(HALF)


def test_older_progress_is_read_too():
    said = {"stage": "review", "done": 1, "total": 3, "left_s": 90.0, "process": 7}

    assert told_text(said) == "review  1 of 3   about 2 min left"


@pytest.mark.parametrize(("per_s", "said"), [(1234.0, "1,234/s"), (3.21, "3.2/s"), (0.05, "3.0/min")])
def test_a_slow_pace_is_told_by_the_minute(per_s, said):
    assert pace_text(per_s) == said
