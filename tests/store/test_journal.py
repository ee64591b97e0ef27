"""The journal: what a killed process has left is in the tables at the next opening, once and in order."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from act_spec.errors import StoreError
from act_spec.store.calls import Call, write_calls
from act_spec.store.database import Store
from act_spec.store.journal import Journal

NOON = datetime.fromisoformat("2026-01-01T12:00:00.123456")


def call(key: str, status: str = "ok", at: int = 0, usd: float | None = 1.0) -> Call:
    """A call that ended so many microseconds after noon."""
    return Call(
        call_key=key,
        stage="annotate",
        round=1,
        item_id="i1",
        model="openai/m",
        answered_model=None,
        fingerprint=None,
        prompt_sha256="0",
        response="naïve\n\ud7ff “reply”" if status == "ok" else None,
        tokens=None,
        prompt_tokens=3,
        completion_tokens=None,
        cost_usd=usd,
        possible_usd=0.5,
        latency_s=0.25,
        attempts=1,
        status=status,
        reason=None,
        finished_at=NOON + timedelta(microseconds=at),
    )


@pytest.fixture
def database(tmp_path) -> Path:
    path = tmp_path / "run.duckdb"
    Store.open(path).close()
    return path


def left(database: Path) -> list[str]:
    return sorted(path.name for path in database.parent.iterdir() if path != database)


def kept(database: Path, *columns: str) -> list[tuple[object, ...]]:
    with Store.open(database, read_only=True) as store:
        return store.rows(f"SELECT {', '.join(columns)} FROM calls ORDER BY call_key")


def test_what_was_left_is_found_by_whoever_opens_the_file(database):
    with Journal(database) as journal:
        journal.keep(call("a"))
        journal.turn()
        journal.keep(call("b", at=1))
    assert left(database) == ["run.duckdb.journal-0", "run.duckdb.journal-1"]

    assert kept(database, "*") == [
        ("a", "annotate", 1, "i1", "openai/m", None, None, "0", "naïve\n\ud7ff “reply”", None, 3, None, 1.0, 0.5, 0.25, 1,
         "ok", None, NOON),
        ("b", "annotate", 1, "i1", "openai/m", None, None, "0", "naïve\n\ud7ff “reply”", None, 3, None, 1.0, 0.5, 0.25, 1,
         "ok", None, NOON + timedelta(microseconds=1)),
    ]  # fmt: skip
    assert left(database) == []


def test_a_journal_whose_calls_are_all_committed_leaves_nothing(database):
    with Journal(database) as journal:
        journal.keep(call("a"))
        journal.turn()
        journal.committed()
    assert left(database) == []
    assert kept(database, "call_key") == []


def test_a_commit_before_the_kill_is_not_counted_twice(database):
    failures = [call("a", "provider_error", 1), call("a", "invalid", 2), call("b", "provider_error", 3)]
    with Journal(database) as journal, Store.open(database) as store:
        for one in failures:
            journal.keep(one)
        journal.turn()
        write_calls(store, failures)
        journal.keep(call("b", "provider_error", 4))

    assert kept(database, "call_key", "status", "cost_usd", "possible_usd", "attempts") == [
        ("a", "invalid", 2.0, 1.0, 2),
        ("b", "provider_error", 2.0, 1.0, 2),
    ]


def test_the_older_file_comes_first_whatever_its_name(database):
    """A failure that is paid for counts only before the reply that came later."""
    with Journal(database) as journal:
        journal.turn()
        journal.keep(call("a", "invalid", 2))
        journal.turn()
        journal.keep(call("a", "ok", 1))
    assert kept(database, "status", "cost_usd", "attempts") == [("ok", 2.0, 2)]


@pytest.mark.parametrize("torn", [2, 20, 60])
def test_a_line_that_was_cut_off_is_nothing_and_those_before_it_hold(database, torn):
    with Journal(database) as journal:
        journal.keep(call("a"))
        journal.keep(call("b"))
    path = Path(f"{database}.journal-0")
    path.write_bytes(path.read_bytes()[:-torn])
    assert kept(database, "call_key") == [("a",)]


def test_the_journal_of_this_very_process_is_left_alone(database):
    with Journal(database) as journal:
        journal.keep(call("a"))
        with Store.open(database) as store:
            assert store.rows("FROM calls") == []
        journal.keep(call("b"))
    assert kept(database, "call_key") == [("a",), ("b",)]


def test_a_run_that_begins_anew_takes_nothing_of_the_one_that_was_removed(database):
    with Journal(database) as journal:
        journal.keep(call("a"))
    database.unlink()
    with Store.open(database) as store:
        assert store.rows("FROM calls") == []
    assert left(database) == []


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A limit on the size of files stands in for a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_call_that_does_not_fit_is_refused_and_spoils_nothing(database):
    with Journal(database) as journal:
        journal.keep(call("a"))
        size = Path(f"{database}.journal-0").stat().st_size
        for room in (0, 10):
            with (
                files_of_at_most(size + room),
                pytest.raises(StoreError, match=r"journal-0: cannot be written: \w"),
            ):
                journal.keep(call("b"))
        journal.keep(call("c"))
    assert kept(database, "call_key") == [("a",), ("c",)]


def test_a_line_of_a_version_with_fewer_columns_is_taken_in(database):
    with Journal(database) as journal:
        journal.keep(call("a"))
    path = Path(f"{database}.journal-0")
    number, row = json.loads(path.read_text())
    del row["fingerprint"], row["tokens"]
    path.write_text(json.dumps([number, row]) + "\n")
    assert kept(database, "call_key", "tokens") == [("a", None)]
