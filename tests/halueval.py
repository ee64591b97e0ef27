"""Labels of several models on the claims of HaluEval: the yardstick of the pilot's promises."""

from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

WORTHLESS, USEFUL = "claude-sonnet-4-20250514", "deepseek-v3"
"""As judges of gpt-4o; the first says "supported" nearly always."""


class HaluEval:
    """1,200 claims, in pairs of a right and a wrong one, sorted by id."""

    def __init__(self, folder: Path) -> None:
        """Read items and answers from the recorded data's folder."""
        items, answers = (str(folder / "halueval_claim_evidence" / name) for name in ("items", "machine"))
        with duckdb.connect() as connection:
            self.rows = connection.execute(
                "SELECT model, gold, label, confidence, pair_id FROM read_parquet($answers) AS answers "
                "JOIN read_parquet($items) AS items USING (item_id) ORDER BY item_id",
                {"answers": answers + ".parquet", "items": items + ".parquet"},
            ).fetchall()

    def right(self, model: str) -> NDArray[np.bool_]:
        """Where the model's label is the reference; an answer without label is wrong."""
        return np.array([gold == label for name, gold, label, *_ in self.rows if name == model])

    def pairs(self) -> NDArray[np.int64]:
        """Equal numbers where claims answer the same question."""
        return np.array([int(row[4]) for row in self.rows if row[0] == "gpt-4o"])

    def second_opinion(self, model: str, annotator: str) -> NDArray[np.float64]:
        """The model's confidence where its label is not the annotator's, else 1 - confidence."""
        own = [label for name, _, label, *_ in self.rows if name == annotator]
        other = [(label, confidence) for name, _, label, confidence, _ in self.rows if name == model]
        return np.array(
            [said if label != mine else 1 - said for (label, said), mine in zip(other, own, strict=True)]
        )
