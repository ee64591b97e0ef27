"""The disk fills, refuses or spoils what is on it: one sentence, no call more, and what was committed is kept."""

from __future__ import annotations

import ctypes
import random
import subprocess
import sys
from pathlib import Path

import pytest
from model_server import ModelServer
from reviewed import waiting_run
from walking import command_child, database, walk_recipe, write_data, write_recipe

from act_spec.errors import StoreError
from act_spec.run.outcome import status_facts
from act_spec.store.database import Store
from act_spec.store.export import write_labels

CONCURRENCY = 8
ITEMS = 400


def calls_kept(recipe: Path) -> int:
    with Store.open(database(recipe), read_only=True) as store:
        return int(store.one("SELECT count(*) FROM calls WHERE status = 'ok'")[0])


def test_no_call_is_made_when_its_reply_cannot_be_kept(tmp_path):
    """A limit on the size of files (RLIMIT_FSIZE) stands in for the disk that fills while calls are made."""
    with ModelServer(latency_s=0.01) as server:
        recipe = write_recipe(tmp_path, server.url, ITEMS, concurrency=CONCURRENCY)
        command_child(tmp_path, "run", str(recipe), "--limit", "4", "--yes").join()
        before = server.attempts.total()
        ended = command_child(tmp_path, "run", str(recipe), "--yes", most_bytes=60_000)
        ended.join()
        said, asked = (tmp_path / "said.txt").read_text(), server.attempts.total()
        kept = calls_kept(recipe)
        walk_recipe(recipe)

    assert ended.exitcode == 2, said
    assert said.count("cannot be") == 1
    assert "Traceback" not in said
    assert before < kept < 2 * ITEMS
    assert asked - kept <= CONCURRENCY
    assert server.billed.total() - len(server.billed) <= CONCURRENCY
    assert calls_kept(recipe) == len(server.billed) == 2 * ITEMS


def without_roots_rights() -> None:
    """Root may write what is read-only; a process may give that up (CAP_DAC_OVERRIDE)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_a_run_that_cannot_be_written_stops_before_the_next_call(tmp_path):
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, 4)
        walk_recipe(recipe)
        asked, before = server.attempts.total(), database(recipe).read_bytes()
        write_data(tmp_path, [f"text number {number}" for number in range(8)])
        database(recipe).chmod(0o444)
        ended = subprocess.run(
            [sys.executable, "-c", "from act_spec.cli import main; main()", "run", str(recipe), "--yes"],
            preexec_fn=without_roots_rights,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 2
    assert f"{database(recipe)}: cannot be opened" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert server.attempts.total() == asked
    assert database(recipe).read_bytes() == before


def damaged(data: bytes, dice: random.Random) -> bytes:
    """The file with a bit turned, a page gone, or its end cut off; every other time near the start."""
    spoilt = bytearray(data)
    at = dice.randrange(dice.choice([3 * 4096, len(data)]))
    kind = dice.choice(["bit", "page", "cut"])
    if kind == "bit":
        spoilt[at] ^= 1 << dice.randrange(8)
    elif kind == "page":
        spoilt[at : at + 4096] = bytes(len(spoilt[at : at + 4096]))
    else:
        del spoilt[at:]
    return bytes(spoilt)


def spoil(folder: Path, times: int) -> int:
    """Damage a run so many times: what is said is one sentence, or right; how often there was something to say."""
    recipe = waiting_run(folder)
    run = database(recipe)
    good = run.read_bytes()

    def labels() -> bytes:
        with Store.open(run, read_only=True) as store:
            write_labels(store, folder / "labels.csv")
        return (folder / "labels.csv").read_bytes()

    expected, said = labels(), []
    for number in range(times):
        run.write_bytes(damaged(good, random.Random(number)))
        try:
            status_facts(run.parent)
            assert labels() == expected
            walk_recipe(recipe)
        except StoreError as error:
            said.append(str(error))
    assert all(f"{run}: " in one and ("damaged" in one or "cannot be" in one) for one in said)
    return len(said)


def test_a_damaged_run_is_named_and_gives_no_wrong_label(tmp_path):
    assert spoil(tmp_path, 20) > 5


@pytest.mark.long
@pytest.mark.promise("faults")
def test_a_thousand_damaged_runs_are_named_and_give_no_wrong_label(tmp_path, measured):
    measured(f"1,000 damaged runs, {spoil(tmp_path, 1000)} of them named; the others gave the right labels")
