"""Metrics, and the arrays that they are computed from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from act_spec.records import Labelled, Metric, Task, Vote
from act_spec.store.database import Store


def write_metrics(store: Store, stage_key: str, metrics: Sequence[Metric]) -> None:
    """Replace the figures of this stage."""
    with store.transaction():
        store.run("DELETE FROM history.metrics WHERE stage_key = ?", [stage_key])
        for position, metric in enumerate(metrics):
            store.run(
                "INSERT INTO history.metrics VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    stage_key,
                    position,
                    metric.name,
                    metric.value,
                    metric.low,
                    metric.high,
                    metric.note or None,
                ],
            )


def read_metrics(store: Store) -> list[Metric]:
    """The current plan's figures, in order."""
    rows = store.rows("SELECT name, value, low, high, note FROM metrics")
    return [Metric(name, value, low, high, note or "") for name, value, low, high, note in rows]


def label_columns(store: Store, task: Task) -> dict[str, np.ndarray]:
    """
    The labels as arrays of shape (n,), sorted by item id; the task says which labels are the same.

    Returns:
        `error_probability`, `inclusion_probability`, `sampling_weight` (NaN
        where there is none); `round` (0 where none); booleans `failed` (no
        machine label), `judged`, `selected`, `reviewed` (drawn and answered),
        `corrected` (the human label is not the machine's), `has_gold`,
        `machine_right`, `final_right` (against gold).
    """
    return dict(
        store.once_at_rest("labels", f"label_columns {id(task)}", lambda: _label_columns(store, task))
    )


def _label_columns(store: Store, task: Task) -> dict[str, np.ndarray]:
    found = store.arrays(
        """
        SELECT coalesce(error_probability, 'nan'::DOUBLE) AS error_probability,
            coalesce(inclusion_probability, 'nan'::DOUBLE) AS inclusion_probability,
            coalesce(sampling_weight, 'nan'::DOUBLE) AS sampling_weight,
            coalesce(round, 0) AS round,
            machine_label IS NULL AS failed,
            error_probability IS NOT NULL AS judged,
            selected,
            selected AND human_label IS NOT NULL AS reviewed,
            human_label IS NOT NULL AND human_label IS DISTINCT FROM machine_label AS corrected,
            gold IS NOT NULL AS has_gold,
            gold IS NOT NULL AND coalesce(machine_label = gold, false) AS machine_right,
            gold IS NOT NULL AND coalesce(label = gold, false) AS final_right
        FROM labels JOIN items USING (item_id) ORDER BY item_id
        """
    )
    columns = {
        name: np.ma.filled(values) if np.ma.isMaskedArray(values) else values
        for name, values in found.items()
    }
    if not task.exact:
        columns |= _within_tolerance(store, task)
    for values in columns.values():
        values.flags.writeable = False
    return columns


def _within_tolerance(store: Store, task: Task) -> dict[str, np.ndarray]:
    """The columns that compare labels, where other labels than equal ones are the same."""
    rows = store.rows(
        """
        SELECT machine_label, human_label, label, gold
        FROM labels JOIN items USING (item_id) ORDER BY item_id
        """
    )

    def same(label: str | None, other: str | None) -> bool:
        return label is not None and other is not None and task.same(label, other)

    return {
        "corrected": np.array([human is not None and not same(human, own) for own, human, _, _ in rows]),
        "machine_right": np.array([same(own, gold) for own, _, _, gold in rows]),
        "final_right": np.array([same(final, gold) for _, _, final, gold in rows]),
    }


def labelled(store: Store, task: Task) -> Iterator[Labelled]:
    """
    Every item with its labels, votes and reviewers' answers, sorted by item id.

    Args:
        store: The run's database; the handle is busy until the last.
        task: Names the columns that it wants of the data, and says which labels are the same.
    """
    query = """
        SELECT l.item_id, l.machine_label, l.label, i.gold, r.recorded, v.votes, p.labels, l.human_label,
            l.item_id IN (SELECT item_id FROM history.ambiguous)
        FROM labels l JOIN items i USING (item_id)
        JOIN (SELECT item_id, recorded FROM history.items JOIN history.current_keys k USING (stage_key)
            WHERE k.stage = 'data') r USING (item_id)
        LEFT JOIN (SELECT item_id, list({'member': member, 'sample': sample, 'label': label,
                'confidence': confidence} ORDER BY member, sample) AS votes
            FROM votes GROUP BY item_id) v USING (item_id)
        LEFT JOIN (SELECT item_id, list(label ORDER BY reviewer) AS labels
            FROM (SELECT item_id, reviewer, arg_max_null(label, revision) AS label
                FROM reviews GROUP BY item_id, reviewer)
            WHERE label IS NOT NULL GROUP BY item_id) p USING (item_id)
        ORDER BY l.item_id
        """
    for batch in store.batches(query, []):
        for item_id, machine, final, gold, recorded, votes, people, human, ambiguous in batch:
            kept = json.loads(recorded or "{}")
            yield Labelled(
                item_id,
                machine,
                final,
                gold,
                tuple(Vote(**vote) for vote in votes or ()),
                {column: kept.get(column) for column in task.columns},
                tuple(people or ()),
                "ambiguous" if ambiguous else _outcome(task, human, machine),
            )


def _outcome(task: Task, human: str | None, machine: str | None) -> str | None:
    if human is None:
        return None
    return "keep" if machine is not None and task.same(human, machine) else "change"


def review_rounds(store: Store, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """
    Each round's probabilities, and the round that drew each item, sorted by item id.

    Returns:
        Probabilities of shape (rounds, n), NaN where an item could not be
        drawn any more; and of shape (n,) the index of the round that drew the
        item, -1 where none did.
    """
    count = int(store.one("SELECT count(*) FROM items")[0])
    probability, drawn_in = np.full((rounds, count), np.nan), np.full(count, -1, dtype=np.int64)
    found = store.arrays(
        """
        SELECT p.place - 1 AS place, a.round - 1 AS round, a.inclusion_probability, a.selected
        FROM allocations a
        JOIN (SELECT item_id, row_number() OVER (ORDER BY item_id) AS place FROM items) p USING (item_id)
        """
    )
    place, index, selected = found["place"], found["round"], found["selected"].astype(bool)
    probability[index, place] = found["inclusion_probability"]
    drawn_in[place[selected]] = index[selected]
    return probability, drawn_in


def group_codes(store: Store) -> np.ndarray:
    """Shape (n,), sorted by item id: equal numbers where items belong together; alone where no group is named."""
    found = store.arrays(
        """
        SELECT dense_rank() OVER (ORDER BY coalesce('g' || group_id, 'i' || item_id)) - 1 AS code
        FROM items ORDER BY item_id
        """
    )
    return np.asarray(found["code"], dtype=np.int64)


def machine_labels(store: Store) -> list[str | None]:
    """Every item's machine label, sorted by item id."""
    return [row[0] for row in store.rows("SELECT machine_label FROM labels ORDER BY item_id")]


def part_scores(store: Store) -> np.ndarray:
    """A combined judge's parts: shape (parts, n), sorted by part and item id, NaN where an item is not judged."""
    parts = [
        row[0]
        for row in store.rows(
            "SELECT DISTINCT unnest(json_keys(units)) AS part FROM judgments WHERE units IS NOT NULL ORDER BY part"
        )
    ]
    listed = ", ".join(
        f"coalesce((j.units->>?)::DOUBLE, 'nan'::DOUBLE) AS p{number}" for number in range(len(parts))
    )
    found = store.arrays(
        f"SELECT {listed} FROM items i LEFT JOIN judgments j USING (item_id) ORDER BY i.item_id",
        [f'$."{part}"' for part in parts],
    )
    return np.array([np.ma.filled(found[f"p{number}"]) for number in range(len(parts))], dtype=np.float64)
