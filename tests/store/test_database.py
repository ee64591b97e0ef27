import subprocess
import sys

import duckdb
import pytest

from act_spec.errors import StoreError
from act_spec.store import migrations
from act_spec.store.database import Store


def test_a_new_file_has_every_table_and_view_of_the_contract(tmp_path):
    with Store.open(tmp_path / "run.duckdb") as store:
        names = {
            row[0]
            for row in store.rows(
                "SELECT table_name FROM information_schema.tables WHERE table_schema='main'"
            )
        }

    assert {
        "meta", "media", "calls", "items", "votes", "annotations", "judgments", "allocations", "reviews",
        "labels", "metrics",
    } <= names  # fmt: skip


def test_any_duckdb_client_can_read_the_labels(tmp_path):
    path = tmp_path / "run.duckdb"
    Store.open(path).close()

    with duckdb.connect(str(path), read_only=True) as client:
        columns = [row[0] for row in client.execute("DESCRIBE labels").fetchall()]

    assert columns == [
        "item_id", "label", "source", "machine_label", "human_label", "error_probability",
        "inclusion_probability", "selected", "round", "sampling_weight", "loss_weight",
    ]  # fmt: skip


def test_a_second_process_is_told_who_holds_the_run(tmp_path):
    path = tmp_path / "run.duckdb"
    code = (
        "import sys\nfrom pathlib import Path\nfrom act_spec.store.database import Store\n"
        "from act_spec.errors import StoreError\n"
        "try:\n    Store.open(Path(sys.argv[1]))\nexcept StoreError as error:\n    print(error)\n"
    )
    with Store.open(path) as store:
        holder = store.one("SELECT pid FROM (SELECT ? AS pid)", [__import__("os").getpid()])[0]
        said = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        ).stdout

    assert f"another process (number {holder}) is writing this run" in said


@pytest.mark.parametrize("content", [b"no database " * 400, b""])
def test_a_file_that_is_no_run_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "run.duckdb"
    path.write_bytes(content)
    if not content:
        with duckdb.connect(str(tmp_path / "other.duckdb")) as other:
            other.execute("CREATE TABLE mine (x INTEGER)")
        path = tmp_path / "other.duckdb"
    before = path.read_bytes()

    with pytest.raises(StoreError, match="left as it is"):
        Store.open(path)

    assert path.read_bytes() == before


def test_a_run_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "run.duckdb"
    with Store.open(path) as store:
        store.run("UPDATE meta SET value = '99' WHERE key = 'schema_version'")

    with pytest.raises(StoreError, match=f"version 99, known here: {migrations.VERSION}"):
        Store.open(path)


def test_opening_twice_migrates_once(tmp_path):
    path = tmp_path / "run.duckdb"
    for _ in range(2):
        with Store.open(path) as store:
            assert store.rows("SELECT value FROM meta WHERE key = 'schema_version'") == [
                (str(migrations.VERSION),)
            ]


def test_a_failed_transaction_leaves_nothing_behind(store):
    def write_and_fail():
        with store.transaction():
            store.run("INSERT INTO meta VALUES ('half', 'written')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert store.rows("SELECT 1 FROM meta WHERE key = 'half'") == []
