"""
Label Studio: tasks with a labelling configuration out, its JSON export with annotations back.

The slip of an item travels in the task's `meta`, which Label Studio keeps from
annotators and gives back in its export.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from act_spec.exchange.document import Document
from act_spec.exchange.handed_out import (
    AMBIGUOUS,
    ANSWER,
    FLAG,
    NOTE,
    HandedItem,
    Work,
    control_of,
    field_name,
    fit,
    stored,
)
from act_spec.exchange.returned import Asked, Expected, Returned
from act_spec.exchange.tool_answers import Spoken, ToolItem, reconcile
from act_spec.records import AnswerForm
from act_spec.registry import register

CHANNEL = "labelstudio"
_META = "act_spec"


@register("exchange", "labelstudio.v1")
class LabelStudio:
    """Label Studio's JSON."""

    def write(self, work: Work) -> dict[str, bytes]:
        """The files by their endings: tasks to import, and the labelling configuration to paste."""
        tasks = [_task(work, item) for item in work.items]
        return {
            ".json": json.dumps(tasks, ensure_ascii=False, indent=1, allow_nan=False).encode(),
            ".xml": _configuration(work),
        }

    def recognises(self, document: Document) -> bool:
        """A list of tasks; the short export without the tasks' metadata is one too."""
        first = next((value for _, _, value in document.records()), None)
        if not isinstance(first, Mapping) or "fields" in first:
            return False
        return "annotations" in first or "annotation_id" in first or {"data", "meta"} <= set(first)

    def read(self, document: Document, asked: Asked, expected: Expected) -> Returned:
        """Its annotations; a skipped task is a skip, and of one person's annotations the last counts."""
        items = (
            ToolItem(place, line, _slip(value), list(_annotations(value)), _drafts(value))
            for place, line, value in document.records()
        )
        return reconcile(document, CHANNEL, items, _heard, asked, expected)


def _heard(form: AnswerForm, regions: Any) -> Any:
    return control_of(form).of_regions(form, regions or ())


def _task(work: Work, item: HandedItem) -> dict[str, Any]:
    texts = {field_name(number): stored(item.fields[name]) for number, name in enumerate(work.fields)}
    made: dict[str, Any] = {
        "data": {"item_id": stored(item.slip.item_id), **texts},
        "meta": {_META: item.slip.model_dump()},
    }
    answer = item.machine_answer()
    if answer is not None:
        form = item.task.answer_form()
        regions = control_of(form).regions(form, answer)
        named = [
            {"id": f"machine-{number}", "from_name": ANSWER, "to_name": field_name(work.target), **region}
            for number, region in enumerate(regions)
        ]
        prediction: dict[str, Any] = {"model_version": fit(work.model), "result": named}
        if item.confidence is not None:
            prediction["score"] = item.confidence
        made["predictions"] = [prediction]
    return made


def _configuration(work: Work) -> bytes:
    form, first = work.task.answer_form(), field_name(work.target)
    view = Element("View")
    for number, name in enumerate(work.fields):
        SubElement(view, "Header", value=fit(name), size="5")
        place = {"name": field_name(number), "value": f"${field_name(number)}"}
        if work.types.get(name) == "image":
            SubElement(view, "Image", place, zoom="true", zoomControl="true")
        else:
            SubElement(view, "Text", place, valueType="text")
    SubElement(view, "Header", value=fit(work.task.question), size="4")
    view.append(control_of(form).labelstudio(form, first))
    flag = SubElement(view, "Choices", name=FLAG, toName=first, choice="single", showInline="true")
    SubElement(flag, "Choice", value=AMBIGUOUS, hint="No careful reader could tell.")
    SubElement(
        view, "TextArea", name=NOTE, toName=first, maxSubmissions="1", editable="true", placeholder="Note"
    )
    ET.indent(view)
    written: bytes = ET.tostring(view, encoding="utf-8")
    return written + b"\n"


def _slip(value: Any) -> Any:
    meta = value.get("meta") if isinstance(value, Mapping) else None
    return meta.get(_META) if isinstance(meta, Mapping) else None


def _drafts(value: Any) -> int:
    drafts = value.get("drafts") if isinstance(value, Mapping) else None
    return len(drafts) if isinstance(drafts, list) else 0


def _annotations(value: Any) -> Iterator[Spoken]:
    found = value.get("annotations") if isinstance(value, Mapping) else None
    for one in found if isinstance(found, list) else ():
        # What is no annotation is one without an answer, and is named as such.
        yield _spoken(one if isinstance(one, Mapping) else {})


def _spoken(annotation: Mapping[str, Any]) -> Spoken:
    result = annotation.get("result")
    regions = [one for one in result if isinstance(one, Mapping)] if isinstance(result, list) else []
    named = {name: [one for one in regions if one.get("from_name") == name] for name in (ANSWER, FLAG, NOTE)}
    skipped = annotation.get("was_cancelled") is True
    flagged = any(AMBIGUOUS in _values(one, "choices") for one in named[FLAG])
    return Spoken(
        _person(annotation.get("completed_by")),
        named[ANSWER] or None,
        "skip" if skipped else "ambiguous" if flagged else None,
        "\n".join(text for one in named[NOTE] for text in _values(one, "text")),
        annotation.get("lead_time"),
        str(annotation.get("updated_at") or annotation.get("created_at") or ""),
    )


def _values(region: Mapping[str, Any], key: str) -> Sequence[str]:
    value = region.get("value")
    listed = value.get(key) if isinstance(value, Mapping) else None
    return [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, str)]


def _person(said: Any) -> tuple[str, ...]:
    """An account: its number, or the account itself, as the export's settings have it."""
    if isinstance(said, Mapping):
        name = f"{said.get('first_name') or ''} {said.get('last_name') or ''}".strip()
        told = (said.get("email"), said.get("username"), name, said.get("id"))
        return tuple(str(one) for one in told if one)
    return () if said is None else (str(said),)
