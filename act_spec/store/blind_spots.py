"""Blind spots, what a teacher made of them, and what people decided about its examples; every decision is kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from act_spec.errors import ReviewError
from act_spec.store.database import Store
from act_spec.store.drafts import ACCEPTED, DECLINED


@dataclass(frozen=True)
class ReviewedRow:
    """An item with people's label: how sure the machine was of its own, as it said or else as the judge did."""

    item_id: str
    content: Mapping[str, Any]
    machine_label: str
    human_label: str
    confidence: float | None


@dataclass(frozen=True)
class SpotRow:
    """
    A blind spot of the current plan.

    Attributes:
        number: In the run, from 1.
        machine_label: What the machine says.
        human_label: What is right.
        items: Ids of its errors, the surest first.
        pattern: In words; empty until somebody has stated it.
        teacher: Who stated it.
    """

    number: int
    machine_label: str
    human_label: str
    items: tuple[str, ...]
    pattern: str
    teacher: str


@dataclass(frozen=True)
class SyntheticRow:
    """An example that a teacher wrote, with its blind spot and the last decision; None before any."""

    number: int
    spot: int
    hypothesis: str
    content: Mapping[str, str]
    label: str
    made_by: str
    decision: str | None


@dataclass(frozen=True)
class NewExample:
    """An example before it has a number."""

    hypothesis: int
    content: Mapping[str, str]
    label: str


def reviewed_rows(store: Store, unfinished: Collection[int]) -> list[ReviewedRow]:
    """
    Items that people have labelled, sorted by id.

    Those of unfinished rounds, and whatever belongs to their groups, are left
    out: what is taught could reach the people who are still to answer.
    """
    rows = store.rows(
        """
        WITH open AS (
            SELECT item_id, group_id FROM history.draws JOIN items USING (item_id)
            WHERE selected AND list_contains(?::INTEGER[], round))
        SELECT l.item_id, i.content, l.machine_label, l.human_label,
            coalesce(a.confidence, 1 - l.error_probability)
        FROM labels l JOIN items i USING (item_id) JOIN annotations a USING (item_id)
        ANTI JOIN open USING (item_id)
        WHERE l.machine_label IS NOT NULL AND l.human_label IS NOT NULL
            AND NOT coalesce(i.group_id IN (SELECT group_id FROM open WHERE group_id IS NOT NULL), false)
        ORDER BY l.item_id
        """,
        [sorted(unfinished)],
    )
    return [ReviewedRow(item, json.loads(content), *rest) for item, content, *rest in rows]


def compared_contents(store: Store, most: int) -> list[Mapping[str, Any]]:
    """Shown fields of what a teacher has seen, and of at most so many other items, the same ones every time."""
    rows = store.rows(
        """
        SELECT content FROM items SEMI JOIN (SELECT DISTINCT unnest(shown) AS item_id FROM blind_spots) USING (item_id)
        UNION ALL
        (SELECT content FROM items ANTI JOIN (SELECT DISTINCT unnest(shown) AS item_id FROM blind_spots) USING (item_id)
        ORDER BY md5(item_id) LIMIT ?)
        """,
        [most],
    )
    return [json.loads(content) for (content,) in rows]


def same_texts(store: Store, field: str, texts: Sequence[str]) -> set[str]:
    """Those of the texts that some item has in a field."""
    rows = store.rows(
        "SELECT DISTINCT content->>? FROM items WHERE list_contains(?::VARCHAR[], content->>?)",
        [path := f'$."{field}"', list(texts), path],
    )
    return {text for (text,) in rows}


def contents_of(store: Store, item_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Item to its shown fields, of these alone."""
    rows = store.rows(
        "SELECT item_id, content FROM items WHERE list_contains(?::VARCHAR[], item_id)", [list(item_ids)]
    )
    return {item: json.loads(content) for item, content in rows}


def blind_spots(store: Store) -> list[SpotRow]:
    """Those of the current plan, in order."""
    rows = store.rows(
        "SELECT number, machine_label, human_label, items, pattern, teacher FROM blind_spots ORDER BY number"
    )
    return [
        SpotRow(number, given, right, tuple(items), pattern or "", teacher or "")
        for number, given, right, items, pattern, teacher in rows
    ]


def shown_items(store: Store) -> set[str]:
    """Items that a teacher of the current plan has seen: no test of its examples is made on them."""
    return {item for (item,) in store.rows("SELECT DISTINCT unnest(shown) FROM blind_spots")}


def write_spot(store: Store, stage_key: str, spot: SpotRow, shown: Sequence[str], now: datetime) -> int:
    """Record a blind spot, in the caller's transaction; its number in the run is made here and returned."""
    number = int(store.one("SELECT coalesce(max(number), 0) + 1 FROM history.blind_spots")[0])
    store.run(
        "INSERT INTO history.blind_spots VALUES (?, ?, ?, ?, ?, ?, ?)",
        [stage_key, number, spot.machine_label, spot.human_label, list(spot.items), list(shown), now],
    )
    return number


def write_lesson(
    store: Store,
    spot: int,
    pattern: str,
    hypotheses: Sequence[tuple[str, str]],
    examples: Sequence[NewExample],
    teacher: str,
    now: datetime,
) -> None:
    """
    Record what a teacher made of a blind spot, in the caller's transaction.

    Args:
        store: The run's database.
        spot: Number of the blind spot.
        pattern: In words.
        hypotheses: Pattern and label, the blind spot's own first.
        examples: Of them; `hypothesis` counts from 0.
        teacher: Who made it.
        now: UTC.
    """
    first = int(
        store.one("SELECT coalesce(max(number), 0) + 1 FROM history.hypotheses WHERE spot = ?", [spot])[0]
    )
    store.run("INSERT INTO history.patterns VALUES (?, ?, ?, ?)", [spot, pattern, teacher, now])
    for number, (text, label) in enumerate(hypotheses, first):
        store.run("INSERT INTO history.hypotheses VALUES (?, ?, ?, ?)", [spot, number, text, label])
    for one in examples:
        store.run(
            """
            INSERT INTO history.synthetic
            SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? FROM history.synthetic
            """,
            [
                spot,
                first + one.hypothesis,
                json.dumps(one.content, ensure_ascii=False),
                one.label,
                teacher,
                now,
            ],
        )


def synthetic_rows(store: Store) -> list[SyntheticRow]:
    """Every example of the current plan's blind spots, in order."""
    rows = store.rows(
        "SELECT number, spot, hypothesis, content, label, made_by, decision FROM synthetic ORDER BY number"
    )
    return [
        SyntheticRow(number, spot, hypothesis, json.loads(content), label, made_by, decision)
        for number, spot, hypothesis, content, label, made_by, decision in rows
    ]


def decide_examples(
    store: Store, accept: Sequence[int], decline: Sequence[int], by: str, now: datetime
) -> None:
    """
    Record a person's decisions on examples, by their numbers; in the caller's transaction.

    Raises:
        ReviewError: If no example has one of the numbers, or one is both accepted and declined.
    """
    known = {row.number for row in synthetic_rows(store)}
    both = sorted(set(accept) & set(decline))
    if both:
        raise ReviewError(f"example {both[0]} cannot be accepted and declined at once.")
    for number in (*accept, *decline):
        if number not in known:
            raise ReviewError(f"no example has the number {number}. Written: {len(known):,}.")
        decision = ACCEPTED if number in accept else DECLINED
        store.run("INSERT INTO history.synthetic_decisions VALUES (?, ?, ?, ?)", [number, decision, by, now])


@dataclass(frozen=True)
class Unknowns:
    """
    Errors that trained models made and were sure of, means over the seeds of both.

    Attributes:
        threshold: From how sure on they are counted.
        before: By models that have not seen the examples.
        after: By models that have; None where there were none to see.
        tested: Items that a model was tested on.
    """

    threshold: float
    before: float
    after: float | None
    tested: float


def read_unknowns(store: Store) -> list[Unknowns]:
    """Of the current training, by rising threshold."""
    rows = store.rows(
        """
        SELECT threshold, avg(unknown) FILTER (arm <> 'taught'), avg(unknown) FILTER (arm = 'taught'), avg(tested)
        FROM unknown_unknowns GROUP BY threshold ORDER BY threshold
        """
    )
    return [Unknowns(*row) for row in rows]


def write_unknowns(
    store: Store, training_key: str, arm: str, seed: int, counts: Mapping[float, int], tested: int
) -> None:
    """Keep how many errors a trained model made with a confidence of at least each threshold."""
    for threshold, count in counts.items():
        store.run(
            "INSERT OR REPLACE INTO history.unknown_unknowns VALUES (?, ?, ?, ?, ?, ?)",
            [training_key, arm, seed, threshold, count, tested],
        )
