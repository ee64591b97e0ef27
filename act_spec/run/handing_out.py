"""Work for people to take away, and its return: worklists and packets for one reviewer or all."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from act_spec.content.fields import PageField, is_media, page_fields, page_hashes, plain_fields, seen_names
from act_spec.documents.review_page import PageFacts, review_page, shown_fields
from act_spec.errors import ReviewError
from act_spec.exchange.handed_out import HandedItem, Work
from act_spec.exchange.packet import PacketHead
from act_spec.exchange.returned import Expected
from act_spec.exchange.seal import SealedItem, Slip, seals_of
from act_spec.plan.model import Plan
from act_spec.records import Task
from act_spec.store import allocations
from act_spec.store.database import Store
from act_spec.store.guidelines import latest_guideline_version
from act_spec.store.machine_words import MachineWords, machine_words
from act_spec.store.media import media_bytes

MAX_PACKET_MEDIA = 50 * 2**20
"""Bytes of images and sounds in one packet; the file is a third larger, and a browser still opens it at once."""


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
        ReviewError: If their images and sounds are more than a page can hold.
    """
    listed = sealed_items(plan, store)
    items = [listed[number] for number in numbers]
    rows = allocations.worklist(store)
    shown = [page_fields(plan.put_to_people(rows[number]).item, plan.data.show) for number in numbers]
    head = PacketHead(
        run=plan.name,
        plan=plan.hash,
        recipe_sha256=plan.recipe_sha256,
        review_key=plan.review_key,
        guideline_version=str(latest_guideline_version(store) or ""),
        reviewer=reviewer,
        seals=seals_of(items),
    )
    more = {
        "memory": f"act-spec packet {head.digest[:16]} ",
        "packet": {
            "items": [
                {"item_id": item.item_id, "fields": shown_fields(fields, plan.task)}
                for item, fields in zip(items, shown, strict=True)
            ],
            "media": _media(plan, store, shown),
            "answers": head.empty_answers(),
            "file": _file_name(plan.name, reviewer),
        },
    }
    return review_page(PageFacts(**{**vars(facts), "reviewer": reviewer, "reveal": "never", "more": more}))


def _media(plan: Plan, store: Store, shown: Sequence[Sequence[PageField]]) -> dict[str, str]:
    """
    Images and sounds of the items as data URLs, by hash.

    Raises:
        ReviewError: If they are more than a page can hold.
    """
    hashes = sorted(
        {one["sha256"] for fields in shown for field in fields for one in field.more.get("files", ())}
    )
    found: dict[str, str] = {}
    size = 0
    for sha256 in hashes:
        mime, data = media_bytes(store, sha256)
        size += len(data)
        if size > MAX_PACKET_MEDIA:
            raise ReviewError(
                f"{plan.name}: images and sounds of {len(shown):,} items are more than {MAX_PACKET_MEDIA // 2**20} MB, "
                "and a packet holds no more. Use act-spec review, or set a smaller max_px in data.show."
            )
        found[sha256] = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
    return found


def work_for_a_tool(
    plan: Plan, store: Store, numbers: Sequence[int], guideline: str, *, with_machine: bool
) -> Work:
    """
    Items for another tool, each with its slip.

    Args:
        plan: The current one.
        store: The run's database.
        numbers: Of the items on the worklist.
        guideline: As Markdown.
        with_machine: Whether the machine's labels go along.

    Raises:
        ReviewError: If other tools cannot be given what it shows.
    """
    pictures = _pictures(plan, store, numbers)
    listed, words = sealed_items(plan, store), machine_words(store)
    version = str(latest_guideline_version(store) or "")
    asked = asked_of(plan, allocations.worklist(store))

    def handed(item: SealedItem) -> HandedItem:
        slip = Slip(
            run=plan.name,
            plan=plan.hash,
            review_key=plan.review_key,
            guideline_version=version,
            item_id=item.item_id,
            round=item.round,
            inclusion_probability=item.inclusion_probability,
            seal=item.seal,
            handed_out=len(numbers),
        )
        said = words.get(item.item_id, MachineWords()) if with_machine else MachineWords()
        fields = {**item.fields, **pictures.get(item.item_id, {})}
        return HandedItem(slip, fields, asked(item.item_id), said.label, said.confidence)

    return Work(
        title=plan.guideline.title or plan.name,
        task=plan.task,
        fields=seen_fields(plan),
        items=[handed(listed[number]) for number in numbers],
        guideline=guideline,
        model=plan.annotate.strategy,
        types={name: "image" for one in pictures.values() for name in one},
    )


def _pictures(plan: Plan, store: Store, numbers: Sequence[int]) -> dict[str, dict[str, str]]:
    """
    The items' images as data URLs: item id to shown name to image.

    Raises:
        ReviewError: If an item shows a sound, a document, or several images at once.
    """
    if not any(is_media(field) for field in plan.data.show.values()):
        return {}
    rows = allocations.worklist(store)
    ids = [rows[number]["item_id"] for number in numbers]
    shown = [page_fields(plan.put_to_people(rows[number]).item, plan.data.show) for number in numbers]
    urls = _media(plan, store, shown)
    found: dict[str, dict[str, str]] = {}
    for item_id, fields in zip(ids, shown, strict=True):
        for field in fields:
            if field.type == "text":
                continue
            files = field.more.get("files", ())
            if field.type != "image" or len(files) != 1:
                raise ReviewError(
                    f"{plan.name}: other tools are given text and single images; '{field.name}' of '{item_id}' is "
                    "neither. Use act-spec review, or act-spec export --to packet."
                )
            found.setdefault(item_id, {})[field.name] = urls[files[0]["sha256"]]
    return found


def sealed_items(plan: Plan, store: Store) -> list[SealedItem]:
    """Every drawn item as people are shown it, in worklist order."""
    return [sealed_item(plan, row) for row in allocations.worklist(store)]


def sealed_item(plan: Plan, row: Mapping[str, Any]) -> SealedItem:
    """A row of the worklist as people are shown it."""
    item = plan.put_to_people(row).item
    return SealedItem(
        row["item_id"],
        row["round"],
        row["inclusion_probability"],
        plain_fields(item, plan.data.show),
        tuple(sorted(page_hashes(item, plan.data.show))),
    )


def seen_fields(plan: Plan) -> tuple[str, ...]:
    """Names of what people are shown, in order."""
    empty = {"item_id": "", "content": dict.fromkeys(plan.data.show), "machine_label": None}
    return tuple(seen_names(plan.put_to_people(empty).item, plan.data.show))


def asked_of(plan: Plan, rows: Iterable[Mapping[str, Any]]) -> Callable[[str], Task]:
    """What reads an item's answer, by the item's id."""
    of_item = {row["item_id"]: row for row in rows}
    return lambda item_id: plan.put_to_people(of_item[item_id]).task


def expected_of(plan: Plan, store: Store, known_as: Mapping[str, str]) -> Expected:
    """What the run expects of answers that come back, in any format."""
    items = sealed_items(plan, store)
    return Expected(
        run=plan.name,
        review_key=plan.review_key,
        seals=seals_of(items),
        reviewers=plan.review.reviewers,
        known_as=known_as,
        draws={item.item_id: (item.round, item.inclusion_probability) for item in items},
    )


def _file_name(run: str, reviewer: str) -> str:
    letters = [letter if letter.isalnum() and letter.isascii() else "-" for letter in reviewer]
    return "-".join(part for part in ("answers", run, "".join(letters).strip("-")) if part) + ".json"
