"""What a report draws, counted in the store: suspicion and its review, outcomes, reasons of the draw."""

from __future__ import annotations

from act_spec.store.database import Store


def suspicion_bins(store: Store, bins: int) -> list[tuple[int, int, int]]:
    """Bin, items and reviewed items by error probability, for the bins that hold any."""
    return store.rows(
        """
        SELECT least(floor(error_probability * ?), ? - 1)::INTEGER AS bin, count(*),
            count(*) FILTER (WHERE selected AND human_label IS NOT NULL)
        FROM labels WHERE error_probability IS NOT NULL GROUP BY bin ORDER BY bin
        """,
        [bins, bins],
    )


def reasons(store: Store) -> dict[str, int]:
    """How many items were drawn for which reason."""
    return dict(store.rows("SELECT reason, count(*) FROM allocations WHERE selected GROUP BY reason"))


def outcomes(store: Store) -> dict[str, int]:
    """How many items' latest answer has which outcome."""
    return dict(
        store.rows(
            """
            SELECT outcome, count(*) FROM (
                SELECT item_id, arg_max(outcome, (reviewed_at, revision)) AS outcome FROM reviews GROUP BY item_id)
            GROUP BY outcome
            """
        )
    )


def counts(store: Store) -> dict[str, int]:
    """How many items are in the run, drawn, answered, answered in an earlier draw, with gold; and reviewers."""
    row = store.one(
        """
        SELECT count(*), count(*) FILTER (WHERE selected),
            count(*) FILTER (WHERE selected AND human_label IS NOT NULL),
            count(*) FILTER (WHERE NOT selected AND human_label IS NOT NULL),
            (SELECT count(DISTINCT reviewer) FROM reviews), count(gold)
        FROM labels JOIN items USING (item_id)
        """
    )
    return dict(
        zip(("items", "selected", "reviewed", "earlier", "reviewers", "gold"), map(int, row), strict=True)
    )


def answers_by_reviewer(store: Store) -> dict[str, int]:
    """How many items each reviewer has answered."""
    return dict(
        store.rows(
            "SELECT reviewer, count(DISTINCT item_id) FROM reviews GROUP BY reviewer ORDER BY reviewer"
        )
    )
