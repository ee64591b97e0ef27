"""Rules that a model drafted for the guideline, and what people decided about them; every decision is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from act_spec.errors import ReviewError
from act_spec.store.database import Store

ACCEPTED, DECLINED = "accepted", "declined"


@dataclass(frozen=True)
class DraftedRule:
    """A rule with its number in the run, the labels that it tells apart, and the last decision; None before any."""

    number: int
    text: str
    label: str
    other: str
    decision: str | None


def drafted_rules(store: Store) -> list[DraftedRule]:
    """Every rule that was drafted in this run, in order."""
    rows = store.rows("SELECT number, text, label, other, decision FROM guideline_rules")
    return [DraftedRule(*row) for row in rows]


def asked_disputes(store: Store, stage_key: str) -> set[tuple[str, str]]:
    """Pairs of labels that rules were asked for; a failure at the provider counts as not asked."""
    return set(
        store.rows(
            "SELECT label, other FROM history.disputes WHERE stage_key = ? AND status <> 'provider_error'",
            [stage_key],
        )
    )


def arguments(store: Store, unfinished: Collection[int]) -> list[tuple[str, str, str]]:
    """
    Annotator's label, judge's label and the judge's words, where the two differ; in walking order.

    Items of unfinished rounds, and whatever belongs to their groups, are left out.
    """
    return store.rows(
        """
        WITH open AS (
            SELECT item_id, group_id FROM history.draws JOIN items USING (item_id)
            WHERE selected AND list_contains(?::INTEGER[], round))
        SELECT a.label, j.suggested_label, j.rationale
        FROM annotations a JOIN judgments j USING (item_id) JOIN items i USING (item_id)
        ANTI JOIN open USING (item_id)
        WHERE j.suggested_label <> a.label AND j.rationale <> ''
            AND NOT coalesce(i.group_id IN (SELECT group_id FROM open WHERE group_id IS NOT NULL), false)
        ORDER BY item_id
        """,
        [sorted(unfinished)],
    )


def write_drafts(
    store: Store,
    stage_key: str,
    writer: str,
    drafted: Sequence[tuple[str, str, str, Sequence[str]]],
    now: datetime,
) -> None:
    """
    Record what came of disputes.

    Args:
        store: The run's database; the caller's transaction.
        stage_key: The writer's.
        writer: Its name.
        drafted: Label, other label, status and the rules.
        now: UTC.
    """
    for label, other, status, rules in drafted:
        store.run(
            "INSERT OR REPLACE INTO history.disputes VALUES (?, ?, ?, ?)", [stage_key, label, other, status]
        )
        for text in rules:
            draft_rule(store, stage_key, (label, other), text, writer, now)


def draft_rule(
    store: Store, stage_key: str, labels: tuple[str, str], text: str, writer: str, now: datetime
) -> int:
    """Record one rule under the next number of the run, which is returned; in the caller's transaction."""
    number = int(store.one("SELECT coalesce(max(number), 0) + 1 FROM history.rule_drafts")[0])
    store.run(
        "INSERT INTO history.rule_drafts VALUES (?, ?, ?, ?, ?, ?, ?)",
        [number, stage_key, *labels, text, writer, now],
    )
    return number


def accept_rule(store: Store, number: int, by: str, now: datetime) -> None:
    """Put a rule in force, in the caller's transaction."""
    store.run("INSERT INTO history.rule_decisions VALUES (?, ?, ?, ?)", [number, ACCEPTED, by, now])


def decide(store: Store, decisions: Sequence[tuple[int, str]], by: str, now: datetime) -> None:
    """
    Record a person's decisions on drafted rules, by their numbers; in the caller's transaction.

    Raises:
        ReviewError: If no rule has one of these numbers.
    """
    known = {rule.number for rule in drafted_rules(store)}
    for number, decision in decisions:
        if number not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            raise ReviewError(f"no rule has the number {number}. Drafted: {listed}.")
        store.run("INSERT INTO history.rule_decisions VALUES (?, ?, ?, ?)", [number, decision, by, now])
