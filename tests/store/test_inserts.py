from act_spec.store.database import Store
from act_spec.store.inserts import as_arrays

TYPES = {"item_id": "VARCHAR", "label": "VARCHAR", "score": "DOUBLE"}


def test_columns_arrive_as_they_are_whatever_begins_them():
    """DuckDB guesses the type of a column of objects from its first thousand, unless it is told not to."""
    count = 3000
    labels = [None] * (count - 1) + ["01"]
    scores = [None] * (count - 1) + [0.25]
    with Store.scratch() as store:
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
    with Store.scratch() as store:
        store.run("CREATE TABLE t (x INTEGER)")
        store.run("INSERT INTO t VALUES (1)")
        store.run("CREATE VIEW seen AS SELECT x FROM t")

        with store.at_rest("seen"), store.at_rest("seen"):
            store.run("INSERT INTO t VALUES (2)")
            assert store.rows("FROM seen") == [(1,)]

        assert store.rows("FROM seen ORDER BY x") == [(1,), (2,)]
