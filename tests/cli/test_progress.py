"""Progress where there is no terminal: few lines, all of them on stderr."""

from __future__ import annotations

from act_spec.cli.progress import ProgressLines
from act_spec.documents.ticks import Tick


def tick(done: int, note: str = "", stage: str = "annotate") -> Tick:
    return Tick(stage, done, 100, 0, 0.0, 1.0, note=note)


def test_many_ticks_are_few_lines_and_the_end_is_told_once(capsys):
    with ProgressLines(quiet=False) as shown:
        for done in (*range(100), 100, 100, 100):
            shown.show(tick(done))
    said = capsys.readouterr()

    assert said.out == ""
    assert [line[:22] for line in said.err.splitlines()] == ["annotate  0 of 100", "annotate  100 of 100"]


def test_what_does_not_change_is_not_repeated_every_ten_seconds(capsys):
    """A batch may be out for a day."""
    clock = iter(range(0, 36_000, 10))
    shown = ProgressLines(quiet=False, clock=lambda: float(next(clock)))
    for _ in range(1000):
        shown.show(tick(0, note="waiting for a batch"))

    assert 10 <= len(capsys.readouterr().err.splitlines()) <= 20


def test_of_two_stages_side_by_side_each_has_its_lines(capsys):
    clock = iter(range(1000))
    shown = ProgressLines(quiet=False, clock=lambda: float(next(clock)))
    for done in range(20, 101, 20):
        for _ in range(5):
            shown.show(tick(done))
            shown.show(tick(done - 20, stage="judge"))
    shown.show(tick(100, stage="judge"))
    told = [line.split()[0] for line in capsys.readouterr().err.splitlines()]

    assert told.count("annotate") == told.count("judge") == 5
    assert told[-2:] == ["judge", "judge"]


def test_quiet_says_nothing(capsys):
    with ProgressLines(quiet=True) as shown:
        shown.show(tick(100))

    assert capsys.readouterr().err == ""
