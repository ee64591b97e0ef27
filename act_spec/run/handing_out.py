"""Work for people to take away, and its return: worklists and packets for one reviewer or all."""

from __future__ import annotations

from pathlib import Path

from act_spec.content.fields import page_fields, plain_fields
from act_spec.documents.review_page import PageFacts, review_page, shown_fields
from act_spec.errors import ReviewError
from act_spec.exchange.packet import (
    Expected,
    PacketHead,
    PacketItem,
    PacketRead,
    read_packet_answers,
    seals_of,
)
from act_spec.plan.model import Plan
from act_spec.store import allocations, plans
from act_spec.store.database import Store


def packet(plan: Plan, store: Store, facts: PageFacts, numbers: list[int], reviewer: str) -> str:
    """
    One HTML file with the items, the guideline and the page to answer on.

    The machine's label is not in it: whoever opens a file can read all of it.

    Args:
        plan: The current one.
        store: The run's database.
        facts: What the page shows around the items.
        numbers: Of the items on the worklist.
        reviewer: For whom it is; empty for whoever opens it.

    Raises:
        ReviewError: If there is no item.
    """
    if not numbers:
        whose = f" for {reviewer}" if reviewer else ""
        raise ReviewError(f"{plan.name}: no item is waiting{whose}, so there is nothing to hand out.")
    listed = packet_items(plan, store)
    items = [listed[number] for number in numbers]
    rows = allocations.worklist(store)
    shown = [page_fields(plan.put_to_people(rows[number]).item, plan.data.show) for number in numbers]
    head = PacketHead(
        run=plan.name,
        plan=plan.hash,
        recipe_sha256=plan.recipe_sha256,
        review_key=plan.review_key,
        guideline_version=str(plans.latest_guideline_version(store) or ""),
        reviewer=reviewer,
        seals=seals_of(items),
    )
    more = {
        "memory": f"act-spec packet {head.digest[:16]} ",
        "packet": {
            "items": [
                {"item_id": item.item_id, "fields": shown_fields(fields)}
                for item, fields in zip(items, shown, strict=True)
            ],
            "answers": head.empty_answers(),
            "file": _file_name(plan.name, reviewer),
        },
    }
    return review_page(PageFacts(**{**vars(facts), "reviewer": reviewer, "reveal": "never", "more": more}))


def packet_items(plan: Plan, store: Store) -> list[PacketItem]:
    """Every drawn item as packets seal it, in worklist order."""
    return [
        PacketItem(
            row["item_id"],
            row["round"],
            row["inclusion_probability"],
            plain_fields(plan.put_to_people(row).item, plan.data.show),
        )
        for row in allocations.worklist(store)
    ]


def read_packet(plan: Plan, store: Store, file: Path) -> PacketRead:
    """The answers in a packet's file, checked against the run."""
    seals = seals_of(packet_items(plan, store))
    expected = Expected(plan.name, plan.review_key, seals, plan.review.reviewers)
    rows = {row["item_id"]: row for row in allocations.worklist(store)}
    return read_packet_answers(file, lambda item_id: plan.put_to_people(rows[item_id]).task, expected)


def _file_name(run: str, reviewer: str) -> str:
    letters = [letter if letter.isalnum() and letter.isascii() else "-" for letter in reviewer]
    return "-".join(part for part in ("answers", run, "".join(letters).strip("-")) if part) + ".json"
