"""A scratch database keeps to little memory while it can, takes more where it must, and leaves nothing."""

from __future__ import annotations

import tempfile

import pytest

from act_spec.errors import StoreError
from act_spec.store import scratch
from act_spec.store.scratch import FIRST_MB, Scratch


@pytest.fixture
def spilt(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def limit(store: Scratch) -> str:
    return str(store.one("SELECT current_setting('memory_limit')")[0])


def test_more_than_fits_goes_to_the_folder_for_temporary_files_and_away_again(spilt):
    with Scratch.new() as store:
        first = limit(store)
        store.run(
            "CREATE TEMP TABLE much AS SELECT md5(i::VARCHAR) || repeat(md5((i + 1)::VARCHAR), 9) AS t "
            f"FROM range({FIRST_MB * 2**20 // 160}) r(i)"
        )
        there = list(spilt.glob("act-spec-*/*"))
        seen_by_others = [path.stat().st_mode & 0o077 for path in spilt.glob("act-spec-*")]
        count = store.one("SELECT count(DISTINCT t) FROM much")[0]

        assert there
        assert seen_by_others == [0]
        assert count == FIRST_MB * 2**20 // 160
        assert limit(store) == first
    assert not list(spilt.iterdir())


def test_a_statement_that_cannot_do_with_little_gets_more(spilt):
    with Scratch.new() as store:
        listed = store.one(f"SELECT length(string_agg(repeat('x', 1000), '')) FROM range({FIRST_MB * 1500})")[
            0
        ]

        assert listed == FIRST_MB * 1_500_000


def test_where_all_there_is_does_not_suffice_it_says_so_in_one_sentence(spilt, monkeypatch):
    monkeypatch.setattr(scratch, "_MOST_MB", FIRST_MB)
    with Scratch.new() as store:
        store.run("CREATE TEMP TABLE kept AS SELECT 1 AS n")
        store._allow(8)
        store._mb = None

        with pytest.raises(StoreError, match="environment variable TMPDIR"):
            store.one("SELECT list(repeat('x', 1000) || i) FROM range(100_000) r(i)")
        assert store.rows("FROM kept") == [(1,)]


def test_rows_are_passed_on_to_a_run_though_they_take_more_than_there_is(spilt, store):
    store.run("CREATE TABLE kept (t VARCHAR)")
    with Scratch.new() as given:
        given.run(
            "CREATE TEMP TABLE said AS SELECT repeat(i::VARCHAR, 400_000) AS t FROM range(100, 200) r(i)"
        )
        given._allow(8)
        little = limit(given)

        given.pass_on("FROM said WHERE length(t) > ?", [7], store, "INSERT INTO kept FROM arrived", [])
        assert limit(given) != little

    assert store.one("SELECT count(*), min(length(t)), count(DISTINCT t) FROM kept") == (100, 1_200_000, 100)


def test_only_the_memory_limit_stays_open_to_change(spilt):
    with Scratch.new() as store, pytest.raises(Exception, match="locked"):
        store.run("SET threads = 1")
