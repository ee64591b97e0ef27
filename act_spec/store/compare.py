"""What a run is compared by: its labels and suspicions as arrays, and how long its reviews took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_spec.store.database import Store


@dataclass(frozen=True, eq=False)
class ComparedItems:
    """
    A run's items, sorted by id; every array has shape (n,).

    Attributes:
        item_id: Unique.
        gold: None where the answer is not known.
        group: Of `data.group`; None where it is not set.
        machine_label: None where the machine failed.
        label: As delivered; None where there is none.
        error_probability: NaN where there is none.
        reviewed: Drawn and answered.
    """

    item_id: NDArray[np.object_]
    gold: NDArray[np.object_]
    group: NDArray[np.object_]
    machine_label: NDArray[np.object_]
    label: NDArray[np.object_]
    error_probability: NDArray[np.float64]
    reviewed: NDArray[np.bool_]

    def at(self, places: NDArray[np.intp]) -> ComparedItems:
        """Only the items at these places."""
        return ComparedItems(
            self.item_id[places],
            self.gold[places],
            self.group[places],
            self.machine_label[places],
            self.label[places],
            self.error_probability[places],
            self.reviewed[places],
        )


def compared_items(store: Store) -> ComparedItems:
    """Read the current plan's labels."""
    found = store.arrays(
        """
        SELECT item_id, gold, group_id, machine_label, label,
            coalesce(error_probability, 'nan'::DOUBLE) AS error_probability,
            selected AND human_label IS NOT NULL AS reviewed
        FROM labels JOIN items USING (item_id) ORDER BY item_id
        """
    )
    return ComparedItems(
        item_id=_texts(found["item_id"]),
        gold=_texts(found["gold"]),
        group=_texts(found["group_id"]),
        machine_label=_texts(found["machine_label"]),
        label=_texts(found["label"]),
        error_probability=np.ma.filled(found["error_probability"], np.nan),
        reviewed=np.ma.filled(found["reviewed"], fill_value=False).astype(np.bool_),
    )


def first_items(store: Store, most: int) -> list[tuple[str, str, str | None]]:
    """Id, content (JSON) and group of at most so many items, first by id: items of a group are neighbours."""
    return store.rows(
        """
        SELECT item_id, content, group_id FROM items
        WHERE item_id <= (SELECT max(item_id) FROM (SELECT item_id FROM items ORDER BY item_id LIMIT ?))
        ORDER BY item_id
        """,
        [most],
    )


def answerers(store: Store, view: str, role: str) -> list[str]:
    """Who gave the rows of `annotations` (role `annotator`) or `judgments` (role `judge`), by name."""
    return [row[0] for row in store.rows(f"SELECT DISTINCT {role} FROM {view} ORDER BY {role}")]


def review_seconds(store: Store) -> tuple[float, int]:
    """Seconds that reviewers took, where they were recorded, and how many answers lack them."""
    seconds, unknown = store.one(
        "SELECT coalesce(sum(seconds), 0), count(*) - count(seconds) FROM reviews WHERE channel <> 'simulated'"
    )
    return float(seconds), int(unknown)


def _texts(values: np.ma.MaskedArray | NDArray[np.object_]) -> NDArray[np.object_]:
    """Texts as objects, None where the store has NULL."""
    texts = np.array(np.ma.getdata(values), dtype=np.object_)
    texts[np.ma.getmaskarray(values)] = None
    return texts
