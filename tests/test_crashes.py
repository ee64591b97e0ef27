"""Whole lives of a run, killed at random instants: nothing is lost, and the end is that of a life without kills."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from crashes import CONCURRENCY, Life, Rows
from model_server import ModelServer
from walking import command_child


@dataclass(frozen=True)
class Whole:
    """What a life comes to that nothing interrupts, and how long its steps take."""

    server: ModelServer
    result: tuple[Rows, dict[str, bytes]]
    took_s: list[float]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with ModelServer(latency_s=0.05) as server:
        life = Life(tmp_path_factory.mktemp("whole") / "life", server, random.Random(0))
        # Whatever it says, all that is slow to import has been imported then.
        command_child(life.folder, "recipes").join()
        took_s = life.live(0)
        yield Whole(server, life.result(), took_s)


def kill_lives(folder: Path, whole: Whole, kills: int, a_life: int, seed: int) -> tuple[Counter[str], int]:
    """So many kills, by the command that they hit, and how many calls were paid again."""
    survived: Counter[str] = Counter()
    again, lives = 0, 0
    while survived.total() < kills:
        life = Life(folder / f"life{lives}", whole.server, random.Random(f"{seed}:{lives}"))
        life.live(a_life, whole.took_s)
        rows, files = life.result()
        for table, expected in whole.result[0].items():
            assert rows[table] == expected, table
        assert files == whole.result[1]
        survived += life.kills
        again, lives = again + life.paid_again, lives + 1
    # Else no kill has hit a call, and nothing is shown.
    assert again > 0
    return survived, again


def told(survived: Counter[str], again: int) -> str:
    by = ", ".join(f"{count} of {name}" for name, count in survived.most_common())
    return (
        f"{survived.total():,} kills ({by}): nothing lost, results equal, "
        f"{again} calls paid again, at most {CONCURRENCY} in flight at each"
    )


@pytest.mark.promise("kills")
def test_nothing_is_lost_over_fifty_kills_of_every_command(
    tmp_path: Path, whole: Whole, measured: Callable[[str], None]
) -> None:
    measured(told(*kill_lives(tmp_path, whole, 50, 52, seed=1)))


@pytest.mark.long
@pytest.mark.promise("kills")
def test_nothing_is_lost_over_a_thousand_kills_of_every_command(
    tmp_path: Path, whole: Whole, measured: Callable[[str], None]
) -> None:
    measured(told(*kill_lives(tmp_path, whole, 1000, 126, seed=2)))
