"""Work for other tools, and what they would send back for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from act_spec import registry
from act_spec.exchange.handed_out import HandedItem, Work
from act_spec.exchange.returned import Expected
from act_spec.exchange.seal import SealedItem, Slip, seals_of
from act_spec.records import Task
from act_spec.tasks.classification import Classification
from act_spec.tasks.kind import TaskKind
from act_spec.tasks.multilabel import Multilabel


class Typed(Classification):
    """A kind without a widget of its own in other tools."""

    def answer_form(self):
        return replace(TaskKind.answer_form(self), widget="drawing")


ONE = Classification(question="Good?", labels={"good": "It is.", "bad": ""})
SEVERAL = Multilabel(question="About?", labels=["price", "screen"], none="allowed")
TYPED = Typed(question="Good?", labels=["good", "bad"])
SEALED = [
    SealedItem(f"i{number}", 1, 0.125 * (number + 1), {"title": f"t{number}", "text": f"text {number}"})
    for number in range(4)
]
EXPECTED = Expected(
    "topics",
    "k" * 64,
    seals_of(SEALED),
    ("ada", "sam"),
    draws={item.item_id: (item.round, item.inclusion_probability) for item in SEALED},
)


def work(task: Task = ONE, *, machine: str | None = "good", sealed: list[SealedItem] = SEALED) -> Work:
    """These items for a tool."""
    items = [
        HandedItem(
            Slip(
                run="topics",
                plan="p" * 64,
                review_key="k" * 64,
                guideline_version="3",
                item_id=item.item_id,
                round=item.round,
                inclusion_probability=item.inclusion_probability,
                seal=item.seal,
                handed_out=len(sealed),
            ),
            item.fields,
            task,
            machine,
            None if machine is None else 0.75,
        )
        for item in sealed
    ]
    return Work("Topics", task, ("title", "text"), items, "# Rules", "gpt-4o-mini, direct.v1")


def written(tool: str, given: Work) -> dict[str, bytes]:
    """The files that the tool is given, by their endings."""
    files: dict[str, bytes] = registry.find("exchange", tool).build().write(given)
    return files


def labelstudio_reply(
    given: Work, answers: Mapping[str, list[dict[str, Any]]], change: Callable[[Any], None] | None = None
) -> bytes:
    """Label Studio's JSON export of these tasks, with these annotations by item id."""
    tasks = json.loads(written("labelstudio", given)[".json"])
    for number, task in enumerate(tasks, start=1):
        name = task["data"]["item_id"]
        task |= {
            "id": number,
            "annotations": answers.get(name, []),
            "drafts": [],
            "inner_id": number,
            "project": 1,
        }
    if change is not None:
        change(tasks)
    return json.dumps(tasks).encode()


def annotation(*results: dict[str, Any], by: Any = None, **more: Any) -> dict[str, Any]:
    """One annotation as Label Studio exports it."""
    return {
        "id": 1,
        "completed_by": by if by is not None else {"id": 7, "email": "ada@example.org"},
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-11-20T10:00:00.000000Z",
        "updated_at": "2026-11-20T10:00:00.000000Z",
        "lead_time": 4.5,
        **more,
    }


def result(*chosen: str, name: str = "answer") -> dict[str, Any]:
    """One result of a `Choices` tag."""
    return {
        "id": "abc",
        "from_name": name,
        "to_name": "field_1",
        "type": "choices",
        "origin": "manual",
        "value": {"choices": list(chosen)},
    }


def note(text: str) -> dict[str, Any]:
    """The result of the note."""
    return {
        "id": "n",
        "from_name": "note",
        "to_name": "field_1",
        "type": "textarea",
        "origin": "manual",
        "value": {"text": [text]},
    }


def argilla_reply(given: Work, answers: Mapping[str, Any], **more: Any) -> bytes:
    """Argilla's records with these responses by item id, a line each."""
    lines = []
    for line in written("argilla", given)[".jsonl"].splitlines():
        record = json.loads(line)
        record |= {"responses": answers.get(record["id"], {}), "status": "completed", "vectors": {}, **more}
        lines.append(json.dumps(record))
    return "\n".join(lines).encode()


def save(folder: Path, content: bytes, name: str = "back.json") -> Path:
    """The content as a file."""
    (folder / name).write_bytes(content)
    return folder / name
