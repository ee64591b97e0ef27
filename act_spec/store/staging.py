"""Items as they come from the recipe's data: staged, checked, and looked at before they come into a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from act_spec.errors import Problem, RecipeError
from act_spec.records import Item
from act_spec.store.database import Store
from act_spec.store.sources import Source, all_different, load

_SHOWN_FAULTS = 10


def _as_written(value: str, item: Item) -> str:  # noqa: ARG001 - the seam
    return value


@dataclass(frozen=True)
class ItemsQuery:
    """
    Which rows of the data are items, and what of them is kept.

    Attributes:
        source: The data.
        show: Shown name to column.
        id: Column of the ids; None for content hashes.
        where: Column to the value that it must have, as text.
        gold: Column of the known answers.
        gold_label: Canonical label of a gold value and its item.
        gold_of_item: Whether that label depends on what the item says.
        group: Column that names items which belong together.
        media: Shown names of files; a column of bytes is kept as their hashes.
        beside: Of some of these, what else of the row their files are told with: name to column.
        recorded: Columns with answers made elsewhere; kept beside the item,
            never shown to a model.
    """

    source: Source
    show: Mapping[str, str]
    id: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    gold: str | None = None
    gold_label: Callable[[str, Item], str] = _as_written
    group: str | None = None
    recorded: tuple[str, ...] = ()
    media: frozenset[str] = frozenset()
    beside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    gold_of_item: bool = False


def stage_items(store: Store, query: ItemsQuery) -> int:
    """
    Read the data into the temporary table `staged`, one row an item; returns how many.

    Raises:
        RecipeError: If ids are missing or repeated, a gold value is not a
            label, or nothing is left to label. Names up to ten lines of each.
    """
    named = [name for name in (query.id, query.gold, query.group) if name]
    beside = [column for told in query.beside.values() for column in told.values()]
    wanted = [*query.show.values(), *beside, *query.where, *named, *query.recorded]
    columns = list(dict.fromkeys(wanted))
    name = {column: f"c{number}" for number, column in enumerate(columns)}
    shown = ", ".join(f"?, {_cell(query, field, name)}" for field in query.show)
    recorded = ", ".join(f"?, {name[column]}" for column in query.recorded)
    kept = " AND ".join(f"{name[column]} = ?" for column in query.where) or "true"
    load(
        store,
        query.source,
        columns,
        "staged",
        f"""
        SELECT {name[query.id] if query.id else "sha256(content)[:16]"} AS item_id,
            content,
            {f"nullif({name[query.gold]}, '')" if query.gold else "NULL::VARCHAR"} AS gold,
            {name[query.group] if query.group else "NULL::VARCHAR"} AS group_id,
            {f"json_object({recorded})" if recorded else "NULL::JSON"} AS recorded,
            line
        FROM (SELECT *, json_object({shown}) AS content FROM arrived WHERE {kept})
        """,
        [*query.recorded, *query.show, *query.where.values()],
        media={query.show[field] for field in query.media},
    )
    if query.id is None:
        _number_equal_ones(store)
    problems = [*_id_faults(store, query), *_settle_gold(store, query)]
    count = int(store.one("SELECT count(*) FROM staged")[0])
    if not count:
        what = "no row is left by data.where." if query.where else "there are no rows."
        problems.append(Problem(str(query.source.paths[0]), 0, 0, "data", what))
    if problems:
        raise RecipeError(problems)
    return count


def _cell(query: ItemsQuery, field: str, name: Mapping[str, str]) -> str:
    """A shown value; a file that is told with something else becomes an object until it is prepared."""
    cell = name[query.show[field]]
    told = query.beside.get(field, {})
    if not told:
        return cell
    others = "".join(f", '{key}', {name[column]}" for key, column in told.items())
    return f"json_object('file', {cell}{others})"


def staged_sample(store: Store, order: np.ndarray, count: int) -> list[Item]:
    """The first items of the walk, from the staged data: for forecasts of prompts and tokens."""
    places = (order[:count] + 1).tolist()
    rows = store.rows(
        """
        SELECT item_id, content
        FROM staged JOIN (SELECT item_id, row_number() OVER (ORDER BY item_id) AS place FROM staged) USING (item_id)
        WHERE place IN (SELECT unnest(?::BIGINT[])) ORDER BY list_position(?::BIGINT[], place)
        """,
        [places, places],
    )
    return [Item(item_id, json.loads(content)) for item_id, content in rows]


def staged_cells(store: Store, field: str, kept: Sequence[int] | None) -> Iterator[Any]:
    """
    A shown field of the staged items, by id, as the data have it.

    Args:
        store: Busy until the last.
        field: Shown name.
        kept: Places of the items wanted, of those sorted by id; None for all.
    """
    within = "true" if kept is None else "place IN (SELECT unnest(?::BIGINT[]))"
    sql = f"""
        SELECT content FROM (SELECT content, row_number() OVER (ORDER BY item_id) AS place FROM staged)
        WHERE {within} ORDER BY place
    """
    for batch in store.batches(sql, [] if kept is None else [[int(place) + 1 for place in kept]]):
        for (content,) in batch:
            yield json.loads(content).get(field)


def staged_pieces(store: Store, field: str, most: int) -> float:
    """Into how many pieces of at most `most` characters a field of the staged items falls, on average."""
    place = "/" + field.replace("~", "~0").replace("/", "~1")
    said = "length(coalesce(json_extract_string(content, ?), ''))"
    return float(
        store.one(
            f"SELECT avg(CASE WHEN {said} > ? THEN ceil({said} / ?) ELSE 1 END) FROM staged",
            [place, most, place, 0.95 * most],
        )[0]
    )


def longest_staged(store: Store) -> int:
    """Characters of the longest staged item, all of its fields together."""
    return int(store.one("SELECT max(length(content::VARCHAR)) FROM staged")[0])


def staged_item(store: Store, item_id: str) -> list[Item]:
    """The staged item of that id, alone in a list; empty if there is none."""
    rows = store.rows("SELECT item_id, content FROM staged WHERE item_id = ?", [item_id])
    return [Item(found, json.loads(content)) for found, content in rows]


def _number_equal_ones(store: Store) -> None:
    """Equal contents have one hash; they are told apart by a number, in the order of the data."""
    store.run(
        """
        UPDATE staged SET item_id = again.item_id || '-' || again.number FROM (
            SELECT rowid AS row, item_id, row_number() OVER (PARTITION BY item_id ORDER BY rowid) AS number
            FROM staged SEMI JOIN (SELECT item_id FROM staged GROUP BY item_id HAVING count(*) > 1) USING (item_id)) again
        WHERE staged.rowid = again.row AND again.number > 1
        """
    )


def _id_faults(store: Store, query: ItemsQuery) -> list[Problem]:
    file = str(query.source.paths[0])
    several = len(query.source.paths) > 1
    missing = store.rows(
        f"SELECT line FROM staged WHERE trim(coalesce(item_id, '')) = '' ORDER BY line LIMIT {_SHOWN_FAULTS}"
    )
    repeated = (
        []
        if all_different(store, "staged")
        else store.rows(
            f"""
        SELECT item_id, min(line, 2) FROM staged WHERE item_id <> ''
        GROUP BY item_id HAVING count(*) > 1 ORDER BY min(line) LIMIT {_SHOWN_FAULTS}
        """
        )
    )
    return [
        *(
            Problem(file, 0 if several else row[0], 1, "data.id", f"row {row[0]} has no id.")
            for row in missing
        ),
        *(
            Problem(
                file,
                0 if several else lines[1],
                1,
                "data.id",
                f"the id '{item_id[:60]}' stands in rows {lines[0]} and {lines[1]}.",
                "Ids must be unique; leave data.id out to use content hashes.",
            )
            for item_id, lines in repeated
        ),
    ]


def _settle_gold(store: Store, query: ItemsQuery) -> list[Problem]:
    """Bring gold values into canonical form; those that are no label are faults."""
    if query.gold is None:
        return []
    content = "content" if query.gold_of_item else "'{}'"
    values = store.rows(
        f"""
        SELECT gold, min(line), {content}::VARCHAR AS said, any_value(item_id) FROM staged
        WHERE gold IS NOT NULL GROUP BY gold, said ORDER BY min(line)
        """
    )
    canonical: list[tuple[str, str, str]] = []
    problems: list[Problem] = []
    for value, line, said, item_id in values:
        try:
            canonical.append((value, said, query.gold_label(value, Item(item_id or "", json.loads(said)))))
        except ValueError as error:
            file = str(query.source.paths[0])
            problems.append(
                Problem(
                    file,
                    line if len(query.source.paths) == 1 else 0,
                    1,
                    "data.gold",
                    f"gold: {error}",
                    "Map it with `gold: {column: …, map: {value: label}}`.",
                )
            )
    changed = [one for one in canonical if one[0] != one[2]]
    if changed and not problems:
        store.run(
            f"""
            UPDATE staged SET gold = known.label
            FROM (SELECT unnest(?::VARCHAR[]) AS value, unnest(?::VARCHAR[]) AS said,
                unnest(?::VARCHAR[]) AS label) known
            WHERE staged.gold = known.value AND {content}::VARCHAR = known.said
            """,
            [list(column) for column in zip(*changed, strict=True)],
        )
    return problems[:_SHOWN_FAULTS]
