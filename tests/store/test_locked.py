"""A connection opens the files that it was given and no other; each test tries to make it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from act_spec.errors import RecipeError
from act_spec.store import locked
from act_spec.store.database import Store
from act_spec.store.export import write_labels
from act_spec.store.scratch import Scratch
from act_spec.store.sources import load, open_source

WAYS_OUT = [
    "FROM read_text('{secret}')",
    "FROM read_csv('{secret}')",
    "FROM read_blob('{folder}/../*/secret.txt')",
    "FROM glob('{folder}/*')",
    "FROM parquet_metadata('{folder}/other.parquet')",
    "FROM read_parquet('https://127.0.0.1:9/x.parquet')",
    "ATTACH '{folder}/other.duckdb'",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "INSTALL h3 FROM community",
    "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "SET enable_external_access = true",
    "SET allowed_paths = ['{secret}']",
    "SET lock_configuration = false",
    "SET autoinstall_known_extensions = true",
    "SET allow_community_extensions = true",
    "FROM a_python_variable",
]


def parquet(path: Path, sql: str) -> None:
    """Under any name: DuckDB writes to it as it reads from it, by a pattern."""
    duckdb.execute(f"COPY ({sql}) TO ? (FORMAT parquet)", [str(path.with_name("made.parquet"))])
    path.with_name("made.parquet").rename(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("hidden")
    parquet(tmp_path / "other.parquet", "SELECT 'hidden' AS t")
    parquet(tmp_path / "data.parquet", "SELECT 'shown' AS t")
    return tmp_path


def read(folder: Path, name: str, *columns: str) -> list[tuple[str, ...]]:
    with Scratch.new() as store:
        load(store, open_source(name, folder), columns, "read")
        return store.rows(f"SELECT {', '.join(f'c{n}' for n in range(len(columns)))} FROM read ORDER BY line")


@pytest.mark.promise("code")
@pytest.mark.parametrize("sql", WAYS_OUT)
def test_there_is_no_way_out_of_a_run_or_of_data_being_read(folder, sql):
    a_python_variable = {"hidden": [1]}
    asked = sql.format(folder=folder, secret=folder / "secret.txt")
    before = sorted(folder.iterdir())

    with locked.reaching([folder / "data.parquet"]) as reader:
        assert reader.sql("FROM read_parquet(?)", params=[str(folder / "data.parquet")]).fetchall()
        with pytest.raises(duckdb.Error):
            reader.execute(asked)
    with Scratch.new() as store, pytest.raises(duckdb.Error):
        store.run(asked)
    assert sorted(folder.iterdir()) == before
    assert a_python_variable


def test_a_run_reaches_its_own_file_and_nothing_beside_it(folder):
    run = folder / "run.duckdb"
    with Store.open(run) as store:
        store.run("CREATE TABLE kept AS SELECT range AS n FROM range(300_000)")
        store.run("CHECKPOINT")
        store.run("CREATE TABLE logged AS SELECT 1 AS n")
        with pytest.raises(duckdb.PermissionException):
            store.rows("FROM read_text(?)", [str(folder / "secret.txt")])
    with Store.open(run, read_only=True) as store:
        assert store.one("SELECT (SELECT count(*) FROM kept), (SELECT n FROM logged)") == (300_000, 1)


def test_a_view_in_somebody_elses_run_reads_no_file_of_yours(folder):
    run = folder / "run.duckdb"
    Store.open(run).close()
    with duckdb.connect(str(run)) as meddler:
        meddler.execute(
            f"CREATE OR REPLACE VIEW metrics AS SELECT content AS name FROM read_text('{folder / 'secret.txt'}')"
        )

    with Store.open(run, read_only=True) as store, pytest.raises(duckdb.PermissionException):
        store.rows("FROM metrics")


@pytest.mark.parametrize(
    "name",
    [
        "t\" FROM read_text('/etc/hostname') --",
        "t'); COPY (SELECT 1) TO 'out.csv'; --",
        "a\" || (SELECT content FROM read_text('secret.txt')) || \"",
        "getenv('HOME')",
        "*",
        "?",
    ],
)
def test_a_column_with_the_name_of_a_statement_is_a_column(folder, name):
    quoted = name.replace('"', '""')
    parquet(folder / "named.parquet", f'SELECT 7 AS "{quoted}"')
    before = sorted(folder.iterdir())

    assert read(folder, "named.parquet", name) == [("7",)]
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "bystander"),
    [("data[1].parquet", "data1.parquet"), ("data?.parquet", "datas.parquet"), ("*.parquet", "z.parquet")],
)
def test_a_file_that_is_named_like_a_pattern_is_that_file(tmp_path, name, bystander):
    """DuckDB takes every name for a pattern, and would read the file beside it."""
    folder = tmp_path / "d[0]"
    folder.mkdir()
    parquet(folder / name, "SELECT 'mine' AS t")
    parquet(folder / bystander, "SELECT 'not mine' AS t")

    with locked.reaching([folder / name]) as reader:
        found = reader.execute("FROM read_parquet(?)", [locked.as_pattern(folder / name)]).fetchall()
        with pytest.raises(duckdb.PermissionException):
            reader.execute("FROM read_parquet(?)", [str(folder / bystander)])

    assert found == [("mine",)]


def test_a_folders_name_changes_no_column(tmp_path):
    """Read as a partition of Hive's, `lang=de` would put `de` into the place of what the file says."""
    folder = tmp_path / "lang=de"
    folder.mkdir()
    parquet(folder / "data.parquet", "SELECT 'en' AS lang")

    source = open_source("lang=*/*.parquet", tmp_path)

    assert source.columns == ("lang",)
    assert read(tmp_path, "lang=*/*.parquet", "lang") == [("en",)]


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:9/x.parquet", "s3://bucket/x.parquet", "hf://datasets/x.csv"]
)
def test_an_address_is_no_file(tmp_path, name):
    with pytest.raises(RecipeError, match="no such file"):
        open_source(name, tmp_path)


def test_what_breaks_in_the_middle_of_parquet_is_named_and_leaves_nothing(tmp_path):
    parquet(tmp_path / "data.parquet", "SELECT range AS id, md5(range::VARCHAR) AS t FROM range(200_000)")
    data = bytearray((tmp_path / "data.parquet").read_bytes())
    start = len(data) // 2
    data[start : start + 3000] = bytes(byte ^ 0x5A for byte in data[start : start + 3000])
    (tmp_path / "data.parquet").write_bytes(data)

    with Scratch.new() as store:
        with pytest.raises(RecipeError, match=r"data\.parquet: cannot be read as Parquet") as told:
            load(store, open_source("data.parquet", tmp_path), ["id", "t"], "read")
        assert store.rows("FROM duckdb_tables()") == []
    assert "taken_over" not in str(told.value)


def test_a_file_that_goes_away_is_named(folder):
    source = open_source("data.parquet", folder)
    (folder / "data.parquet").unlink()

    with Scratch.new() as store, pytest.raises(RecipeError, match=r"data\.parquet: cannot be read"):
        load(store, source, ["t"], "read")


def test_a_link_is_followed_where_a_recipe_of_your_own_names_it(folder):
    (folder / "linked").mkdir()
    (folder / "linked" / "data.parquet").symlink_to(folder / "other.parquet")
    shutil.copy(folder / "data.parquet", folder / "linked" / "own.parquet")

    assert read(folder / "linked", "data.parquet", "t") == [("hidden",)]
    assert read(folder / "linked", "../linked/own.parquet", "t") == [("shown",)]


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_labels_are_written_over_what_a_kill_left_and_nothing_else_is_touched(folder, ending):
    (folder / f".labels.{ending}.partial").write_text("half")
    before = sorted(folder.iterdir())
    with Store.open() as store:
        write_labels(store, folder / f"labels.{ending}")

    after = {*before, folder / f"labels.{ending}"} - {folder / f".labels.{ending}.partial"}
    assert sorted(folder.iterdir()) == sorted(after)
