"""Annotations with their votes, and judgments: what models answered, settled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from act_spec.records import Annotation, Item, Judgment
from act_spec.store.database import Store
from act_spec.store.inserts import insert
from act_spec.store.pending import Scope

CHEAP_SIGNAL = "confidence"
"""Name of the judge of items that `judge.on` left to the annotator's own confidence."""

_KEY = {"stage_key": "VARCHAR", "item_id": "VARCHAR", "round": "INTEGER"}
_ANNOTATION = _KEY | {
    "annotator": "VARCHAR",
    "label": "VARCHAR",
    "confidence": "DOUBLE",
    "rationale": "VARCHAR",
    "status": "VARCHAR",
    "repairs": "VARCHAR",
}
_VOTE = _KEY | {
    "annotator": "VARCHAR",
    "member": "VARCHAR",
    "sample": "INTEGER",
    "label": "VARCHAR",
    "confidence": "DOUBLE",
    "call_key": "VARCHAR",
}
_JUDGMENT = _KEY | {
    "judge": "VARCHAR",
    "error_probability": "DOUBLE",
    "suggested_label": "VARCHAR",
    "rationale": "VARCHAR",
    "status": "VARCHAR",
    "units": "VARCHAR",
}


def write_annotations(
    store: Store, stage_key: str, round_: int, annotator: str, settled: Sequence[tuple[str, Annotation]]
) -> None:
    """Record settled annotations by item; one that failed gives way to its retry."""
    rows = [
        (
            stage_key,
            item_id,
            round_,
            annotator,
            one.label,
            one.confidence,
            one.rationale,
            one.status,
            json.dumps(dict(one.repairs)) if one.repairs else None,
        )
        for item_id, one in settled
    ]
    insert(store, "history.annotations", _ANNOTATION, rows, _retry(_ANNOTATION, "annotations"))
    votes = [
        (
            stage_key,
            item_id,
            round_,
            annotator,
            vote.member,
            vote.sample,
            vote.label,
            vote.confidence,
            vote.call_key,
        )
        for item_id, one in settled
        for vote in one.votes
    ]
    insert(store, "history.votes", _VOTE, votes, "ON CONFLICT DO NOTHING")


def write_judgments(
    store: Store, stage_key: str, round_: int, judge: str, settled: Sequence[tuple[str, Judgment]]
) -> None:
    """Record judgments by item; one that failed gives way to its retry."""
    rows = [
        (
            stage_key,
            item_id,
            round_,
            judge,
            one.error_probability,
            one.suggested_label,
            one.rationale,
            one.status,
            json.dumps(one.units) if one.units is not None else None,
        )
        for item_id, one in settled
    ]
    insert(store, "history.judgments", _JUDGMENT, rows, _retry(_JUDGMENT, "judgments"))


def table_of(stage: str) -> tuple[str, Mapping[str, str], str]:
    """Where `annotate` or `judge` writes: the table, its columns with their types, and the column of who answered."""
    if stage == "annotate":
        return "history.annotations", _ANNOTATION, "annotator"
    return "history.judgments", _JUDGMENT, "judge"


RAW_SCORE = "score"
"""Where `units` keeps the score of a judge whose error probabilities are ranks."""


def raw_scores(store: Store, stage_key: str) -> tuple[list[str], np.ndarray]:
    """Items and scores, shape (n,), of a judge whose scores only order: as the judge gave them."""
    rows = store.rows(
        """
        SELECT item_id, coalesce((units->>?)::DOUBLE, error_probability) FROM history.judgments
        WHERE stage_key = ? AND status = 'ok' AND judge <> ? ORDER BY item_id
        """,
        [RAW_SCORE, stage_key, CHEAP_SIGNAL],
    )
    return [row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.float64)


def write_ranks(store: Store, stage_key: str, items: Sequence[str], ranks: np.ndarray) -> None:
    """Put ranks in the place of the scores of these items, and keep the scores in `units`."""
    store.run(
        """
        UPDATE history.judgments SET error_probability = ranked.value,
            units = json_object(?, coalesce((units->>?)::DOUBLE, error_probability))
        FROM (SELECT unnest(?::VARCHAR[]) AS item_id, unnest(?::DOUBLE[]) AS value) ranked
        WHERE history.judgments.item_id = ranked.item_id AND stage_key = ?
        """,
        [RAW_SCORE, RAW_SCORE, list(items), ranks, stage_key],
    )


def score_by_confidence(store: Store, stage_key: str, round_: int, scope: Scope) -> int:
    """
    Give every labelled item in scope that is not judged the error probability 1 - confidence.

    Items without a confidence stay unjudged. Returns how many were scored.
    """
    items, values = scope.sql()
    before = store.one("SELECT count(*) FROM history.judgments WHERE stage_key = ?", [stage_key])[0]
    store.run(
        f"""
        INSERT INTO history.judgments (stage_key, item_id, round, judge, error_probability, status)
        SELECT ?, a.item_id, ?, ?, 1 - a.confidence, 'ok'
        FROM annotations a SEMI JOIN ({items}) i USING (item_id)
        ANTI JOIN (SELECT item_id FROM history.judgments WHERE stage_key = ?) done USING (item_id)
        WHERE a.status = 'ok' AND a.confidence IS NOT NULL
        """,
        [stage_key, round_, CHEAP_SIGNAL, *values, stage_key],
    )
    after = store.one("SELECT count(*) FROM history.judgments WHERE stage_key = ?", [stage_key])[0]
    return int(after - before)


def combine_judgments(store: Store, stage_key: str, round_: int, judge: str, parts: Mapping[str, str]) -> int:
    """
    Judge every item that all parts have judged by their mean error probability; returns how many are new.

    Each part's own stays in `units`, and the part that suspects most makes the
    suggestion. Where one part failed, the whole fails with its status.

    Args:
        store: The run's database.
        stage_key: Of the combination.
        round_: Of the rows.
        judge: Name of the combination.
        parts: Name to stage key.
    """
    number = "SELECT count(*) FROM history.judgments WHERE stage_key = ?"
    before = store.one(number, [stage_key])[0]
    store.run(
        f"""
        INSERT INTO history.judgments
        SELECT ?, item_id, ?, ?,
            CASE WHEN bool_and(status = 'ok') THEN avg(error_probability ORDER BY part) END,
            arg_max(suggested_label, error_probability ORDER BY part), NULL,
            coalesce(min(status) FILTER (WHERE status <> 'ok'), 'ok'),
            to_json(map(list(part ORDER BY part), list(error_probability ORDER BY part)))
        FROM history.judgments
        JOIN (SELECT unnest(?::VARCHAR[]) AS part, unnest(?::VARCHAR[]) AS stage_key) USING (stage_key)
        GROUP BY item_id HAVING count(*) = ?
        {_retry(_JUDGMENT, "judgments")}
        """,
        [stage_key, round_, judge, list(parts), list(parts.values()), len(parts)],
    )
    return int(store.one(number, [stage_key])[0] - before)


def labels_before(store: Store, items: Sequence[str]) -> list[tuple[Item, list[Annotation]]]:
    """These items with every annotation that any plan of the run has had of them."""
    rows = store.rows(
        """
        SELECT i.item_id, any_value(i.content),
            list(DISTINCT {'label': a.label, 'confidence': a.confidence, 'rationale': a.rationale})
                FILTER (WHERE a.label IS NOT NULL)
        FROM items i LEFT JOIN history.annotations a USING (item_id)
        WHERE i.item_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY i.item_id ORDER BY i.item_id
        """,
        [list(items)],
    )
    return [
        (Item(item_id, json.loads(content)), [Annotation(**one) for one in said or ()])
        for item_id, content, said in rows
    ]


def status_counts(store: Store, view: str) -> dict[str, int]:
    """How many rows of `annotations` or `judgments` have each status."""
    rows = store.rows(f"SELECT status, count(*) FROM {view} GROUP BY status ORDER BY status")
    return dict(rows)


def repair_counts(store: Store) -> dict[str, tuple[int, int]]:
    """What task kinds mended in the machine's answers: kind of repair to how many, and in how many answers."""
    rows = store.rows(
        """
        SELECT repair, sum((repairs->>('$."' || repair || '"'))::BIGINT)::BIGINT, count(*)
        FROM (SELECT repairs, unnest(json_keys(repairs)) AS repair FROM annotations WHERE repairs IS NOT NULL)
        GROUP BY repair ORDER BY repair
        """
    )
    return {repair: (times, answers) for repair, times, answers in rows}


def first_answers(store: Store, limit: int) -> list[dict[str, Any]]:
    """The walk's first items with their labels and suspicion, for the terminal."""
    rows = store.rows(
        """
        SELECT i.item_id, i.content, a.label, a.status, j.error_probability, i.gold
        FROM history.items i
        JOIN history.current_keys k ON i.stage_key = k.stage_key AND k.stage = 'data'
        JOIN annotations a USING (item_id) LEFT JOIN judgments j USING (item_id)
        WHERE i.position < ? ORDER BY i.position
        """,
        [limit],
    )
    names = ("item_id", "content", "label", "status", "error_probability", "gold")
    return [dict(zip(names, (row[0], json.loads(row[1]), *row[2:]), strict=True)) for row in rows]


def _retry(types: dict[str, str], table: str) -> str:
    """Replace what failed at the provider; leave every settled answer as it is."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in types if name not in _KEY)
    return f"ON CONFLICT (stage_key, item_id, round) DO UPDATE SET {changed} WHERE {table}.status = 'provider_error'"
