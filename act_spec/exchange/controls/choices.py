"""Labels to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from act_spec.exchange.handed_out import ANSWER, UNANSWERED, fit
from act_spec.records import AnswerForm
from act_spec.registry import register

_NONE_APPLIES = "None applies"


@register("control", "choices.v1")
class Choices:
    """One of the choices or several; where nothing is an answer, that is a choice of its own."""

    def labelstudio(self, form: AnswerForm, field: str) -> Element:
        """A `Choices` tag."""
        how = "multiple" if form.several else "single"
        tag = Element("Choices", name=ANSWER, toName=field, choice=how, showInline="true")
        definitions = {choice.name: choice.definition for choice in form.choices}
        for shown, name in _choices(form).items():
            choice = SubElement(tag, "Choice", value=shown)
            if definitions.get(name):
                choice.set("hint", fit(definitions[name]))
        return tag

    def regions(self, form: AnswerForm, answer: Any) -> list[dict[str, Any]]:
        """One result with the names."""
        return [{"type": "choices", "value": {"choices": _chosen(form, answer)}}]

    def of_regions(self, form: AnswerForm, regions: Sequence[Mapping[str, Any]]) -> Any:
        """The names of all results."""
        if not regions:
            raise ValueError(UNANSWERED)
        return _answer(form, [name for region in regions for name in _listed(region)])

    def argilla(self, form: AnswerForm) -> dict[str, Any]:
        """A question for one label, or for several."""
        options = [{"value": shown, "text": shown} for shown in _choices(form)]
        if form.several:
            kind = "multi_label_selection"
            return {"type": kind, "options": options, "visible_options": None, "options_order": "natural"}
        return {"type": "label_selection", "options": options, "visible_options": None}

    def value(self, form: AnswerForm, answer: Any) -> Any:
        """A name, or the list of them."""
        chosen = _chosen(form, answer)
        return chosen if form.several else chosen[0]

    def of_value(self, form: AnswerForm, value: Any) -> Any:
        """The names."""
        if value is None:
            raise ValueError(UNANSWERED)
        return _answer(form, value if isinstance(value, list) else [value])


def _choices(form: AnswerForm) -> dict[str, str]:
    """What stands on a choice, to the name that it means; nothing at all is the empty name."""
    found: dict[str, str] = {}
    for name in [choice.name for choice in form.choices] + ([""] if form.may_be_empty else []):
        shown = fit(name) or _NONE_APPLIES
        while shown in found:
            shown = f"({shown})"
        found[shown] = name
    return found


def _chosen(form: AnswerForm, answer: Any) -> list[str]:
    shown = {name: shown for shown, name in _choices(form).items()}
    return [shown[name] for name in (answer if isinstance(answer, list) else [answer]) or [""]]


def _listed(region: Mapping[str, Any]) -> list[Any]:
    value = region.get("value")
    listed = value.get("choices") if isinstance(value, Mapping) else None
    return listed if isinstance(listed, list) else [listed]


def _answer(form: AnswerForm, chosen: Sequence[Any]) -> Any:
    known = _choices(form)
    for one in chosen:
        if not isinstance(one, str) or one not in known:
            raise ValueError(f"'{str(one)[:80]}' is not one of the labels: {', '.join(known)}.")
    names = [known[one] for one in chosen]
    if "" in names and len(names) > 1:
        raise ValueError(f"'{_NONE_APPLIES}' stands beside a label.")
    if form.several:
        return [name for name in names if name]
    if len(names) != 1:
        raise ValueError("the answer is exactly one label.")
    return names[0]
