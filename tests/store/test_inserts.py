import pytest

from act_spec.store.database import Store
from act_spec.store.inserts import as_arrays, insert
from act_spec.store.scratch import Scratch

TYPES = {"item_id": "VARCHAR", "label": "VARCHAR", "score": "DOUBLE"}


def test_columns_arrive_as_they_are_whatever_begins_them():
    """DuckDB guesses the type of a column of objects from its first thousand, unless it is told not to."""
    count = 3000
    labels = [None] * (count - 1) + ["01"]
    scores = [None] * (count - 1) + [0.25]
    with Scratch.new() as store:
        arrays, cells = as_arrays(
            TYPES, {"item_id": [str(number) for number in range(count)], "label": labels, "score": scores}
        )
        with store.lent("given", arrays):
            store.run(
                f"CREATE TABLE t AS SELECT {', '.join(f'{c} AS {n}' for n, c in zip(arrays, cells, strict=True))} FROM given"
            )

        assert store.rows("FROM t WHERE label IS NOT NULL OR score IS NOT NULL") == [("2999", "01", 0.25)]
        assert store.one("SELECT count(*), count(label) FROM t") == (count, 1)


def test_views_at_rest_are_read_once_and_let_go():
    with Scratch.new() as store:
        store.run("CREATE TABLE t (x INTEGER)")
        store.run("INSERT INTO t VALUES (1)")
        store.run("CREATE VIEW seen AS SELECT x FROM t")

        with store.at_rest("seen"), store.at_rest("seen"):
            store.run("INSERT INTO t VALUES (2)")
            assert store.rows("FROM seen") == [(1,)]

        assert store.rows("FROM seen ORDER BY x") == [(1,), (2,)]


@pytest.mark.parametrize("there", [False, True])
def test_rows_expected_to_be_new_are_written_once_whether_one_is_there_or_not(there):
    written = []
    with Store.open() as store:
        store.run("CREATE TABLE seen (name VARCHAR PRIMARY KEY, times INTEGER)")
        if there:
            store.run("INSERT INTO seen VALUES ('a', 1)")

        def write() -> None:
            written.append(store.expects_new)
            insert(store, "seen", {"name": "VARCHAR", "times": "INTEGER"}, [("b", 1)])
            insert(
                store,
                "seen",
                {"name": "VARCHAR", "times": "INTEGER"},
                [("a", 2)],
                "ON CONFLICT (name) DO UPDATE SET times = seen.times + excluded.times",
            )

        store.write_new(write)

        assert store.rows("FROM seen ORDER BY name") == [("a", 3 if there else 2), ("b", 1)]
        assert written == ([True, False] if there else [True])
        assert not store.expects_new
