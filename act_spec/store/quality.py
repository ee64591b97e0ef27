"""What a report says about labels and rounds, counted in the store."""

from __future__ import annotations

from act_spec.store.database import Store


def label_counts(store: Store) -> list[tuple[str, int, int]]:
    """Machine label, items that carry it, and those of them that are reviewed; in the order of their names."""
    return store.rows(
        """
        SELECT machine_label, count(*), count(*) FILTER (WHERE selected AND human_label IS NOT NULL)
        FROM labels WHERE machine_label IS NOT NULL GROUP BY machine_label ORDER BY machine_label
        """
    )


def round_counts(store: Store) -> list[tuple[int, int, int, str, float]]:
    """Round, drawn items, answered ones, rule, and the round's part in the estimates; in order."""
    return store.rows(
        """
        SELECT s.round, r.drawn, r.answered, a.rule, s.share
        FROM history.round_shares s
        JOIN history.current_keys k ON s.stage_key = k.stage_key AND k.stage = 'allocate'
        JOIN history.responses r USING (round)
        JOIN (SELECT round, min(rule) AS rule FROM allocations GROUP BY round) a USING (round)
        ORDER BY s.round
        """
    )


def judged_by(store: Store) -> dict[str, int]:
    """How many items each judge gave an error probability."""
    return dict(
        store.rows(
            "SELECT judge, count(*) FROM judgments WHERE error_probability IS NOT NULL GROUP BY judge ORDER BY judge"
        )
    )
