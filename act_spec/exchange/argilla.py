"""
Argilla: records as JSON lines with the settings of a dataset out, records with responses back.

The slip of an item travels in the record's metadata, which the settings keep
from annotators.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from act_spec.errors import ReviewError
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
from act_spec.exchange.returned import Asked, Expected, Outcome, Returned
from act_spec.exchange.seal import Slip
from act_spec.exchange.tool_answers import Spoken, ToolItem, reconcile
from act_spec.records import AnswerForm
from act_spec.registry import register

CHANNEL = "argilla"
_PREFIX = "act_spec_"
_METADATA: Mapping[Any, str] = {int: "integer", float: "float", str: "terms"}
_ONE_UNIT = 0xFFFF
_SUBMITTED, _DISCARDED, _DRAFT = "submitted", "discarded", "draft"


@register("exchange", "argilla.v1")
class Argilla:
    """Argilla's records."""

    def write(self, work: Work) -> dict[str, bytes]:
        """
        The files by their endings: records to log, and `rg.Settings.from_json` to make the dataset with.

        Raises:
            ReviewError: If passages are marked in a text in which Argilla would misplace them.
        """
        _check_places(work)
        records = [
            json.dumps(_record(work, item), ensure_ascii=False, allow_nan=False) for item in work.items
        ]
        settings = json.dumps(_settings(work), ensure_ascii=False, indent=1)
        return {
            ".jsonl": "".join(f"{line}\n" for line in records).encode(),
            ".settings.json": settings.encode(),
        }

    def recognises(self, document: Document) -> bool:
        """Records: each has fields, and metadata or responses."""
        first = next((value for _, _, value in document.records()), None)
        return (
            isinstance(first, Mapping) and "fields" in first and bool({"responses", "metadata"} & set(first))
        )

    def read(self, document: Document, asked: Asked, expected: Expected) -> Returned:
        """Its responses; a discarded one is a skip, a draft does not count."""
        return reconcile(
            document,
            CHANNEL,
            (_item(place, line, value) for place, line, value in document.records()),
            _heard,
            asked,
            expected,
        )


def _heard(form: AnswerForm, value: Any) -> Any:
    return control_of(form).of_value(form, value)


def _record(work: Work, item: HandedItem) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": stored(item.slip.item_id),
        "fields": {field_name(number): stored(item.fields[name]) for number, name in enumerate(work.fields)},
        "metadata": {f"{_PREFIX}{name}": value for name, value in item.slip.model_dump().items()},
        "suggestions": {},
        "responses": {},
    }
    answer = item.machine_answer()
    if answer is not None:
        form = item.task.answer_form()
        value = control_of(form).value(form, answer)
        made["suggestions"] = {ANSWER: {"value": value, "score": item.confidence, "agent": fit(work.model)}}
    return made


def _settings(work: Work) -> dict[str, Any]:
    return {
        "guidelines": fit(work.guideline),
        "fields": [
            _part(field_name(number), fit(name), _field(work, name), required=number == 0)
            for number, name in enumerate(work.fields)
        ],
        "questions": [
            # None is required, so that an ambiguous item needs no label.
            _part(ANSWER, fit(work.task.question), _question(work)),
            _part(
                FLAG,
                "Ambiguous?",
                {
                    "type": "label_selection",
                    "options": [{"value": AMBIGUOUS, "text": "No careful reader could tell"}],
                    "visible_options": None,
                },
            ),
            _part(NOTE, "Note", {"type": "text", "use_markdown": False}),
        ],
        "metadata": [
            {
                "name": f"{_PREFIX}{name}",
                "title": f"{_PREFIX}{name}",
                "settings": {"type": _METADATA[kind.annotation]},
                "visible_for_annotators": False,
            }
            for name, kind in Slip.model_fields.items()
        ],
        "vectors": [],
        "allow_extra_metadata": False,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
    }


def _check_places(work: Work) -> None:
    """
    No text has characters of two UTF-16 units, where places in it are asked for.

    Argilla's page counts those units, tells no words beside the places, and
    so would move each passage behind such a character (its issue 5729).
    """
    if "field" not in _question(work):
        return
    name = work.fields[work.target]
    wide = [
        item.slip.item_id for item in work.items if any(ord(one) > _ONE_UNIT for one in item.fields[name])
    ]
    if wide:
        raise ReviewError(
            f"'{name}' of {len(wide):,} items, such as '{wide[0][:80]}', has emoji or rare characters, and Argilla "
            "would misplace passages in it. Use act-spec review, or act-spec export --to labelstudio or packet."
        )


def _field(work: Work, name: str) -> dict[str, Any]:
    return {"type": "image"} if work.types.get(name) == "image" else {"type": "text", "use_markdown": False}


def _question(work: Work) -> dict[str, Any]:
    form = work.task.answer_form()
    settings = control_of(form).argilla(form)
    return settings | ({"field": field_name(work.target)} if "field" in settings else {})


def _part(name: str, title: str, settings: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "required": required,
        "description": None,
        "settings": dict(settings),
    }


def _item(place: str, line: int, value: Any) -> ToolItem:
    record = value if isinstance(value, Mapping) else {}
    metadata = record.get("metadata")
    slip = {
        name: (metadata if isinstance(metadata, Mapping) else {}).get(f"{_PREFIX}{name}")
        for name in Slip.model_fields
    }
    spoken, drafts = [], 0
    for person, given in _by_person(record).items():
        status = given.pop("", None) or (_DRAFT if record.get("status") == "pending" else _SUBMITTED)
        if status == _DRAFT:
            drafts += 1
        else:
            spoken.append(_spoken(person, given, "skip" if status == _DISCARDED else None))
    return ToolItem(place, line, slip, spoken, drafts)


def _by_person(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Person to question to value; the status stands under the empty name, where it is known."""
    people: dict[str, dict[str, Any]] = {}
    for question, response in _responses(record.get("responses")):
        own = people.setdefault(str(response.get("user_id") or ""), {})
        own[question] = response.get("value")
        if response.get("status"):
            own[""] = str(response["status"]).rpartition(".")[2]
    return people


def _responses(said: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Responses as `Record.to_dict` writes them, by question, or as `Response.serialize` does, in a list."""
    if isinstance(said, Mapping):
        for question, listed in said.items():
            for one in listed if isinstance(listed, list) else ():
                if isinstance(one, Mapping):
                    yield str(question), one
    elif isinstance(said, list):
        for one in said:
            if isinstance(one, Mapping):
                yield str(one.get("question_name")), one


def _spoken(person: str, given: Mapping[str, Any], outcome: Outcome | None) -> Spoken:
    flagged: Outcome | None = "ambiguous" if given.get(FLAG) == AMBIGUOUS else None
    note = given.get(NOTE)
    return Spoken(
        (person,) if person else (),
        given.get(ANSWER),
        outcome or flagged,
        note if isinstance(note, str) else "",
    )
