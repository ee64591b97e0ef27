"""What annotator and judge said of the drawn items, for reviewers who may see it."""

from __future__ import annotations

from dataclasses import dataclass

from act_spec.store.database import Store


@dataclass(frozen=True)
class MachineWords:
    """The machine's label and the judge's, canonical, with reasons and confidence; None where there is none."""

    label: str | None = None
    reason: str | None = None
    judge_label: str | None = None
    judge_reason: str | None = None
    confidence: float | None = None


def machine_words(store: Store) -> dict[str, MachineWords]:
    """Item id to what the machines said, for every item that was drawn."""
    rows = store.rows(
        """
        SELECT item_id, a.label, a.rationale, j.suggested_label, j.rationale, a.confidence
        FROM annotations a LEFT JOIN judgments j USING (item_id)
        SEMI JOIN (SELECT item_id FROM allocations WHERE selected) USING (item_id)
        ORDER BY a.round, j.round
        """
    )
    return {item_id: MachineWords(*words) for item_id, *words in rows}
