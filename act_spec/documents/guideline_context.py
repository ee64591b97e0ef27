"""From a guideline's facts to the values that its templates name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from act_spec.documents.guideline_facts import BoundaryCase, Change, ConfusablePair, GuidelineFacts
from act_spec.documents.printable import shortened, visible
from act_spec.documents.withheld import Withheld
from act_spec.records import LabelDefinition, Task

MAX_EXAMPLE_CHARS = 240
MAX_EXAMPLES = 3
MAX_NOTE_CHARS = 160
MAX_PAIRS = 5
MAX_CASES = 6
MAX_CASE_CHARS = 360
MAX_CHANGES = 12
MAX_PURPOSE_WORDS = 55
_CARD_CHARS = 170
_NOT_SHOWN = frozenset({"why", "label"})


def context(facts: GuidelineFacts) -> dict[str, Any]:
    """The values of `guideline.v2`; texts as they are, not yet escaped."""
    withheld, task = Withheld(facts.awaiting), facts.task
    purpose, more = _purpose(facts.purpose)
    return {
        **_head(facts),
        "purpose": purpose,
        "purpose_more": more,
        "costly_missed": [one.name for one in task.definitions if one.costly == "missed"],
        "costly_given": [one.name for one in task.definitions if one.costly == "given"],
        "labels": [_label(definition, withheld) for definition in task.definitions],
        "rules": _rules(facts, withheld),
        "cases": _cases(facts, withheld),
        "reveal": facts.reveal,
        "overlap": facts.overlap,
        "settling": facts.settling,
        "agreement": _agreement(facts),
        "changes": [_change(change, withheld) for change in facts.changes[:MAX_CHANGES]],
    }


def card_context(facts: GuidelineFacts) -> dict[str, Any]:
    """The values of the card."""
    return {
        **_head(facts),
        "labels": [
            {
                "name": one.name,
                "definition": shortened(one.definition, _CARD_CHARS),
                "not_when": shortened(one.not_when, _CARD_CHARS),
                "costly": one.costly,
            }
            for one in facts.task.definitions
        ],
        "rules": _rules(facts, Withheld(facts.awaiting)),
    }


def shown_examples(facts: GuidelineFacts) -> int:
    """How many of the recipe's examples may be shown now; it falls while one of them awaits review."""
    withheld = Withheld(facts.awaiting)
    return sum(
        not _awaits(example, withheld)
        for one in facts.task.definitions
        for example in (*one.examples, *one.near_misses)
    )


def _head(facts: GuidelineFacts) -> dict[str, Any]:
    task = facts.task
    form = task.answer_form()
    return {
        "title": facts.title,
        "simulated": facts.simulated,
        "version": facts.version,
        "made_on": facts.made_on,
        "recipe": facts.recipe,
        "recipe_hash": facts.recipe_hash[:8],
        "recipe_sha256": facts.recipe_hash,
        "contact": facts.contact,
        "reviews": facts.reviews,
        "minutes": facts.hours and facts.hours * 60,
        "fields": facts.fields,
        "kind": task.kind,
        "question": task.question,
        "if_unsure": task.if_unsure,
        "answer_instruction": task.answer_form().instruction or task.answer_instruction(),
        "form": _form(task),
        "guidance": task.guidance(),
        "may_be_empty": form.may_be_empty,
        "none_label": _none_label(task),
        "pairs": _pairs(facts),
        "any_not_when": any(visible(one.not_when) for one in task.definitions),
        "own": facts.own,
    }


def _form(task: Task) -> str:
    """One of the labels, several of them, an answer composed of them, or another."""
    form = task.answer_form()
    if form.widget == "choices":
        return "several" if form.several else "one"
    return "composed" if task.definitions else "other"


def _none_label(task: Task) -> str:
    none = getattr(task, "none", None)
    return none if none in {definition.name for definition in task.definitions} else ""


def _purpose(text: str) -> tuple[str, list[str]]:
    """What fits at the top, and the whole for the end where it does not."""
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    words = " ".join(paragraphs).split()
    if len(words) <= MAX_PURPOSE_WORDS:
        return " ".join(words), []
    return " ".join(words[:MAX_PURPOSE_WORDS]) + " …", paragraphs


def _label(definition: LabelDefinition, withheld: Withheld) -> dict[str, Any]:
    examples, near_misses = (
        [_example(one) for one in kind if not _awaits(one, withheld)]
        for kind in (definition.examples, definition.near_misses)
    )
    return {
        "name": definition.name,
        "definition": definition.definition,
        "not_when": definition.not_when,
        "costly": definition.costly,
        "examples": examples[:MAX_EXAMPLES],
        "near_misses": near_misses[:MAX_EXAMPLES],
        "more": max(0, len(examples) - MAX_EXAMPLES) + max(0, len(near_misses) - MAX_EXAMPLES),
    }


def _example(example: Mapping[str, Any]) -> dict[str, str]:
    shown = {name: str(value) for name, value in example.items() if name not in _NOT_SHOWN}
    parts = [text if name == "text" else f"{name}: {text}" for name, text in shown.items()]
    return {
        "text": shortened("; ".join(parts), MAX_EXAMPLE_CHARS),
        "why": shortened(str(example.get("why") or ""), MAX_NOTE_CHARS),
        "label": str(example.get("label") or ""),
    }


def _awaits(example: Mapping[str, Any], withheld: Withheld) -> bool:
    return withheld.holds([str(value) for name, value in example.items() if name not in _NOT_SHOWN])


def _rules(facts: GuidelineFacts, withheld: Withheld) -> list[dict[str, Any]]:
    return [
        {
            "number": rule.number,
            "text": rule.text,
            "label": rule.label,
            "other": rule.other,
            "blind_spot": rule.blind_spot,
        }
        for rule in facts.rules
        if not withheld.is_quoted_in(rule.text)
    ]


def _cases(facts: GuidelineFacts, withheld: Withheld) -> list[dict[str, str]]:
    settled = [case for case in facts.boundary_cases if not _case_awaits(case, withheld)]
    return [
        {
            "text": _case_text(case),
            "label": case.label,
            "other": "" if case.other == case.label else case.other,
            "note": ""
            if withheld.is_quoted_in(case.note)
            else _sentence(shortened(case.note, MAX_NOTE_CHARS)),
        }
        for case in settled[:MAX_CASES]
    ]


def _case_text(case: BoundaryCase) -> str:
    """The item on one line; of several fields the short ones whole, since they are what a long one is read for."""
    if len(case.fields) < 2:
        return shortened(case.text, MAX_EXAMPLE_CHARS)
    left, rooms = MAX_CASE_CHARS, {}
    for place, (number, text) in enumerate(
        sorted(enumerate(one for _, one in case.fields), key=lambda one: len(one[1]))
    ):
        rooms[number] = min(len(text), left // (len(case.fields) - place))
        left -= rooms[number]
    parts = (
        f"{name}: {shortened(text, max(rooms[number], 20))}"
        for number, (name, text) in enumerate(case.fields)
        if text
    )
    return " · ".join(parts)


def _case_awaits(case: BoundaryCase, withheld: Withheld) -> bool:
    return withheld.holds([case.text]) or withheld.holds(case.text.splitlines())


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _pairs(facts: GuidelineFacts) -> list[dict[str, Any]]:
    known = {definition.name: definition for definition in facts.task.definitions}
    return [_pair(pair, facts.task, known) for pair in facts.pairs[:MAX_PAIRS]]


def _pair(pair: ConfusablePair, task: Task, known: Mapping[str, LabelDefinition]) -> dict[str, Any]:
    def named(label: str) -> str:
        return label if label in known or not label else task.show(label)

    sides: Sequence[LabelDefinition] = [known[one] for one in (pair.label, pair.other) if one in known]
    return {
        "label": named(pair.label),
        "other": named(pair.other),
        "count": pair.count,
        "apart": [
            {"label": side.name, "not_when": side.not_when} for side in sides if visible(side.not_when)
        ],
    }


def _agreement(facts: GuidelineFacts) -> dict[str, Any] | None:
    found = facts.agreement
    return None if found is None else {"several": found.items, "equal": found.equal, "alpha": found.alpha}


def _change(change: Change, withheld: Withheld) -> dict[str, Any]:
    """A change as it may be told: a rule or case that quotes an item under review is not."""
    quoted = change.kind in {"rule_added", "rule_removed", "case_changed"}
    if quoted and any(withheld.is_quoted_in(text) for text in (change.name, change.before, change.after)):
        return vars(Change("withheld"))
    return vars(change)
