"""
What is still to do: items without an annotation, annotations without a judgment.

Both come in walking order. A failure at the provider counts as not done, so
the next run tries it again. A stage that reads recorded answers gets each
item's rows along.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from act_spec.records import Annotation, Item, Vote
from act_spec.store.database import Store
from act_spec.store.sources import Source, all_different, load, quote

_ITEMS = """
SELECT i.position, i.item_id, i.content, i.recorded FROM history.items i
JOIN history.current_keys k ON i.stage_key = k.stage_key AND k.stage = 'data'
"""
_UNANNOTATED = """
SELECT i.*, NULL AS label, NULL AS confidence, NULL AS rationale, NULL AS votes
FROM ({items}) i
ANTI JOIN (SELECT item_id FROM history.annotations
    WHERE stage_key = ? AND status <> 'provider_error') done USING (item_id)
"""
_UNJUDGED = """
SELECT i.*, a.label, a.confidence, a.rationale, v.votes
FROM ({items}) i
JOIN history.said a USING (item_id)
ANTI JOIN (SELECT item_id FROM history.judgments
    WHERE stage_key = ? AND status <> 'provider_error') done USING (item_id)
LEFT JOIN (SELECT item_id, list({{'member': member, 'sample': sample, 'label': label, 'confidence': confidence}}
        ORDER BY member, sample) AS votes FROM votes GROUP BY item_id) v USING (item_id)
WHERE a.status = 'ok'
"""
_PENDING = {"annotate": _UNANNOTATED, "judge": _UNJUDGED}

# A part of them by their places, with what the stage reads.
_AT_ONCE = 10_000
_PLACED = f"""
WITH part AS (SELECT i.* FROM ({_ITEMS} WHERE i.position BETWEEN ? AND ?) i SEMI JOIN todo USING (position))
"""
_LABELLED = "history.{0} JOIN history.current_keys k USING (stage_key) SEMI JOIN part USING (item_id) WHERE k.stage = 'annotate'"
_PART = {
    "annotate": f"""
        {_PLACED} SELECT *, NULL AS label, NULL AS confidence, NULL AS rationale, NULL AS votes
        FROM part ORDER BY position
        """,
    "judge": f"""
        {_PLACED} SELECT part.*, a.label, a.confidence, a.rationale, v.votes
        FROM part
        JOIN (SELECT item_id, label, confidence, rationale FROM {_LABELLED.format("annotations")}) a USING (item_id)
        LEFT JOIN (SELECT item_id, list({{'member': member, 'sample': sample, 'label': label,
                'confidence': confidence}} ORDER BY member, sample) AS votes
            FROM {_LABELLED.format("votes")} GROUP BY item_id) v USING (item_id)
        ORDER BY position
        """,
}


@dataclass(frozen=True)
class Scope:
    """
    Which items a stage looks at; all of them unless said otherwise.

    Attributes:
        first: Only the walk's first so many.
        drawn: Only those drawn for review.
        chosen_in: Only those that this round chose for the model.
        least_sure: Only so many, those of least stated confidence; without
            one first, ties in walking order.
    """

    first: int | None = None
    drawn: bool = False
    least_sure: int | None = None
    chosen_in: int | None = None

    def sql(self) -> tuple[str, list[Any]]:
        """The items in scope as a query, with its values."""
        conditions, values = ["true"], []
        if self.first is not None:
            conditions.append("i.position < ?")
            values.append(self.first)
        if self.drawn:
            conditions.append("i.item_id IN (SELECT item_id FROM allocations WHERE selected)")
        if self.chosen_in is not None:
            conditions.append(
                "i.item_id IN (SELECT item_id FROM selections WHERE source = 'model' AND round = ?)"
            )
            values.append(self.chosen_in)
        if self.least_sure is not None:
            conditions.append(
                f"i.item_id IN (SELECT s.item_id FROM annotations s JOIN ({_ITEMS}) p USING (item_id) "
                "WHERE s.status = 'ok' ORDER BY s.confidence NULLS FIRST, p.position LIMIT ?)"
            )
            values.append(self.least_sure)
        return f"{_ITEMS} WHERE {' AND '.join(conditions)}", values


EVERY_ITEM = Scope()


@dataclass(frozen=True, slots=True)
class Pending:
    """One item that a stage has not settled; `rows` are its recorded answers, where the stage reads them."""

    item: Item
    annotation: Annotation | None
    rows: tuple[Mapping[str, str | None], ...] = ()


def pending_sql(stage: str, stage_key: str, scope: Scope) -> tuple[str, list[Any]]:
    """The items that a stage still has to settle as a query, with its values."""
    items, values = scope.sql()
    return _PENDING[stage].format(items=items), [*values, stage_key]


def count_pending(store: Store, stage: str, stage_key: str, scope: Scope) -> int:
    """How many items in scope `annotate` or `judge` still has to settle."""
    sql, values = pending_sql(stage, stage_key, scope)
    return int(store.one(f"SELECT count(*) FROM ({sql})", values)[0])


def pending(store: Store, stage: str, stage_key: str, scope: Scope) -> Iterator[Pending]:
    """
    The items that `annotate` or `judge` still has to settle, in walking order.

    Which they are is settled at once; what they say is read some thousands at
    a time, so that memory does not grow with their number.
    """
    sql, values = pending_sql(stage, stage_key, scope)
    store.run(f"CREATE OR REPLACE TEMP TABLE todo AS SELECT position, item_id FROM ({sql})", values)
    places = store.arrays("SELECT position FROM todo ORDER BY position")["position"]
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        for row in store.rows(_PART[stage], [int(part[0]), int(part[-1])]):
            yield Pending(*_read(row))


def pending_with_rows(
    store: Store, stage: str, stage_key: str, scope: Scope, columns: Mapping[str, str], *, own: bool
) -> Iterator[Pending]:
    """
    The same with each item's recorded answers.

    Args:
        store: With the table `recorded_rows` filled, unless `own`.
        stage: `annotate` or `judge`.
        stage_key: Its key.
        scope: Which items.
        columns: Our name to the column's name in the source.
        own: Whether the answers are columns of the data itself.
    """
    sql, values = pending_sql(stage, stage_key, scope)
    if own:
        sql = f"SELECT *, NULL AS rows FROM ({sql}) ORDER BY position"
    else:
        sql = f"SELECT p.*, r.rows FROM ({sql}) p LEFT JOIN recorded_rows r USING (item_id) ORDER BY position"
    for batch in store.batches(sql, values):
        for row in batch:
            if own:
                kept = json.loads(row[3] or "{}")
                rows: tuple[Mapping[str, Any], ...] = (
                    {name: kept[column] for name, column in columns.items()},
                )
            else:
                rows = tuple(row[-1] or ())
            yield Pending(*_read(row), rows)


def load_recorded(
    store: Store,
    source: Source,
    id_column: str,
    columns: Mapping[str, str],
    where: Mapping[str, str],
    *,
    listed: bool,
) -> list[tuple[str, int]]:
    """
    Read recorded answers into the temporary table `recorded_rows`.

    Args:
        store: Where the table is made.
        source: The file of recorded answers.
        id_column: Its column with the item ids.
        columns: Our name to the column's name.
        where: Column to the value that it must have.
        listed: Whether the table has a list of an item's rows, in `rows`;
            else it has a row for each, with our names and `line` as its columns.

    Returns:
        Up to ten ids that have several rows, with how many.
    """
    wanted = list(dict.fromkeys([id_column, *columns.values(), *where]))
    name = {column: f"c{number}" for number, column in enumerate(wanted)}
    kept = " AND ".join(f"{name[column]} = ?" for column in where) or "true"
    cells = ", ".join(f"{name[column]} AS {quote(ours)}" for ours, column in columns.items())
    made = f"SELECT {name[id_column]} AS item_id, line, {cells} FROM arrived WHERE {kept}"
    load(store, source, wanted, "recorded_rows", made, list(where.values()))
    if listed:
        packed = ", ".join(f"{quote(ours)} := {quote(ours)}" for ours in columns)
        store.run(
            f"""
            CREATE OR REPLACE TEMP TABLE recorded_rows AS
            SELECT item_id, list(struct_pack({packed}) ORDER BY line) AS rows FROM recorded_rows GROUP BY item_id
            """
        )
    elif all_different(store, "recorded_rows"):
        return []
    rows = "sum(len(rows))" if listed else "count(*)"
    return store.rows(
        f"""
        SELECT item_id, {rows}::BIGINT AS times FROM recorded_rows WHERE item_id IS NOT NULL
        GROUP BY item_id HAVING times > 1 ORDER BY item_id LIMIT 10
        """
    )


def _read(row: tuple[Any, ...]) -> tuple[Item, Annotation | None]:
    _, item_id, content, _, label, confidence, rationale, votes = row[:8]
    annotation = None
    if label is not None:
        said = tuple(Vote(**vote) for vote in votes or ())
        annotation = Annotation(label, confidence, rationale, votes=said)
    return Item(item_id, json.loads(content)), annotation


def as_read(annotation: Annotation) -> Annotation:
    """A settled annotation as a judge reads it from the file: without what the judge is not told."""
    votes = sorted(annotation.votes, key=lambda vote: (vote.member, vote.sample))
    return Annotation(
        annotation.label,
        annotation.confidence,
        annotation.rationale,
        votes=tuple(replace(vote, call_key=None) for vote in votes),
    )
