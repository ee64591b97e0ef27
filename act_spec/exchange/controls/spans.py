"""Passages of a text, each with a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from act_spec.exchange.handed_out import ANSWER, fit
from act_spec.records import AnswerForm
from act_spec.registry import register


@register("control", "spans.v1")
class Spans:
    """
    Marks in the text; none at all is an answer once it is submitted.

    Label Studio counts UTF-16 units where we count characters, so the words
    travel with the places, and the task puts a passage where its words stand.
    Argilla gives places alone.
    """

    def labelstudio(self, form: AnswerForm, field: str) -> Element:
        """A `Labels` tag."""
        tag = Element("Labels", name=ANSWER, toName=field)
        for choice in form.choices:
            label = SubElement(tag, "Label", value=fit(choice.name))
            if choice.definition:
                label.set("hint", fit(choice.definition))
        return tag

    def regions(self, form: AnswerForm, answer: Any) -> list[dict[str, Any]]:  # noqa: ARG002 - as the protocol has it
        """One result a passage."""
        return [
            {
                "type": "labels",
                "value": {
                    "start": one["start"],
                    "end": one["end"],
                    "text": one["text"],
                    "labels": [fit(one["label"])],
                },
            }
            for one in answer
        ]

    def of_regions(self, form: AnswerForm, regions: Sequence[Mapping[str, Any]]) -> Any:
        """The passages of all results."""
        return [_passage(form, _value(region)) for region in regions]

    def argilla(self, form: AnswerForm) -> dict[str, Any]:
        """A question for spans."""
        return {
            "type": "span",
            "field": form.options["field"],
            "options": [{"value": fit(one.name), "text": fit(one.name)} for one in form.choices],
            "visible_options": None,
            "allow_overlapping": form.options["overlap"] != "refused",
        }

    def value(self, form: AnswerForm, answer: Any) -> Any:  # noqa: ARG002 - as the protocol has it
        """Places with labels."""
        return [{"start": one["start"], "end": one["end"], "label": fit(one["label"])} for one in answer]

    def of_value(self, form: AnswerForm, value: Any) -> Any:
        """The passages; no value is none of them."""
        if value is not None and not isinstance(value, list):
            raise ValueError("the answer is no list of passages.")
        return [_passage(form, one if isinstance(one, Mapping) else {}) for one in value or ()]


def _value(region: Mapping[str, Any]) -> Mapping[str, Any]:
    value = region.get("value")
    return value if isinstance(value, Mapping) else {}


def _passage(form: AnswerForm, said: Mapping[str, Any]) -> dict[str, Any]:
    names = {fit(one.name): one.name for one in form.choices}
    labels = said.get("labels") or [said.get("label")]
    start, end = said.get("start"), said.get("end")
    if not isinstance(labels, list) or len(labels) != 1 or labels[0] not in names:
        raise ValueError(f"a passage has exactly one of the labels: {', '.join(names)}.")
    if not isinstance(start, int) or not isinstance(end, int):
        raise ValueError("a passage has no place.")  # noqa: TRY004 - what callers catch
    # Without words, those are meant that stand there.
    words = said["text"] if isinstance(said.get("text"), str) else ""
    return {"start": start, "end": end, "label": names[labels[0]], "text": words}
